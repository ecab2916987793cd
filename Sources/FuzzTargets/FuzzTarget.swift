import Interpreter
import JSONModel
import JSONPath
import JSONata
import StatesLanguage

/// What random bytes are thrown at: everything that reads texts from outside. Each target states what has to hold
/// whatever the bytes are.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// What is parsed is written, and read again the same.
    case json
    /// What is read as YAML or JSON has places inside the text, and its value is read again the same as JSON.
    case yaml
    /// A path is found in a document or not, within its limits.
    case jsonpath
    /// An expression ends with a value or an error, within its limits, and twice with the same.
    case jsonata
    /// An intrinsic function call is read as it was written.
    case intrinsic
    /// A definition is refused or can be run, and the history of the run folds to its end.
    case definition
    /// A journal record is damaged or means the same when it is written again.
    case record

    /// Throws the bytes at the target, and says what does not hold; nil when all does.
    package func finding(in bytes: [UInt8]) -> String? {
        switch self {
        case .json: json(bytes)
        case .yaml: yaml(bytes)
        case .jsonpath: jsonpath(bytes)
        case .jsonata: jsonata(bytes)
        case .intrinsic: intrinsic(bytes)
        case .definition: definition(bytes)
        case .record: record(bytes)
        }
    }

    private func text(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }

    private func json(_ bytes: [UInt8]) -> String? {
        guard let value = try? JSONValue(parsing: bytes) else { return nil }
        let written = value.jsonBytes
        guard let again = try? JSONValue(parsing: written) else { return "what was written is not read" }
        guard again == value, again.jsonBytes == written else { return "what was written is read differently" }
        return (try? JSONValue(parsing: value.prettyJSON())) == value ? nil : "the pretty form is read differently"
    }

    private func yaml(_ bytes: [UInt8]) -> String? {
        guard let text = text(bytes) else { return nil }
        let (document, diagnostics) = SourceDocument.read(text, file: nil)
        guard let document else {
            return diagnostics.isEmpty ? "refused without a reason" : nil
        }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.count
        // A value that is left out may stand behind the last line.
        if let place = document.position(of: ""), place.line > lines + 1 { return "a place beyond the text" }
        let (again, _) = SourceDocument.read(document.value.jsonString, file: "again.json")
        return again?.value == document.value ? nil : "read differently as JSON"
    }

    private func jsonpath(_ bytes: [UInt8]) -> String? {
        guard let text = text(bytes), let path = try? JSONPath(parsing: text) else { return nil }
        let value = try? path.evaluate(on: Samples.document)
        if path.isReference, !path.isDefinite { return "a Reference Path that is not definite" }
        if !path.isDefinite, let value, value.arrayValue == nil { return "an indefinite path without an array" }
        if path.isReference, let set = path.setting("fuzz", in: Samples.document),
            (try? path.evaluate(on: set)) != "fuzz"
        {
            return "what was set is not found"
        }
        return nil
    }

    private func jsonata(_ bytes: [UInt8]) -> String? {
        guard let text = text(bytes), let expression = try? JSONataExpression(parsing: text) else { return nil }
        let limits = JSONataLimits(
            steps: 20_000, depth: 200, sequenceLength: 10_000, allocatedBytes: 4 << 20, nesting: 64)
        let environment = JSONataEnvironment(now: 1_767_225_600_000, randomSeed: 7, limits: limits)
        let bindings = ["states": Samples.document, "x": 1]
        let results = (0..<2).map { _ in
            Result { try expression.evaluate(input: nil, bindings: bindings, environment: environment) }
        }
        switch (results[0], results[1]) {
        case (.success(let first), .success(let second)) where first == second: return nil
        case (.failure(let first as JSONataError), .failure(let second as JSONataError)) where first.code == second.code:
            return nil
        default: return "evaluated twice with different results"
        }
    }

    private func intrinsic(_ bytes: [UInt8]) -> String? {
        guard let text = text(bytes), let call = try? IntrinsicCall(parsing: text) else { return nil }
        guard let again = try? IntrinsicCall(parsing: call.text), again.text == call.text else {
            return "a call that is not read again"
        }
        let scope = EvaluationScope(input: Samples.document, context: [:], now: 0, seed: 7)
        let first = try? Template.intrinsic(call).evaluate(in: scope)
        let second = try? Template.intrinsic(call).evaluate(in: scope)
        return first == second ? nil : "evaluated twice with different results"
    }

    private func definition(_ bytes: [UInt8]) -> String? {
        guard let text = text(bytes) else { return nil }
        let reading = StateMachineReader.read(text, file: nil)
        guard let machine = reading.machine else {
            return reading.diagnostics.isEmpty ? "refused without a reason" : nil
        }
        let run = try? VirtualRun.run(machine, input: Samples.document, mock: { .success($0.input) }, decisionLimit: 3)
        guard let run else { return nil }
        guard let state = try? ExecutionState.fold(run.history), state.outcome == run.outcome else {
            return "the history does not fold to the outcome"
        }
        let shown = run.history.count { $0.id > 0 }
        return HistoryEvent.awsHistory(run.history).count == shown ? nil : "the API shows other events"
    }

    private func record(_ bytes: [UInt8]) -> String? {
        guard let events = try? HistoryCodec.decode(bytes) else { return nil }
        let again = try? HistoryCodec.decode(HistoryCodec.encode(events))
        return again == events ? nil : "what was written is read differently"
    }
}

/// What paths, expressions and definitions are tried on.
enum Samples {
    static let document: JSONValue = [
        "a": 1, "b": [1, 2.5, "three", .null, true], "c": ["d": ["e": "f"], "list": [["n": 1], ["n": 2], ["n": -3]]],
        "text": "Grüße, 世界", "empty": [], "input": ["x": 7], "result": ["y": [1, 2]],
    ]
}
