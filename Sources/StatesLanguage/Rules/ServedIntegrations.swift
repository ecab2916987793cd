/// What Steward carries out of AWS's integrations. The code that does so stands above this target; its tests compare it
/// with these names.
package enum ServedIntegrations {
    /// The integrations that AWS has made for Step Functions: actions by service.
    package static let optimized: [String: Set<String>] = [
        "dynamodb": ["deleteItem", "getItem", "putItem", "updateItem"],
        "events": ["putEvents"],
        "http": ["invoke"],
        "lambda": ["invoke"],
        "sns": ["publish"],
        "sqs": ["sendMessage"],
        "states": ["startExecution"],
    ]

    /// `aws-sdk` services.
    package static let sdk: Set<String> = [
        "athena", "cloudtrail", "cloudwatch", "cloudwatchlogs", "codebuild", "costexplorer", "dynamodb", "ecs",
        "eventbridge", "firehose", "glue", "iam", "kinesis", "kms", "lambda", "pricing", "resourcegroupstaggingapi",
        "s3", "secretsmanager", "sfn", "sns", "sqs", "ssm", "sts",
    ]

    /// The actions of those `aws-sdk` services that are not served whole.
    package static let sdkActions: [String: Set<String>] = [
        "lambda": ["invoke"],
        "s3": [
            "copyObject", "createBucket", "deleteBucket", "deleteObject", "getObject", "headBucket", "headObject",
            "listBuckets", "listObjectsV2", "putObject",
        ],
    ]

    static let sdkPrefix = "aws-sdk:"

    /// Whether the action is carried out; an action's first letter counts as small, as it does when it is called.
    static func serve(service: String, action: String) -> Bool {
        guard service.hasPrefix(sdkPrefix) else { return optimized[service]?.contains(action) == true }
        let name = String(service.dropFirst(sdkPrefix.count))
        return sdk.contains(name) && sdkActions[name]?.contains(lowerCamel(action)) != false
    }

    /// What to write instead of a resource that is not served.
    static func hint(service: String, action: String, pattern: Resource.Pattern) -> String {
        if service.hasPrefix(sdkPrefix) {
            let near = sdkName(near: String(service.dropFirst(sdkPrefix.count)), action)
            return near.map { "did you mean '\($0)'?" } ?? elsewhere
        }
        let whole = optimized.flatMap { service, actions in actions.map { "\(service):\($0)" } }.sorted()
        if OptimizedIntegrations.services[service] == nil, let near = closest(to: "\(service):\(action)", among: whole)
        {
            return "did you mean '\(near)'?"
        }
        guard let near = sdkName(of: sdkTwins[service] ?? service, action) else { return elsewhere }
        let waits = pattern == .sync || pattern == .sync2
        return waits ? "'\(near)' starts the job, and does not wait for its end" : "'\(near)' is served"
    }

    private static let elsewhere =
        "a Lambda function or the worker of an activity can make the call; docs/yaml-reference.md lists what is served"

    /// Services that have another name in the SDK.
    private static let sdkTwins = ["events": "eventbridge", "states": "sfn"]

    /// The nearest served resource of the SDK.
    private static func sdkName(near service: String, _ action: String) -> String? {
        if let name = sdkName(of: service, action) { return name }
        return closest(to: service, among: sdk.sorted()).flatMap { sdkName(of: $0, action) }
    }

    private static func sdkName(of service: String, _ action: String) -> String? {
        guard sdk.contains(service) else { return nil }
        let action = lowerCamel(action)
        guard let actions = sdkActions[service], !actions.contains(action) else {
            return "\(sdkPrefix)\(service):\(action)"
        }
        return closest(to: action, among: actions.sorted()).map { "\(sdkPrefix)\(service):\($0)" }
    }

    private static func lowerCamel(_ action: String) -> String { action.prefix(1).lowercased() + action.dropFirst() }
}
