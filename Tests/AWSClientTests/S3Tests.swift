import Foundation
import JSONModel
import TestKit
import Testing
import WallTime

@testable import AWSClient

/// S3's operations on the wire, without a server.
@Suite struct S3Tests {
    private func client(_ fake: FakeTransport, endpoint: String? = nil) throws -> AWSClient {
        AWSClient(
            configuration: try AWSConfiguration(region: "eu-west-1", endpointURL: endpoint),
            credentials: .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")),
            transport: fake.transport, clock: VirtualTime().clock, randomFraction: { 0 })
    }

    private func sent(
        _ action: String, _ parameters: JSONObject, body: [UInt8] = [], endpoint: String? = nil
    ) async throws -> HTTPRequest {
        let fake = FakeTransport(answers: [HTTPResponse(status: 200, body: Array("<A/>".utf8))])
        _ = try await client(fake, endpoint: endpoint).callS3(action, parameters, body: body)
        return try #require(fake.requests.first)
    }

    private func error(
        _ action: String, _ answer: HTTPResponse, _ parameters: JSONObject = ["Bucket": "bucket", "Key": "key"]
    ) async throws -> AWSError? {
        let client = try client(FakeTransport(answers: [answer]))
        return await #expect(throws: AWSError.self) { try await client.callS3(action, parameters) }
    }

    // MARK: Addresses

    @Test(
        arguments: [
            ("my-bucket", "a/b c+ñ%.txt", nil, "https://my-bucket.s3.eu-west-1.amazonaws.com/a/b%20c%2B%C3%B1%25.txt"),
            ("my.bucket", "key", nil, "https://s3.eu-west-1.amazonaws.com/my.bucket/key"),
            ("Old_Bucket", "key", nil, "https://s3.eu-west-1.amazonaws.com/Old_Bucket/key"),
            ("my-bucket", "/a//../b", nil, "https://my-bucket.s3.eu-west-1.amazonaws.com//a//../b"),
            ("my-bucket", "key", "http://127.0.0.1:9000", "http://127.0.0.1:9000/my-bucket/key"),
            ("my-bucket", "key", "https://host/base/", "https://host/base/my-bucket/key"),
        ] as [(String, String, String?, String)])
    func bucketsStandInTheHostWhereTheyCan(
        _ bucket: String, _ key: String, _ endpoint: String?, _ url: String
    ) async throws {
        let request = try await sent("GetObject", ["Bucket": .string(bucket), "Key": .string(key)], endpoint: endpoint)

        #expect(request.url == url)
    }

    @Test(
        arguments: [
            ["Bucket": "bucket", "Key": ""], ["Bucket": "bucket"], ["Key": "key"], ["Bucket": "a/b", "Key": "key"],
            ["Bucket": "..", "Key": "key"], ["Bucket": "arn:aws:s3:eu-west-1:1:accesspoint/x", "Key": "key"],
            ["Bucket": "b.evil.example/", "Key": "key"], ["Bucket": "bucket", "Key": "key", "Colour": "red"],
            ["Bucket": "bucket", "Key": "key", "IfMatch": "a\r\nX-Evil: 1"],
            ["Bucket": "bucket", "Key": "key", "IfModifiedSince": "yesterday"],
            ["Bucket": "bucket", "Key": "key", "Range": ["a"]],
        ] as [JSONObject]) func whatIsNoRequestIsNotSent(_ parameters: JSONObject) async throws
    {
        let fake = FakeTransport(answers: [HTTPResponse(status: 200)])
        let client = try client(fake)

        let error = await #expect(throws: AWSError.self) { try await client.callS3("GetObject", parameters) }

        #expect(error?.code == "Client.InvalidRequest")
        #expect(fake.requests.isEmpty)
    }

    // MARK: Requests

