package import AWSClient
package import JSONModel

/// The Step Functions API that a worker works for: another Steward, or AWS.
package struct ActivityEndpoint: Sendable {
    package typealias Call = @Sendable (_ operation: String, JSONObject) async throws(AWSError) -> JSONValue

    let call: Call

    package init(call: @escaping Call) { self.call = call }

    package init(client: AWSClient) {
        call = { operation, parameters throws(AWSError) in try await client.call("states", operation, parameters) }
    }

    /// The ARNs of activities by name. Those that are there are only looked up, which takes no right to make any.
    func activities(_ names: [String]) async throws(AWSError) -> [String: String] {
        var found: [String: String] = [:]
        var token: JSONValue?
        repeat {
            var page = JSONObject()
            page["nextToken"] = token
            let answer = try await call("ListActivities", page)
            for activity in answer["activities"]?.arrayValue ?? [] {
                guard let name = activity["name"]?.stringValue, names.contains(name) else { continue }
                found[name] = activity["activityArn"]?.stringValue
            }
            token = answer["nextToken"]
        } while token != nil && token?.isNull == false
        for name in names where found[name] == nil {
            found[name] = try await call("CreateActivity", ["name": .string(name)])["activityArn"]?.stringValue
        }
        return found
    }

    /// Waits up to a minute for a task; nil when there is none.
    func task(of arn: String, worker: String) async throws(AWSError) -> (token: String, input: String)? {
        let answer = try await call("GetActivityTask", ["activityArn": .string(arn), "workerName": .string(worker)])
        guard let token = answer["taskToken"]?.stringValue, !token.isEmpty else { return nil }
        return (token, answer["input"]?.stringValue ?? "{}")
    }
}

extension AWSError {
    /// The task has ended without this worker: it timed out, was stopped, or another worker did it.
    var isTaskGone: Bool { ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"].contains(code) }

    /// Nothing that a moment's patience heals: the worker's own rights or settings. A source of credentials that is away,
    /// or a page of a proxy instead of an answer, is.
    package var isOfConfiguration: Bool {
        if isOfSurroundings { return false }
        return code.hasPrefix("Client.")
            || [
                "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException",
                "MissingAuthenticationTokenException", "IncompleteSignatureException", "InvalidArn", "InvalidName",
                "ActivityLimitExceeded",
            ].contains(code)
    }
}
