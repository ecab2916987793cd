import Interpreter
import JSONModel
import StatesLanguage

/// Runs whole state machines without tasks in virtual time.
struct StateMachineEvaluator: Evaluator {
    /// The definition's file, for messages; nil for definitions in requests.
    var file: String?

    func patience(with request: JSONObject) -> Duration { request.timeLimit ?? .seconds(60) }

    func answer(_ request: JSONObject) -> JSONObject {
        let reading: StateMachineReading
        switch request["definition"] {
        case .string(let text): reading = StateMachineReader.read(text, file: file)
        case .some(let definition) where definition.objectValue != nil:
            reading = StateMachineReader.read(json: definition)
        default: return .wrong("definition", "is required, an object or a text in YAML or JSON")
        }
        guard let machine = reading.machine else {
            return ["status": "INVALID", "diagnostics": DiagnosticPrinter.json(reading.diagnostics)]
        }
        do {
            return Self.answer(try VirtualRun.run(machine, input: request["input"] ?? [:]).outcome)
        } catch VirtualRunError.stuck(let tasks) {
            let names = tasks.map { "'\($0.state)' (\($0.resource.text))" }.joined(separator: ", ")
            return [
                "status": "STUCK", "error": "Eval.UnansweredTask",
                "cause": .string("nothing answers \(names): use workflowctl test, whose scenarios mock tasks"),
            ]
        } catch {
            return ["status": "STUCK", "error": "Eval.NoEnd", "cause": .string(error.description)]
        }
    }

    private static func answer(_ outcome: Outcome) -> JSONObject {
        switch outcome {
        case .succeeded(let output): ["status": "SUCCEEDED", "output": output]
        case .failed(let failure): failed("FAILED", failure.error, failure.cause)
        case .timedOut(let failure): failed("TIMED_OUT", failure.error, failure.cause)
        case .aborted(let error, let cause): failed("ABORTED", error ?? "", cause ?? "")
        }
    }

    /// As on AWS, an error or a cause that there is not is left out.
    private static func failed(_ status: String, _ error: String, _ cause: String) -> JSONObject {
        var answer: JSONObject = ["status": .string(status)]
        if !error.isEmpty { answer["error"] = .string(error) }
        if !cause.isEmpty { answer["cause"] = .string(cause) }
        return answer
    }
}
