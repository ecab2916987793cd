/// The service integrations that AWS has made for Step Functions, by service (AWS, "Integrating optimized services").
/// Every other action of AWS goes through `aws-sdk:SERVICE:ACTION`.
enum OptimizedIntegrations {
    struct Service {
        let actions: Set<String>
        /// The suffixes that at least one action takes.
        let patterns: Set<Resource.Pattern>

        init(_ actions: Set<String>, _ patterns: Set<Resource.Pattern> = []) {
            self.actions = actions
            self.patterns = patterns.union([.requestResponse])
        }
    }

    static let services: [String: Service] = [
        "apigateway": Service(["invoke"], [.waitForTaskToken]),
        "athena": Service(
            ["startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"], [.sync]),
        "batch": Service(["submitJob"], [.sync]),
        "bedrock": Service(["invokeModel", "createModelCustomizationJob"], [.sync, .waitForTaskToken]),
        "dynamodb": Service(["getItem", "putItem", "deleteItem", "updateItem"]),
        "ecs": Service(["runTask"], [.sync, .waitForTaskToken]),
        "events": Service(["putEvents"], [.waitForTaskToken]),
        "http": Service(["invoke"]),
        "lambda": Service(["invoke"], [.waitForTaskToken]),
        "sns": Service(["publish"], [.waitForTaskToken]),
        "sqs": Service(["sendMessage"], [.waitForTaskToken]),
        "states": Service(["startExecution"], [.sync, .sync2, .waitForTaskToken]),
    ]

    /// Why AWS does not know this integration; nil for services outside the table.
    static func fault(service: String, action: String, pattern: Resource.Pattern) -> String? {
        if service.hasPrefix("aws-sdk:") {
            guard [.sync, .sync2].contains(pattern) else { return nil }
            return "'\(pattern.rawValue)' does not work with aws-sdk integrations"
        }
        guard let known = services[service] else { return nil }
        guard known.actions.contains(action) else {
            let similar = closest(to: action, among: known.actions.sorted()).map { "; did you mean '\($0)'?" }
            return "'\(service)' has no action '\(action)'" + (similar ?? "; try aws-sdk:\(service):\(action)")
        }
        guard known.patterns.contains(pattern) else {
            return "'\(pattern.rawValue)' does not work with '\(service):\(action)'"
        }
        return nil
    }
}
