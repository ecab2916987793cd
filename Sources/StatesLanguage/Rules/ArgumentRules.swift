import JSONModel

/// Members without which a resource always fails, where the arguments are written out (the services' API references).
enum ArgumentRules {
    /// By resource: of each group, one member has to be there.
    private static let required: [String: [[String]]] = {
        let item = [["TableName"], ["Key"]]
        let publish = [["TopicArn", "TargetArn", "PhoneNumber"], ["Message"]]
        let sendMessage = [["QueueUrl"], ["MessageBody"]]
        let startExecution = [["StateMachineArn"]]
        let object = [["Bucket"], ["Key"]]
        return [
            "dynamodb:deleteItem": item, "dynamodb:getItem": item, "dynamodb:updateItem": item,
            "dynamodb:putItem": [["TableName"], ["Item"]],
            "events:putEvents": [["Entries"]],
            "http:invoke": [["ApiEndpoint"], ["Method"], ["Authentication", "InvocationConfig"]],
            "lambda:invoke": [["FunctionName"]],
            "sns:publish": publish, "sqs:sendMessage": sendMessage, "states:startExecution": startExecution,

            "aws-sdk:dynamodb:deleteItem": item, "aws-sdk:dynamodb:getItem": item,
            "aws-sdk:dynamodb:updateItem": item, "aws-sdk:dynamodb:putItem": [["TableName"], ["Item"]],
            "aws-sdk:dynamodb:query": [["TableName"]], "aws-sdk:dynamodb:scan": [["TableName"]],
            "aws-sdk:eventbridge:putEvents": [["Entries"]],
            "aws-sdk:lambda:invoke": [["FunctionName"]],
            "aws-sdk:s3:copyObject": object + [["CopySource"]], "aws-sdk:s3:createBucket": [["Bucket"]],
            "aws-sdk:s3:deleteBucket": [["Bucket"]], "aws-sdk:s3:deleteObject": object,
            "aws-sdk:s3:getObject": object, "aws-sdk:s3:headBucket": [["Bucket"]], "aws-sdk:s3:headObject": object,
            "aws-sdk:s3:listObjectsV2": [["Bucket"]], "aws-sdk:s3:putObject": object,
            "aws-sdk:secretsmanager:getSecretValue": [["SecretId"]],
            "aws-sdk:sfn:startExecution": startExecution,
            "aws-sdk:sns:publish": publish, "aws-sdk:sqs:sendMessage": sendMessage,
            "aws-sdk:ssm:getParameter": [["Name"]],

            // A distributed Map's data.
            "s3:getObject": object, "s3:listObjectsV2": [["Bucket"]], "s3:putObject": [["Bucket"]],
        ]
    }()

    static func check(_ state: DefinitionOutline.StateOutline, findings: Findings) {
        if state.type == .task { check(state.object, at: state.path, findings: findings) }
        guard state.type == .map else { return }
        for field in ["ItemReader", "ResultWriter"] {
            guard let object = state.object[field]?.objectValue else { continue }
            check(object, at: pointer(state.path, field), findings: findings)
        }
    }

    /// - Parameter object: has `Resource`, and `Parameters` or `Arguments`. Without those the input takes their place.
    private static func check(_ object: JSONObject, at path: String, findings: Findings) {
        guard let text = object["Resource"]?.stringValue,
            case .integration(let service, let action) =
                Resource(parsing: text).kind, let groups = required["\(service):\(action)"]
        else { return }
        for field in ["Parameters", "Arguments"] {
            guard let given = object[field]?.objectValue, !given.keys.contains(where: isFilledIn) else { continue }
            let names = Set(
                given.keys.map { field == "Parameters" && $0.hasSuffix(".$") ? String($0.dropLast(2)) : $0 })
            let missing = groups.filter(names.isDisjoint)
            guard let first = missing.first else { continue }
            let similar = closest(to: first[0], among: names.subtracting(groups.joined()).sorted())
            findings.reportKey(
                .missingArgument, at: pointer(path, field),
                "'\(field)' lacks \(missing.map(listed).joined(separator: ", and ")), which '\(service):\(action)' needs",
                hint: similar.map { "did you mean that by '\($0)'?" }
                    ?? (field == "Parameters"
                        ? "write '\(first[0])' with a value, or '\(first[0]).$' with a path"
                        : "write '\(first[0])' with a value or an expression"))
        }
    }

    private static func listed(_ group: [String]) -> String { group.map { "'\($0)'" }.joined(separator: " or ") }

    /// Members that CloudFormation makes before AWS sees them.
    private static func isFilledIn(_ key: String) -> Bool {
        key.contains("${") || key.hasPrefix("Fn::") || key == "Ref"
    }
}
