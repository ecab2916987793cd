package import Engine
import Foundation
package import Interpreter
package import JSONModel
package import StatesLanguage
import WallTime

/// The Step Functions integrations that a Task may name, served in this process: `states:startExecution` with all its
/// patterns, and `aws-sdk:sfn:ACTION` for every operation of the API.
///
/// Made before the engine, which it is given to; `connect` makes the way back.
package final class StatesIntegration<Store: ExecutionStore>: ResourceHandler, @unchecked Sendable {
    // Sendable because `api` is touched only while `lock` is held.
    private var api: WireAPI<Store>?
    private let lock = NSLock()

    package init() {}

    /// - Parameter api: nil once the engine has ended: the two hold each other.
    package func connect(_ api: WireAPI<Store>?) { lock.withLock { self.api = api } }

    package func handles(_ resource: Resource) -> Bool {
        guard case .integration(let service, let action) = resource.kind else { return false }
        switch service {
        case "states": return action == "startExecution"
        case "aws-sdk:sfn": return resource.pattern == .requestResponse || resource.pattern == .waitForTaskToken
        default: return false
        }
    }

    package func perform(
        _ resource: Resource, _ context: TaskContext, _ input: JSONValue
    ) async throws(TaskFailure) -> JSONValue {
        let style = AnswerStyle(resource)
        guard let api = lock.withLock({ api }), case .integration(_, let action) = resource.kind else {
            throw TaskFailure(error: "States.Runtime", cause: "The Step Functions API is not connected.")
        }
        let parameters = Self.renamed(input, { $0.prefix(1).lowercased() + $0.dropFirst() }).objectValue ?? [:]
        do {
            return style.render(
                try await Self.insist(api.clock) {
                    if resource.pattern == .sync || resource.pattern == .sync2 {
                        return try await api.startNested(parameters, by: context)
                    }
                    return try await api.call(
                        action.prefix(1).uppercased() + action.dropFirst(), parameters,
                        by: "workflow:\(context.stateMachine)/\(context.executionName)")
                })
        } catch {
            throw style.failure(WireError(error))
        }
    }

    /// Asks again while the store refuses, until the task is cancelled: a full disk delays executions, and fails none.
    private static func insist(
        _ clock: WallClock, _ ask: () async throws -> JSONObject
    ) async throws -> JSONObject {
        while true {
            do {
                return try await ask()
            } catch let error as StoreError {
                if Task.isCancelled { throw error }
                try await clock.pause(for: .seconds(1))
            }
        }
    }

    /// Members in another spelling. What is below `input` and its kin is data, and a text in the API.
    private static func renamed(_ value: JSONValue, _ spell: (String) -> String) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map { renamed($0, spell) })
        case .object(let object):
            .object(
                JSONObject(
                    object.compactMap { name, value -> (String, JSONValue)? in
                        let name = spell(name)
                        guard ["input", "output", "definition", "context", "variables"].contains(name) else {
                            return (name, renamed(value, spell))
                        }
                        // Given as null, as if it had not been given.
                        if value.isNull { return nil }
                        return (name, value.stringValue == nil ? .text(value) : value)
                    }))
        default: value
        }
    }

    /// The optimised integration and the SDK's spell answers and errors each in their own way.
    private struct AnswerStyle {
        private let isSDK: Bool

        init(_ resource: Resource) {
            if case .integration("aws-sdk:sfn", _) = resource.kind { isSDK = true } else { isSDK = false }
        }

        func render(_ answer: JSONObject) -> JSONValue { render(.object(answer), name: "") }

        private func render(_ value: JSONValue, name: String) -> JSONValue {
            switch value {
            case .array(let elements): .array(elements.map { render($0, name: name) })
            case .object(let object):
                .object(
                    JSONObject(
                        object.map { name, value in
                            (name.prefix(1).uppercased() + name.dropFirst(), render(value, name: name))
                        }))
            case .double(let seconds) where name.hasSuffix("Date") || name == "timestamp":
                isSDK
                    ? .string(Instant(milliseconds: Int64((seconds * 1000).rounded())).iso8601)
                    : .int(Int64((seconds * 1000).rounded()))
            default: value
            }
        }

        func failure(_ error: WireError) -> TaskFailure {
            let name = error.code.hasSuffix("Exception") ? error.code : error.code + "Exception"
            let id = RequestID.make()
            if isSDK {
                return TaskFailure(
                    error: "Sfn.\(name)",
                    cause: "\(error.message) (Service: Sfn, Status Code: \(error.status), Request ID: \(id)) "
                        + "(SDK Attempt Count: 1)")
            }
            return TaskFailure(
                error: "StepFunctions.\(name)",
                cause: "\(error.message) (Service: AWSStepFunctions; Status Code: \(error.status); "
                    + "Error Code: \(error.code); Request ID: \(id); Proxy: null)")
        }
    }
}
