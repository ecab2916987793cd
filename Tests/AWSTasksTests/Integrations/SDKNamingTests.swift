import JSONModel
import Testing

@testable import AWSTasks

/// The spelling of the AWS SDK for Java.
@Suite struct SDKNamingTests {
    @Test(arguments: [
        ("executionArn", "ExecutionArn"), ("ARN", "Arn"), ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("ETag", "ETag"), ("ChecksumCRC32", "ChecksumCRC32"), ("SSEKMSKeyId", "SsekmsKeyId"),
        ("MD5OfMessageBody", "Md5OfMessageBody"), ("SAMLProviderArn", "SamlProviderArn"), ("BOOL", "Bool"), ("S", "S"),
        ("", ""),
    ])
    func members(_ own: String, _ shown: String) { #expect(SDKNaming.member(own) == shown) }

    @Test(arguments: [
        ("NoSuchKey", "NoSuchKeyException"), ("ResourceNotFoundException", "ResourceNotFoundException"),
        ("KMSInternalException", "KmsInternalException"), ("EC2ThrottledException", "Ec2ThrottledException"),
        ("InternalServerError", "InternalServerErrorException"), ("InternalServiceFault", "InternalServiceException"),
        ("QueueDoesNotExist", "QueueDoesNotExistException"), ("NotFound", "NotFoundException"),
    ])
    func exceptionsOfVersion2(_ code: String, _ name: String) { #expect(SDKNaming.exception2(code) == name) }

    @Test(arguments: [
        ("NotFound", "NotFoundException"), ("KMSDisabledException", "KMSDisabledException"),
        ("InternalServerError", "InternalServerErrorException"),
    ])
    func exceptionsOfVersion1(_ code: String, _ name: String) { #expect(SDKNaming.exception(code) == name) }

    /// What a state gives, what the service gets, and the way back.
    @Test(
        arguments: [
            (
                "cloudwatchlogs",
                #"{"LogGroupName":"g","Tags":{"Team":"a"},"LogEvents":[{"Message":{"a":1},"Timestamp":5}]}"#,
                #"{"logGroupName":"g","tags":{"Team":"a"},"logEvents":[{"message":"{\"a\":1}","timestamp":5}]}"#
            ),
            (
                "dynamodb", #"{"Item":{"BOOL":{"Bool":true},"SS":{"Ss":["a"]},"m":{"M":{"NS":{"Ns":["1"]}}}}}"#,
                #"{"Item":{"BOOL":{"BOOL":true},"SS":{"SS":["a"]},"m":{"M":{"NS":{"NS":["1"]}}}}}"#
            ),
            ("dynamodb", #"{"Item":{"a":{"BOOL":true}},"Nothing":null}"#, #"{"Item":{"a":{"BOOL":true}}}"#),
            ("dynamodb", #"{"ExportTime":"2026-11-26T00:00:00.5Z"}"#, #"{"ExportTime":1795651200.5}"#),
            ("kinesis", #"{"Data":{"a":1}}"#, #"{"Data":"eyJhIjoxfQ=="}"#),
            ("secretsmanager", #"{"SecretString":{"user":"u"}}"#, #"{"SecretString":"{\"user\":\"u\"}"}"#),
            ("ssm", #"{"Value":{"a":[1]}}"#, #"{"Value":"{\"a\":[1]}"}"#),
            (
                "iam", #"{"SamlMetadataDocument":"x","PolicyDocument":{"Version":"1"}}"#,
                #"{"SAMLMetadataDocument":"x","PolicyDocument":"{\"Version\":\"1\"}"}"#
            ),
        ])
    func requests(_ name: String, _ given: String, _ sent: String) throws {
        let service = try #require(SDKService.named(name))
        let input = try #require(try JSONValue(parsing: Array(given.utf8)).objectValue)

        #expect(JSONValue.object(service.request(input)).jsonString == sent)
    }

    @Test(
        arguments: [
            (
                "secretsmanager", #"{"ARN":"a","CreatedDate":1523477145.713,"VersionStages":["AWSCURRENT"]}"#,
                #"{"Arn":"a","CreatedDate":"2018-04-11T20:05:45.713Z","VersionStages":["AWSCURRENT"]}"#
            ),
            ("ssm", #"{"Parameter":{"ARN":"a","Value":"c"}}"#, #"{"Parameter":{"Arn":"a","Value":"c"}}"#),
            (
                "kms", #"{"KeyMetadata":{"AWSAccountId":"1","CreationDate":1.7e9}}"#,
                #"{"KeyMetadata":{"AwsAccountId":"1","CreationDate":"2023-11-14T22:13:20Z"}}"#
            ),
            (
                "cloudwatchlogs", #"{"logGroups":[{"creationTime":5,"arn":"a"}]}"#,
                #"{"LogGroups":[{"CreationTime":5,"Arn":"a"}]}"#
            ),
            ("dynamodb", #"{"Items":[{"aRN":{"BOOL":true}}]}"#, #"{"Items":[{"aRN":{"Bool":true}}]}"#),
            ("dynamodb", #"{"Responses":{"t":[{"kEY":{"S":"x"}}]}}"#, #"{"Responses":{"t":[{"kEY":{"S":"x"}}]}}"#),
            (
                "kinesis", #"{"Records":[{"Data":"eyJhIjoxfQ==","ApproximateArrivalTimestamp":1.5}]}"#,
                #"{"Records":[{"Data":"{\"a\":1}","ApproximateArrivalTimestamp":"1970-01-01T00:00:01.500Z"}]}"#
            ),
        ])
    func answers(_ name: String, _ came: String, _ shown: String) throws {
        let service = try #require(SDKService.named(name))

        #expect(service.answer(try JSONValue(parsing: Array(came.utf8))).jsonString == shown)
    }

    /// What an answer shows, a request may say.
    @Test(arguments: SDKService.all.map(\.name)) func namesGoBothWays(_ name: String) throws {
        let service = try #require(SDKService.named(name))
        for own in service.ownNames.values {
            let sent: JSONValue = [own: 1]
            let shown = try #require(service.answer(sent).objectValue)
            #expect(JSONValue.object(service.request(shown)) == sent)
        }
    }

    /// Every service of the table is one that the client speaks, once.
    @Test func theTableIsSound() {
        for service in SDKService.all {
            #expect(AWSServiceNames.all.contains(service.client), "\(service.name)")
            #expect(SDKService.all.filter { $0.name == service.name }.count == 1)
        }
    }
}