    @Test func membersBecomeHeadersAndQuery() async throws {
        let request = try await sent(
            "GetObject",
            [
                "Bucket": "bucket", "Key": "key", "Range": "bytes=0-9", "VersionId": "v 1", "PartNumber": 2,
                "IfModifiedSince": "2026-11-20T10:15:42Z", "IfMatch": .null,
            ])

        #expect(request.url.hasSuffix("/key?partNumber=2&versionId=v%201"))
        #expect(request.header("Range") == "bytes=0-9")
        #expect(request.header("If-Modified-Since") == "Fri, 20 Nov 2026 10:15:42 GMT")
        #expect(request.header("If-Match") == nil)
        #expect(request.header("Authorization")?.contains("/eu-west-1/s3/aws4_request") == true)
        #expect(request.header("x-amz-content-sha256") == hexadecimal(sha256([])))
    }

    /// CRC-32 of these bytes as AWS recorded it for the same object.
    @Test func objectsAreSentWithAChecksum() async throws {
        let parameters: JSONObject = ["Bucket": "bucket", "Key": "key", "Metadata": ["Colour": "red"]]
        let request = try await sent("PutObject", parameters, body: Array("\"text data\"".utf8))
        let own = try await sent(
            "PutObject", ["Bucket": "bucket", "Key": "key", "ChecksumSHA1": "x="], body: [1])

        #expect(request.method == "PUT")
        #expect(request.header("x-amz-checksum-crc32") == "KUmHvQ==")
        #expect(request.header("x-amz-sdk-checksum-algorithm") == "CRC32")
        #expect(request.header("x-amz-meta-Colour") == "red")
        #expect(own.header("x-amz-checksum-crc32") == nil)
    }

    @Test func bucketsAreCreatedInTheClientsRegion() async throws {
        let request = try await sent("CreateBucket", ["Bucket": "bucket"])

        #expect(request.url == "https://bucket.s3.eu-west-1.amazonaws.com/")
        #expect(request.bodyText.contains("<LocationConstraint>eu-west-1</LocationConstraint>"))
    }

    // MARK: Answers

