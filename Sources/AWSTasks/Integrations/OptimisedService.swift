import AWSClient
import Engine
import Interpreter
import JSONModel
import StatesLanguage
import WallTime

/// The integrations that AWS has made for Step Functions, as far as this client speaks them: what is special about their
/// requests, and how their answers look.
struct OptimisedService: Sendable {
    /// As in the names of errors.
    let title: String
    /// As in causes.
    let fullName: String
    /// As in the service's general exception.
    let product: String
    /// By which `AWSClient` knows it.
    let client: String
    let actions: Set<String>

    static let lambda = OptimisedService(
        title: "Lambda", fullName: "AWSLambda", product: "AWSLambda", client: "lambda", actions: ["invoke"])

    /// By the service's name in the ARN.
    static let named: [String: OptimisedService] = [
        "dynamodb": OptimisedService(
            title: "DynamoDB", fullName: "AmazonDynamoDBv2", product: "AmazonDynamoDB", client: "dynamodb",
            actions: ["getItem", "putItem", "updateItem", "deleteItem"]),
        "events": OptimisedService(
            title: "EventBridge", fullName: "AmazonEventBridge", product: "AmazonEventBridge", client: "events",
            actions: ["putEvents"]),
        "lambda": lambda,
        "sns": OptimisedService(
            title: "SNS", fullName: "AmazonSNS", product: "AmazonSNS", client: "sns", actions: ["publish"]),
        "sqs": OptimisedService(
            title: "SQS", fullName: "AmazonSQS", product: "AmazonSQS", client: "sqs", actions: ["sendMessage"]),
    ]

    /// Calls an action.
    /// - Parameter action: as in the ARN, such as `putItem`.
    func perform(
        _ action: String, _ input: JSONObject, _ context: TaskContext, _ client: AWSClient
    ) async throws(TaskFailure) -> JSONValue {
        let request = request(input, context)
        let answer: (result: JSONValue, response: HTTPResponse)
        do {
            answer = try await client.exchange(self.client, action.prefix(1).uppercased() + action.dropFirst(), request)
        } catch {
            throw TaskFailure(optimised: error, self)
        }
        if self.client == "events", let failed = answer.result["FailedEntryCount"]?.intValue, failed > 0 {
            throw TaskFailure(error: "EventBridge.FailedEntry", cause: Self.sorted(answer.result).jsonString)
        }
        return Self.output(answer.result.objectValue ?? [:], answer.response)
    }

    /// Where AWS takes a text, a state may give any value: its JSON is sent.
    private func request(_ input: JSONObject, _ context: TaskContext) -> JSONObject {
        var request = JSONObject(input.filter { !$1.isNull }.map { ($0, $1) })
        switch client {
        case "sns": request["Message"] = request["Message"].map(Self.text)
        case "sqs": request["MessageBody"] = request["MessageBody"].map(Self.text)
        case "events":
            guard let entries = request["Entries"]?.arrayValue else { break }
            request["Entries"] = .array(entries.map { Self.event($0, context) })
        default: break
        }
        return request
    }

    /// Step Functions adds itself to what an event is about (AWS, "Add EventBridge events with Step Functions").
    private static func event(_ entry: JSONValue, _ context: TaskContext) -> JSONValue {
        guard var entry = entry.objectValue else { return entry }
        entry["Detail"] = entry["Detail"].map(text)
        if let time = entry["Time"]?.stringValue.flatMap(Instant.init(iso8601:)) {
            entry["Time"] = .int(time.milliseconds / 1000)
        }
        let given = entry["Resources"]?.arrayValue ?? []
        entry["Resources"] = .array(given + context.origins.map(JSONValue.string))
        return .object(entry)
    }

    private static func text(_ value: JSONValue) -> JSONValue {
        value.stringValue == nil ? .string(value.jsonString) : value
    }

    // MARK: Answers

    /// The result with what the SDK's version 1 knows of the answer, by name.
    static func output(_ result: JSONObject, _ response: HTTPResponse) -> JSONValue {
        var output = result
        output["SdkHttpMetadata"] = httpMetadata(response)
        let id = response.header("x-amzn-requestid") ?? response.header("x-amz-request-id")
        output["SdkResponseMetadata"] = .object(JSONObject([("RequestId", .string(id ?? "n/a"))]))
        return sorted(.object(output), levels: 1)
    }

    private static func httpMetadata(_ response: HTTPResponse) -> JSONValue {
        var all = JSONObject()
        var last = JSONObject()
        for (name, value) in response.headers.sorted(by: { $0.name < $1.name }) {
            all[name] = .array((all[name]?.arrayValue ?? []) + [.string(value)])
            last[name] = .string(value)
        }
        return [
            "AllHttpHeaders": .object(all), "HttpHeaders": .object(last),
            "HttpStatusCode": .int(Int64(response.status)),
        ]
    }

    /// Members by name, as AWS writes them, down to some level.
    static func sorted(_ value: JSONValue, levels: Int = .max) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map { sorted($0, levels: levels) })
        case .object(let object) where levels > 0:
            .object(JSONObject(object.sorted { $0.0 < $1.0 }.map { ($0, sorted($1, levels: levels - 1)) }))
        default: value
        }
    }
}

extension TaskContext {
    /// The state machine and the execution, by ARN.
    fileprivate var origins: [String] {
        // arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME
        var parts = executionARN.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 8, ["execution", "express"].contains(parts[5]) else { return [] }
        parts[5] = "stateMachine"
        return [parts[..<7].joined(separator: ":"), executionARN]
    }
}
