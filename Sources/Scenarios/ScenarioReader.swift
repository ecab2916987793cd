import JSONModel
package import StatesLanguage
import WallTime

/// Reads a scenario file (`docs/testing.md`). What is wrong is told with its place, all at once.
package struct ScenarioReader {
    private let document: SourceDocument
    private let machine: StateMachine
    private let names: Set<String>
    private var diagnostics: [Diagnostic] = []

    /// The state machine's file that the scenario file names; nil for the one of the same name.
    package static func machineFile(in document: SourceDocument) -> String? {
        document.value["stateMachine"]?.stringValue
    }

    /// - Returns: no suite when there is a diagnostic.
    package static func read(
        _ document: SourceDocument, machine: StateMachine, machineName: String
    ) -> (ScenarioSuite?, [Diagnostic]) {
        var reader = ScenarioReader(document: document, machine: machine)
        let scenarios = reader.scenarios()
        let suite = ScenarioSuite(
            file: document.file ?? "", machineName: machineName, machine: machine, scenarios: scenarios)
        return (reader.diagnostics.isEmpty ? suite : nil, reader.diagnostics)
    }

    private init(document: SourceDocument, machine: StateMachine) {
        self.document = document
        self.machine = machine
        names = machine.scope.allNames
    }

    private mutating func report(_ message: String, at pointer: String, hint: String? = nil) {
        diagnostics.append(
            Diagnostic(
                code: "T101", severity: .error, message: message, hint: hint, pointer: pointer, file: document.file,
                position: document.keyPosition(of: pointer) ?? document.position(of: pointer)))
    }

    private mutating func checkNames(_ object: JSONObject, _ known: [String], at pointer: String, _ what: String) {
        for name in object.keys where !known.contains(name) {
            report(
                "\(what) has no field '\(name)'", at: "\(pointer)/\(name)",
                hint: closest(to: name, among: known).map { "did you mean '\($0)'?" }
                    ?? "it has: \(known.joined(separator: ", "))")
        }
    }

    // MARK: Scenarios

    private static let fields = ["name", "input", "at", "mocks", "redrives", "expect", "foreach"]

    private mutating func scenarios() -> [Scenario] {
        guard let root = document.value.objectValue else {
            report("A scenario file is a mapping", at: "")
            return []
        }
        checkNames(root, ["stateMachine", "defaults", "scenarios"], at: "", "A scenario file")
        let defaults = root["defaults"]?.objectValue ?? [:]
        checkNames(defaults, ["input", "at", "mocks"], at: "/defaults", "'defaults'")
        guard let list = root["scenarios"]?.arrayValue, !list.isEmpty else {
            report("'scenarios' holds at least one scenario", at: "/scenarios", hint: "such as {name: …, expect: {…}}")
            return []
        }
        return list.enumerated().flatMap { index, value -> [Scenario] in
            let pointer = "/scenarios/\(index)"
            guard let object = value.objectValue else {
                report("A scenario is a mapping", at: pointer)
                return []
            }
            checkNames(object, Self.fields, at: pointer, "A scenario")
            return variants(of: object).map { scenario($0, defaults, at: pointer) }
        }
    }

    /// `foreach`: the scenario once for each of its mappings, with `${name}` filled in everywhere.
    private func variants(of object: JSONObject) -> [JSONObject] {
        guard let sets = object["foreach"]?.arrayValue else { return [object] }
        return sets.compactMap { set in
            var plain = object
            plain["foreach"] = nil
            return JSONValue.object(plain).filled(with: set.objectValue ?? [:]).objectValue
        }
    }

    private mutating func scenario(_ object: JSONObject, _ defaults: JSONObject, at pointer: String) -> Scenario {
        let name = object["name"]?.stringValue
        if name == nil { report("A scenario has a 'name'", at: pointer) }
        var mocks = self.mocks(defaults["mocks"], at: "/defaults/mocks")
        mocks.merge(self.mocks(object["mocks"], at: pointer + "/mocks")) { $1 }
        let at = (object["at"] ?? defaults["at"])?.stringValue
        let start = at.map { Instant(iso8601: $0) } ?? Instant(milliseconds: 1_767_225_600_000)
        if start == nil { report("'at' is an instant such as 2026-11-20T02:00:00Z", at: pointer + "/at") }
        return Scenario(
            name: name ?? "", position: document.position(of: pointer),
            input: object["input"] ?? defaults["input"] ?? [:], start: start ?? Instant(milliseconds: 0), mocks: mocks,
            redrives: Int(object["redrives"]?.intValue ?? 0), expectation: expectation(object["expect"], at: pointer))
    }

    // MARK: Mocks

    private mutating func mocks(_ value: JSONValue?, at pointer: String) -> [String: [MockAnswer]] {
        var mocks: [String: [MockAnswer]] = [:]
        for (name, value) in value?.objectValue ?? [:] {
            let place = "\(pointer)/\(name)"
            if !names.contains(name), !name.contains(":") {
                report(
                    "There is no state '\(name)' to mock", at: place,
                    hint: closest(to: name, among: names.sorted()).map { "did you mean '\($0)'?" }
                        ?? "mocks are named by a state, or by a resource such as activity:NAME")
            }
            let answers = value.arrayValue ?? [value]
            mocks[name] = answers.compactMap { answer($0, at: place) }
        }
        return mocks
    }

    private mutating func answer(_ value: JSONValue, at pointer: String) -> MockAnswer? {
        guard let object = value.objectValue else {
            report("An answer is a mapping: {return: …}, {fail: {error: …}} or {timeout: true}", at: pointer)
            return nil
        }
        checkNames(object, ["return", "fail", "timeout", "when", "times", "after"], at: pointer, "An answer")
        guard let outcome = outcome(object, at: pointer) else { return nil }
        var after = Duration.zero
        if let text = object["after"] {
            if let span = Self.span(text) {
                after = span
            } else {
                report("'after' is a span of time such as 90s or 5m", at: pointer + "/after")
            }
        }
        return MockAnswer(
            condition: object["when"].map { Matcher($0, isOpen: true) }, times: Int(object["times"]?.intValue ?? 1),
            after: after, outcome: outcome)
    }

    private mutating func outcome(_ object: JSONObject, at pointer: String) -> MockAnswer.Outcome? {
        let given = ["return", "fail", "timeout"].filter(object.contains)
        guard given.count == 1 else {
            report("An answer has exactly one of 'return', 'fail' and 'timeout'", at: pointer)
            return nil
        }
        if let value = object["return"] {
            do throws(MockTemplate.Fault) { return .returns(try MockTemplate(value)) } catch {
                for fault in error.diagnostics { report(fault.message, at: pointer + "/return") }
                return nil
            }
        }
        guard let fail = object["fail"] else { return .silence }
        guard let error = fail["error"]?.stringValue ?? fail.stringValue else {
            report("'fail' has an 'error', and perhaps a 'cause'", at: pointer + "/fail")
            return nil
        }
        return .fails(error: error, cause: fail["cause"]?.stringValue ?? "")
    }

    /// A text such as `5m`, or a whole number of seconds.
    private static func span(_ value: JSONValue) -> Duration? {
        DurationText.parse(value.stringValue ?? value.jsonString)
    }

    // MARK: Expectations

    private mutating func expectation(_ value: JSONValue?, at scenario: String) -> Expectation {
        let pointer = scenario + "/expect"
        var expectation = Expectation()
        guard let object = value?.objectValue, !object.isEmpty else {
            report("A scenario expects something", at: scenario, hint: "such as expect: {status: SUCCEEDED}")
            return expectation
        }
        checkNames(
            object, ["status", "output", "error", "cause", "path", "calls", "notices", "elapsed"], at: pointer,
            "'expect'")
        func expected<Value>(_ name: String, _ value: Value) -> Expectation.Expected<Value> {
            .init(value: value, position: document.keyPosition(of: "\(pointer)/\(name)"))
        }
        if let status = object["status"]?.stringValue {
            let known = ["SUCCEEDED", "FAILED", "TIMED_OUT"]
            if !known.contains(status) {
                report("A status is one of: \(known.joined(separator: ", "))", at: pointer + "/status")
            }
            expectation.status = expected("status", status)
        }
        expectation.output = object["output"].map { expected("output", Matcher($0)) }
        expectation.error = object["error"].map { expected("error", Matcher($0)) }
        expectation.cause = object["cause"].map { expected("cause", Matcher($0)) }
        expectation.notices = object["notices"]?.arrayValue.map {
            expected("notices", $0.map { Matcher($0, isOpen: true) })
        }
        expectation.path = object["path"]?.arrayValue.map { expected("path", path($0, at: pointer + "/path")) }
        expectation.calls = object["calls"]?.arrayValue.map {
            expected(
                "calls",
                $0.map { call in
                    CallPattern(
                        state: call["state"]?.stringValue, resource: call["resource"]?.stringValue,
                        input: call["input"].map { Matcher($0, isOpen: true) })
                })
        }
        if let elapsed = object["elapsed"] {
            if let span = Self.span(elapsed) {
                expectation.elapsed = expected("elapsed", span)
            } else {
                report("'elapsed' is a span of time such as 90s or 5m", at: pointer + "/elapsed")
            }
        }
        return expectation
    }

    /// State names; `...` stands for any number of states.
    private mutating func path(_ values: [JSONValue], at pointer: String) -> [String?] {
        values.enumerated().map { index, value in
            let name = value.stringValue ?? ""
            if name == "..." { return nil }
            if !names.contains(name) {
                report(
                    "There is no state '\(name)'", at: "\(pointer)/\(index)",
                    hint: closest(to: name, among: names.sorted()).map { "did you mean '\($0)'?" })
            }
            return name
        }
    }
}

