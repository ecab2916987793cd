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
        switch explanation.redrive {
        // Its dead letter sees to it.
        case .goesOn where explanation.deadLetter != nil: return nil
        case .goesOn: return "workflowctl run redrive \(run)"
        case .endsAgain, .refused: return start(record.stateMachine, explanation.input)
        case nil: break
        }
        for wait in explanation.waits {
            switch wait.reason {
            case .retry: return "workflowctl run history \(run) --reverse"
            case .callback(_, let child?, _, _): return "workflowctl run why \(child)"
            case .time, .task, .callback, .branches, .engine: continue
            }
        }
        return nil
    }

    /// The same input goes on a command line only where it is short.
    private static func start(_ stateMachine: String, _ input: JSONValue) -> String {
        let text = input.jsonString
        let argument = text.utf8.count > 200 ? "FILE" : "'\(text.replacing("'", with: "'\\''"))'"
        return "workflowctl run start \(stateMachine) --input \(argument)"
    }
}
