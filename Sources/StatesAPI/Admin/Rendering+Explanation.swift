import Engine
import Interpreter
import JSONModel
import WallTime

extension Rendering {
    /// The explanation with the command that helps.
    func explanation(_ explanation: Explanation, of record: ExecutionRecord) -> JSONObject {
        var object = explanation.json.objectValue ?? [:]
        object["explanation"] = nil
        object["run"] = .string("\(record.stateMachine):\(record.name)")
        object["summary"] = .string(explanation.lines.first ?? "")
        object["details"] = .array(explanation.lines.dropFirst().map(JSONValue.string))
        object["nextDue"] = .optional(explanation.nextDue?.iso8601)
        object["suggestion"] = .optional(Self.suggestion(explanation, record))
        return object
    }

    private static func suggestion(_ explanation: Explanation, _ record: ExecutionRecord) -> String? {
        let run = "\(record.stateMachine):\(record.name)"
        switch explanation.status {
        case .failed, .timedOut, .aborted: return "workflowctl run redrive \(run)"
        case .notStarted, .succeeded: return nil
        case .running:
            let isRetrying = explanation.waits.contains { wait in
                if case .retry = wait.reason { true } else { false }
            }
            return isRetrying ? "workflowctl run history \(run) --reverse" : nil
        }
    }
}