    @Test func headersBecomeMembers() async throws {
        let answer = HTTPResponse(
            status: 200,
            headers: [
                ("Last-Modified", "Fri, 20 Nov 2026 10:15:42 GMT"), ("Content-Length", "3"), ("ETag", "\"e\""),
                ("x-amz-meta-Colour", "red"), ("x-amz-delete-marker", "true"), ("Server", "AmazonS3"),
            ], body: Array("abc".utf8))

        let got = try await client(FakeTransport(answers: [answer])).callS3(
            "GetObject", ["Bucket": "bucket", "Key": "key"])

        #expect(
            got.members == [
                "LastModified": "2026-11-20T10:15:42Z", "ContentLength": 3, "ETag": "\"e\"",
                "Metadata": ["colour": "red"], "DeleteMarker": true,
            ])
        #expect(got.body == Array("abc".utf8))
    }

    @Test func listingsAreDecoded() async throws {
        let xml = """
            <?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
            <Name>bucket</Name><Prefix>a+b</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys>\
            <EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>\
            <Contents><Key>a+b%2Bc%01</Key><LastModified>2026-11-20T10:15:42.000Z</LastModified><ETag>&quot;e&quot;</ETag>\
            <Size>7</Size></Contents><Contents><Key>100%25</Key></Contents>\
            <CommonPrefixes><Prefix>x%2F</Prefix></CommonPrefixes></ListBucketResult>
            """
        let fake = FakeTransport(answers: [HTTPResponse(status: 200, body: Array(xml.utf8))])

        let got = try await client(fake).callS3("ListObjectsV2", ["Bucket": "bucket", "Prefix": "a b"])

        #expect(fake.requests[0].url.hasSuffix("/?encoding-type=url&list-type=2&prefix=a%20b"))
        #expect(got.members["Prefix"] == "a b")
        #expect(got.members["KeyCount"] == 2)
        #expect(
            got.members["Contents"] == [
                [
                    "Key": "a b+c\u{1}", "LastModified": "2026-11-20T10:15:42Z", "ETag": "\"e\"", "Size": 7,
                ], ["Key": "100%"],
            ])
        #expect(got.members["CommonPrefixes"] == [["Prefix": "x/"]])
    }

    // MARK: Errors

    @Test func errorsHaveTheCodesOfS3() async throws {
        let xml = """
            <Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><RequestId>R1</RequestId>\
            <HostId>H1</HostId></Error>
            """
        let error = try await error(
            "GetObject", HTTPResponse(status: 404, headers: [("x-amz-id-2", "H1=")], body: Array(xml.utf8)))

        #expect(error?.code == "NoSuchKey")
        #expect(error?.requestID == "R1")
        #expect(error?.extendedRequestID == "H1=")
        #expect(try await self.error("HeadObject", HTTPResponse(status: 404))?.code == "NoSuchKey")
        #expect(
            try await self.error("HeadBucket", HTTPResponse(status: 404), ["Bucket": "bucket"])?.code == "NoSuchBucket")
        #expect(try await self.error("GetObject", HTTPResponse(status: 304))?.code == "NotModified")
    }

    @Test(arguments: [
        HTTPResponse(
            status: 301, headers: [("x-amz-bucket-region", "us-west-2")],
            body: Array("<Error><Code>PermanentRedirect</Code><Message>Elsewhere</Message></Error>".utf8)),
        HTTPResponse(status: 301, headers: [("x-amz-bucket-region", "us-west-2")]),
        HTTPResponse(
            status: 400,
            body: Array(
                "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>".utf8)),
    ]) func aBucketElsewhereIsNamedWithItsRegion(_ answer: HTTPResponse) async throws {
        let error = try await error("GetObject", answer)

        #expect(
            error?.message == "The bucket is in this region: us-west-2. Please use this region to retry the request")
    }

    /// S3 begins to answer before it has copied.
    @Test func aCopyThatFailedLateIsAnError() async throws {
        let answer = HTTPResponse(
            status: 200, body: Array("<Error><Code>InternalError</Code><Message>Sorry</Message></Error>".utf8))

        let error = try await error("CopyObject", answer, ["Bucket": "bucket", "Key": "k", "CopySource": "a/b"])

        #expect(error?.code == "InternalError")
    }

    // MARK: The table

    /// Every member stands where botocore's model of S3 has it, and none is missing.
    @Test(.enabled(if: Python.canImport("botocore"))) func membersAreThoseOfBotocore() async throws {
        let script = """
            import json, botocore.loaders
            model = botocore.loaders.Loader().load_service_model("s3", "service-2")
            def members(shape, places):
                found = model["shapes"][shape]["members"] if shape else {}
                return {n: m.get("locationName", n) for n, m in found.items() if m.get("location") in places}
            print(json.dumps({name: {
                "method": o["http"]["method"],
                "query": members(o.get("input", {}).get("shape"), ["querystring"]),
                "headers": members(o.get("input", {}).get("shape"), ["header"]),
                "answer": members(o.get("output", {}).get("shape"), ["header"]),
            } for name, o in model["operations"].items()}))
            """
        let model = try JSONValue(parsing: Array(try await Python.output(["-c", script])))
        for name in S3Operation.names {
            let operation = try #require(S3Operation.named(name))
            let expected = try #require(model[name])
            #expect(expected["method"]?.stringValue == operation.method)
            for (place, known) in [
                ("query", operation.queryMembers), ("headers", operation.headerMembers),
                ("answer", operation.answerMembers),
            ] {
                let theirs = try #require(expected[place]?.objectValue)
                // A newer or older botocore may know a few more or fewer.
                #expect(Set(known).symmetricDifference(theirs.keys).count <= 8, "\(name), \(place)")
                for (member, wire) in theirs where known.contains(member) && member != "ChecksumAlgorithm" {
                    let ours = place == "query" ? S3Members.queryNames[member] : S3Members.headers[member]
                    #expect(ours?.lowercased() == wire.stringValue?.lowercased(), "\(name).\(member)")
                }
            }
        }
    }
}
