import Interpreter
import JSONModel
import JSONPath
import JSONata
import StatesLanguage

/// What random bytes are thrown at: everything that reads texts from outside. Each target states what has to hold
/// whatever the bytes are; `trap` tells when it does not.
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

    /// Throws the bytes at the target.
    package func run(_ bytes: [UInt8]) {
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

    /// Ends the process where the fuzzer, or a test, sees it.
    private func trap(_ what: String) -> Never { fatalError("\(rawValue): \(what)") }

    private func text(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }

    private func json(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes) else { return }
        let written = value.jsonBytes
        guard let again = try? JSONValue(parsing: written) else { trap("what was written is not read") }
        guard again == value, again.jsonBytes == written else { trap("what was written is read differently") }
        guard (try? JSONValue(parsing: value.prettyJSON())) == value else { trap("the pretty form is read differently") }
    }

    private func yaml(_ bytes: [UInt8]) {
        guard let text = text(bytes) else { return }
        let (document, diagnostics) = SourceDocument.read(text, file: nil)
        guard let document else {
            if diagnostics.isEmpty { trap("refused without a reason") }
            return
        }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.count
        // A value that is left out may stand behind the last line.
        if let place = document.position(of: ""), place.line > lines + 1 { trap("a place beyond the text") }
        let (again, _) = SourceDocument.read(document.value.jsonString, file: "again.json")
        guard again?.value == document.value else { trap("read differently as JSON") }
    }

    private func jsonpath(_ bytes: [UInt8]) {
        guard let text = text(bytes), let path = try? JSONPath(parsing: text) else { return }
        let value = try? path.evaluate(on: Samples.document)
        if path.isReference, !path.isDefinite { trap("a Reference Path that is not definite") }
        if !path.isDefinite, let value, value.arrayValue == nil { trap("an indefinite path without an array") }
        if path.isReference, let set = path.setting("fuzz", in: Samples.document),
            (try? path.evaluate(on: set)) != "fuzz"
        {
            trap("what was set is not found")
        }
    }

    private func jsonata(_ bytes: [UInt8]) {
        guard let text = text(bytes), let expression = try? JSONataExpression(parsing: text) else { return }
        let limits = JSONataLimits(
            steps: 20_000, depth: 200, sequenceLength: 10_000, allocatedBytes: 4 << 20, nesting: 64)
        let environment = JSONataEnvironment(now: 1_767_225_600_000, randomSeed: 7, limits: limits)
        let bindings = ["states": Samples.document, "x": 1]
        let results = (0..<2).map { _ in
            Result { try expression.evaluate(input: nil, bindings: bindings, environment: environment) }
        }
        switch (results[0], results[1]) {
        case (.success(let first), .success(let second)) where first == second: return
        case (.failure(let first as JSONataError), .failure(let second as JSONataError)) where first.code == second.code:
            return
        default: trap("evaluated twice with different results")
        }
    }

    private func intrinsic(_ bytes: [UInt8]) {
        guard let text = text(bytes), let call = try? IntrinsicCall(parsing: text) else { return }
        guard let again = try? IntrinsicCall(parsing: call.text), again.text == call.text else {
            trap("a call that is not read again")
        }
        let scope = EvaluationScope(input: Samples.document, context: [:], now: 0, seed: 7)
        let first = try? Template.intrinsic(call).evaluate(in: scope)
        let second = try? Template.intrinsic(call).evaluate(in: scope)
        if first != second { trap("evaluated twice with different results") }
    }

    private func definition(_ bytes: [UInt8]) {
        guard let text = text(bytes) else { return }
        let reading = StateMachineReader.read(text, file: nil)
        guard let machine = reading.machine else {
            if reading.diagnostics.isEmpty { trap("refused without a reason") }
            return
        }
        let run = try? VirtualRun.run(machine, input: Samples.document, mock: { .success($0.input) }, decisionLimit: 3)
        guard let run else { return }
        guard let state = try? ExecutionState.fold(run.history), state.outcome == run.outcome else {
            trap("the history does not fold to the outcome")
        }
        _ = HistoryEvent.awsHistory(run.history)
    }

    private func record(_ bytes: [UInt8]) {
        guard let events = try? HistoryCodec.decode(bytes) else { return }
        guard (try? HistoryCodec.decode(HistoryCodec.encode(events))) == events else {
            trap("what was written is read differently")
        }
    }
}

/// What paths, expressions and definitions are tried on.
enum Samples {
    static let document: JSONValue = [
        "a": 1, "b": [1, 2.5, "three", .null, true], "c": ["d": ["e": "f"], "list": [["n": 1], ["n": 2], ["n": -3]]],
        "text": "Grüße, 世界", "empty": [], "input": ["x": 7], "result": ["y": [1, 2]],
    ]
}
