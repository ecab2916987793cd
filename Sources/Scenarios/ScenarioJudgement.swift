import Interpreter
import JSONModel
package import StatesLanguage
import WallTime

/// What came of a scenario, and where it is not as expected.
package struct ScenarioJudgement: Sendable {
    /// One expectation that was not met.
    package struct Failure: Sendable {
        package var what: String
        /// Lines that show the difference.
        package var lines: [String]
        /// Where the expectation stands.
        package var position: SourcePosition?
    }

    package var name: String
    package var position: SourcePosition?
    package var failures: [Failure]
    let reached: ScenarioReach

    package var passed: Bool { failures.isEmpty }
}

extension ScenarioSuite {
    /// Runs one scenario.
    package func judge(_ scenario: Scenario) -> ScenarioJudgement {
        var run = ScenarioRun(scenario, of: self)
        let result = run.run()
        var judge = Judge(result: result)
        judge.look(at: scenario.expectation, at: scenario.position)
        return ScenarioJudgement(
            name: scenario.name, position: scenario.position, failures: judge.failures,
            reached: ScenarioReach(result.history, machine))
    }
}

private struct Judge {
    let result: ScenarioResult
    private(set) var failures: [ScenarioJudgement.Failure] = []

    init(result: ScenarioResult) { self.result = result }

    private mutating func fail(_ what: String, _ lines: [String], _ position: SourcePosition?) {
        failures.append(.init(what: what, lines: lines, position: position))
    }

    mutating func look(at expectation: Expectation, at position: SourcePosition?) {
        if let fault = result.fault { return fail(fault, pathLines, position) }
        if let status = expectation.status, status.value != result.status {
            fail("status", ["- \(status.value)", "+ \(result.status)"] + reason, status.position)
        }
        compare("output", expectation.output, result.output)
        compare("error", expectation.error, result.failure.map { .string($0.error) })
        compare("cause", expectation.cause, result.failure.map { .string($0.cause) })
        if let path = expectation.path { look(at: path.value, path.position) }
        if let calls = expectation.calls { look(at: calls.value, calls.position) }
        if let notices = expectation.notices { look(at: notices.value, notices.position) }
        if let elapsed = expectation.elapsed, elapsed.value != result.elapsed {
            fail(
                "elapsed", ["- \(DurationText.write(elapsed.value))", "+ \(DurationText.write(result.elapsed))"],
                elapsed.position)
        }
    }

    private var reason: [String] {
        result.failure.map { ["  because of \($0.error)" + ($0.cause.isEmpty ? "" : ": \($0.cause)")] } ?? []
    }

    private mutating func compare(_ what: String, _ expected: Expectation.Expected<Matcher>?, _ got: JSONValue?) {
        guard let expected else { return }
        let differences = expected.value.differences(from: got, at: "")
        guard !differences.isEmpty else { return }
        fail(what, differences.flatMap(Self.lines), expected.position)
    }

    private static func lines(_ difference: Difference) -> [String] {
        let place = difference.pointer.isEmpty ? "" : "at \(difference.pointer): "
        return ["- \(place)\(difference.expected)", "+ \(place)\(difference.got?.jsonString ?? "nothing")"]
    }

    // MARK: Sequences

    private var pathLines: [String] { ["  path: " + result.path.joined(separator: " > ")] }

    private mutating func look(at path: [String?], _ position: SourcePosition?) {
        guard !Self.matches(path[...], result.path[...]) else { return }
        let common = zip(path, result.path).prefix { $0 == $1 }.count
        var lines = result.path.prefix(common).map { "  \($0)" }
        lines += path.dropFirst(common).map { "- \($0 ?? "...")" }
        lines += result.path.dropFirst(common).map { "+ \($0)" }
        fail("path", lines, position)
    }

    /// Nil in the pattern stands for any number of states.
    private static func matches(_ pattern: ArraySlice<String?>, _ path: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        guard let name = first else {
            return (path.startIndex...path.endIndex).contains { matches(pattern.dropFirst(), path[$0...]) }
        }
        return path.first == name && matches(pattern.dropFirst(), path.dropFirst())
    }

    private mutating func look(at patterns: [CallPattern], _ position: SourcePosition?) {
        var rest = result.calls[...]
        for (index, pattern) in patterns.enumerated() {
            guard let found = rest.firstIndex(where: pattern.matches) else {
                let who = pattern.state ?? pattern.resource ?? "call"
                let own = result.calls.filter { $0.state == pattern.state || $0.resource == pattern.resource }
                let got = own.isEmpty ? ["+ no such call"] : own.map { "+ \(who) with \($0.input.jsonString)" }
                return fail("calls, number \(index + 1)", ["- \(who)" + words(pattern.input)] + got, position)
            }
            rest = rest[(found + 1)...]
        }
    }

    private func words(_ matcher: Matcher?) -> String { matcher.map { " with \($0.words)" } ?? "" }

    private mutating func look(at notices: [Matcher], _ position: SourcePosition?) {
        let sent = result.calls.filter(\.isNotice).map(\.input)
        var lines: [String] = []
        for index in 0..<max(notices.count, sent.count) {
            let got = sent.indices.contains(index) ? sent[index] : nil
            let expected = notices.indices.contains(index) ? notices[index] : .absent
            lines += expected.differences(from: got, at: "/\(index)").flatMap(Self.lines)
        }
        if !lines.isEmpty { fail("notices", lines, position) }
    }
}

extension ScenarioResult {
    var status: String {
        switch outcome {
        case .succeeded: "SUCCEEDED"
        case .failed: "FAILED"
        case .timedOut: "TIMED_OUT"
        case .aborted: "ABORTED"
        case nil: "RUNNING"
        }
    }

    var output: JSONValue? { if case .succeeded(let output) = outcome { output } else { nil } }

    var failure: TaskFailure? { outcome?.failure }

    /// The states in the order in which they were entered, those of branches and iterations among them.
    var path: [String] {
        history.compactMap { if case .stateEntered(_, let name, _) = $0.kind { name } else { nil } }
    }
}
