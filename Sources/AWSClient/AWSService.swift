/// What the client has to know of a service to call any of its actions.
package struct AWSService: Sendable, Equatable {
    /// How requests and answers look.
    package enum Wire: Sendable, Equatable {
        /// Form fields one way, XML the other.
        case query(version: String)
        /// JSON both ways; the action is named in `X-Amz-Target` after the prefix.
        case json(version: String, targetPrefix: String)
        /// Methods and paths of its own: called with `send` only.
        case rest
    }

    /// The endpoint prefix by which callers name it, such as `states`.
    package let name: String
    /// AWS's service identifier, as in `AWS_ENDPOINT_URL_<ID>`, such as `SFN`.
    package let identifier: String
    /// The first part of its host name.
    package let hostPrefix: String
    package let signingName: String
    package let wire: Wire

    /// Nil for a service that the client does not speak.
    package static func named(_ name: String) -> AWSService? { table[name] }

    /// The names of all services, sorted.
    package static var names: [String] { table.keys.sorted() }

    private static let table: [String: AWSService] = {
        let services = [
            query("iam", "IAM", "2010-05-08"),
            query("sns", "SNS", "2010-03-31"),
            query("sts", "STS", "2011-06-15"),

            json("athena", "ATHENA", "1.1", "AmazonAthena"),
            json("budgets", "BUDGETS", "1.1", "AWSBudgetServiceGateway"),
            json("ce", "COST_EXPLORER", "1.1", "AWSInsightsIndexService"),
            json("cloudtrail", "CLOUDTRAIL", "1.1", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"),
            json("codebuild", "CODEBUILD", "1.1", "CodeBuild_20161006"),
            json("dynamodb", "DYNAMODB", "1.0", "DynamoDB_20120810"),
            json("ecs", "ECS", "1.1", "AmazonEC2ContainerServiceV20141113"),
            json("events", "EVENTBRIDGE", "1.1", "AWSEvents"),
            json("firehose", "FIREHOSE", "1.1", "Firehose_20150804"),
            json("glue", "GLUE", "1.1", "AWSGlue"),
            json("kinesis", "KINESIS", "1.1", "Kinesis_20131202"),
            json("kms", "KMS", "1.1", "TrentService"),
            json("logs", "CLOUDWATCH_LOGS", "1.1", "Logs_20140328"),
            json("monitoring", "CLOUDWATCH", "1.0", "GraniteServiceVersion20100801"),
            json("organizations", "ORGANIZATIONS", "1.1", "AWSOrganizationsV20161128"),
            json("pricing", "PRICING", "1.1", "AWSPriceListService", host: "api.pricing"),
            json("sagemaker", "SAGEMAKER", "1.1", "SageMaker", host: "api.sagemaker"),
            json("secretsmanager", "SECRETS_MANAGER", "1.1", "secretsmanager"),
            json("sqs", "SQS", "1.0", "AmazonSQS"),
            json("ssm", "SSM", "1.1", "AmazonSSM"),
            json("states", "SFN", "1.0", "AWSStepFunctions"),
            json("tagging", "RESOURCE_GROUPS_TAGGING_API", "1.1", "ResourceGroupsTaggingAPI_20170126"),

            rest("batch", "BATCH"),
            rest("bedrock", "BEDROCK"),
            rest("bedrock-runtime", "BEDROCK_RUNTIME", signingName: "bedrock"),
            rest("email", "SESV2", signingName: "ses"),
            rest("lambda", "LAMBDA"),
            rest("s3", "S3"),
            rest("scheduler", "SCHEDULER"),
        ]
        return Dictionary(uniqueKeysWithValues: services.map { ($0.name, $0) })
    }()

    private static func query(_ name: String, _ identifier: String, _ version: String) -> AWSService {
        AWSService(
            name: name, identifier: identifier, hostPrefix: name, signingName: name, wire: .query(version: version))
    }

    private static func json(
        _ name: String, _ identifier: String, _ version: String, _ targetPrefix: String, host: String? = nil
    ) -> AWSService {
        AWSService(
            name: name, identifier: identifier, hostPrefix: host ?? name, signingName: name,
            wire: .json(version: version, targetPrefix: targetPrefix))
    }

    private static func rest(_ name: String, _ identifier: String, signingName: String? = nil) -> AWSService {
        AWSService(
            name: name, identifier: identifier, hostPrefix: name, signingName: signingName ?? name, wire: .rest)
    }
}
