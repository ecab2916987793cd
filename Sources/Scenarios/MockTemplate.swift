import JSONModel
import Interpreter
import StatesLanguage
import WallTime

/// A value of a mock: as it stands, or with JSONata expressions (`{% … %}`) that look at the call.
///
/// The expressions see what those of a Pass state see: `$states.input` is what the task was called with. Besides there
/// are `$attempt`, `$visit`, `$state` and `$resource`.
package struct MockTemplate: Sendable {
    private enum Form: Sendable {
        case literal(JSONValue)
        case machine(StateMachine)
    }

    private let form: Form

    /// What a definition says about itself when it can't be read; the pointers are relative to the value.
    struct Fault: Error {
        var diagnostics: [Diagnostic]
    }

    init(literal: JSONValue) { form = .literal(literal) }

    init(_ value: JSONValue) throws(Fault) {
        guard value.hasExpression else {
            form = .literal(value)
            return
        }
        let reading = StateMachineReader.read(json: Self.definition(output: value))
        guard let machine = reading.machine else {
            throw Fault(
                diagnostics: reading.diagnostics.filter { $0.severity == .error }.map {
                    var diagnostic = $0
                    diagnostic.pointer = String($0.pointer.dropFirst(Self.outputPointer.count))
                    return diagnostic
                })
        }
        form = .machine(machine)
    }

    private static let outputPointer = "/States/Answer/Output"

    /// Variables first, then the value: the language's own evaluation is used, so that an expression means here what it
    /// means in a state machine.
    private static func definition(output: JSONValue) -> JSONValue {
        let names = ["attempt", "visit", "state", "resource"]
        let assign = JSONObject(names.map { ($0, .string("{% $states.input.\($0) %}")) })
        return [
            "QueryLanguage": "JSONata", "StartAt": "Call",
            "States": [
                "Call": [
                    "Type": "Pass", "Assign": .object(assign), "Output": "{% $states.input.input %}", "Next": "Answer",
                ],
                "Answer": ["Type": "Pass", "Output": output, "End": true],
            ],
        ]
    }

    /// Why an expression has no value.
    struct EvaluationFault: Error {
        var reason: String
    }

    func value(for call: Call) throws(EvaluationFault) -> JSONValue {
        switch form {
        case .literal(let value): return value
        case .machine(let machine):
            let outcome: Outcome
            do {
                outcome = try VirtualRun.run(machine, input: call.facts, start: call.at).outcome
            } catch { throw EvaluationFault(reason: error.description) }
            guard case .succeeded(let output) = outcome else {
                throw EvaluationFault(reason: outcome.failure?.cause ?? "the expression has no value")
            }
            return output
        }
    }
}

extension Call {
    fileprivate var facts: JSONValue {
        [
            "input": input, "attempt": .int(Int64(attempt)), "visit": .int(Int64(visit)),
            "state": .string(state), "resource": .string(resource),
        ]
    }
}

extension Outcome {
    var failure: TaskFailure? {
        switch self {
        case .failed(let failure), .timedOut(let failure): failure
        case .aborted(let error, let cause): TaskFailure(error: error ?? "", cause: cause ?? "")
        case .succeeded: nil
        }
    }
}

extension JSONValue {
    /// Whether there is a JSONata expression somewhere in the value, or half of one, which the language refuses.
    fileprivate var hasExpression: Bool {
        switch self {
        case .string(let text): text.hasPrefix("{%") || text.hasSuffix("%}")
        case .array(let values): values.contains { $0.hasExpression }
        case .object(let object): object.values.contains { $0.hasExpression }
        default: false
        }
    }
}