extension Matcher {
    /// - Parameter isOpen: whether an object may have more members than these.
    init(_ value: JSONValue, isOpen: Bool = false) {
        switch value {
        case .object(let object):
            if object.count == 1, let (name, argument) = object.first(where: { Self.names.contains($0.0) }) {
                self = Self.special(name, argument)
            } else {
                self = .object(object.map { ($0, Matcher($1, isOpen: isOpen)) }, isOpen: isOpen)
            }
        case .array(let elements): self = .array(elements.map { Matcher($0, isOpen: isOpen) })
        default: self = .exactly(value)
        }
    }

    private static func special(_ name: String, _ argument: JSONValue) -> Matcher {
        switch name {
        case "$any": .any
        case "$absent": .absent
        case "$type": .type(argument.stringValue ?? "")
        case "$contains": .contains(Matcher(argument))
        case "$matches": .pattern(argument.stringValue ?? "")
        case "$partial": Matcher(argument, isOpen: true)
        case "$oneOf": .oneOf((argument.arrayValue ?? []).map { Matcher($0) })
        default: .exactly(argument)
        }
    }
}

extension StateScope {
    /// The names of all states, however deep.
    var allNames: Set<String> {
        states.values.reduce(into: Set(order)) { names, state in
            for scope in state.innerScopes { names.formUnion(scope.allNames) }
        }
    }
}

extension State {
    var innerScopes: [StateScope] {
        switch kind {
        case .parallel(let branches): branches
        case .map(let map): [map.processor]
        default: []
        }
    }
}

extension JSONValue {
    /// The value with `${name}` in its texts and names replaced. A text that is one place-holder becomes the value.
    fileprivate func filled(with values: JSONObject) -> JSONValue {
        switch self {
        case .string(let text):
            for (name, value) in values where text == "${\(name)}" { return value }
            return .string(text.filled(with: values))
        case .array(let elements): return .array(elements.map { $0.filled(with: values) })
        case .object(let object):
            return .object(JSONObject(object.map { ($0.filled(with: values), $1.filled(with: values)) }))
        default: return self
        }
    }
}

extension String {
    fileprivate func filled(with values: JSONObject) -> String {
        values.reduce(self) { text, entry in
            text.replacing("${\(entry.0)}", with: entry.1.stringValue ?? entry.1.jsonString)
        }
    }
}
