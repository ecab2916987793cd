import Interpreter
import JSONModel
import StatesLanguage

/// What `TestState` was asked, checked.
struct StateTestRequest {
    private enum Level: String, CaseIterable { case info = "INFO", debug = "DEBUG", trace = "TRACE" }

    let state: State
    let role: String?
    /// The result that the mock stands for; nil without one.
    let mocked: Result<JSONValue, TaskFailure>?
    private(set) var setting: StateTest.Setting
    private let level: Level
    private var texts = GivenTexts()

    /// - Throws: `ValidationException`, `InvalidArn`, `InvalidDefinition`, `InvalidExecutionInput`.
    init(_ parameters: WireParameters) throws(WireError) {
        let definition = parameters.string("definition", max: MachineLimits.definition)
        role = parameters.optionalString("roleArn", min: 1, max: 256)
        let input = parameters.optionalString("input", max: 262_144)
        level = parameters.choice("inspectionLevel", Level.self) ?? .info
        let reveals = parameters.flag("revealSecrets") ?? false
        let variables = parameters.optionalString("variables", max: 262_144)
        let name = parameters.optionalString("stateName", min: 1, max: 80)
        let context = parameters.optionalString("context", max: 262_144)
        let mock = StateMock(parameters)
        let configuration = StateConfiguration(parameters)
        try parameters.check()

        if let role { try RoleARN.check(role) }
        if reveals, mock != nil {
            throw .validation("TestState does not support RevealSecrets when a mock is specified.")
        }
        state = try TestedDefinition.state(definition, named: name)
        try Self.check(state, role: role, mock: mock)
        mocked = try mock?.result(for: state, texts: &texts)
        setting = StateTest.Setting(input: try texts.parse(input ?? "{}") { .invalidInput($0) })
        if let variables { setting.variables = try Self.variables(variables, &texts) }
        if let context { setting.context = try MockedContext.parse(context, for: state, texts: &texts) }
        try configuration.apply(to: &setting, state, texts: &texts)
    }

    private static func check(_ state: State, role: String?, mock: StateMock?) throws(WireError) {
        switch state.kind {
        case .map, .parallel:
            guard mock == nil else { return }
            throw WireError(
                "InvalidDefinition",
                "TestState API does not support Map or Parallel states. Supported state types include: "
                    + "[Task, Wait, Pass, Succeed, Fail, Choice]")
        case .task:
            if mock == nil, role == nil {
                throw .validation("RoleArn must be specified when testing a Task state")
            }
        case .pass, .choice, .wait, .succeed, .fail:
            if mock != nil {
                throw .validation(
                    "State type '\(state.kind.type.rawValue)' is not supported when a mock is specified")
            }
        }
    }

    private static func variables(
        _ text: String, _ texts: inout GivenTexts
    ) throws(WireError) -> [String: JSONValue] {
        let fault = WireError.validation("Variables must be a valid JSON object")
        guard let object = try texts.parse(text, { _ in fault }).objectValue else { throw fault }
        return Dictionary(object.map { ($0.0, $0.1) }, uniquingKeysWith: { $1 })
    }

    // MARK: The answer

    func answer(_ report: StateTest.Report) -> JSONObject {
        var answer: JSONObject = ["status": .string(report.status.rawValue)]
        if let output = report.output { answer["output"] = .string(texts.text(of: output)) }
        answer["nextState"] = report.nextState.map { .string($0) }
        if let failure = report.failure {
            if !failure.error.isEmpty { answer["error"] = .string(failure.error) }
            if !failure.cause.isEmpty { answer["cause"] = .string(failure.cause) }
        }
        if level != .info { answer["inspectionData"] = .object(inspection(report)) }
        return answer
    }

    /// Numbers and error details are members of their own type; everything else is a text that holds JSON.
    private func inspection(_ report: StateTest.Report) -> JSONObject {
        var shown = JSONObject()
        for (name, value) in report.inspection {
            switch name {
            case "errorDetails", "maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage":
                shown[name] = value
            default: shown[name] = .string(texts.text(of: value))
            }
        }
        if !report.variables.isEmpty {
            shown["variables"] = .text(.object(JSONObject(report.variables.sorted { $0.key < $1.key })))
        }
        return shown
    }
}

/// The texts that a request gave values in: what comes through unchanged is shown in its own text again.
struct GivenTexts {
    private var values: [(value: JSONValue, text: String, isSpaced: Bool)] = []

    /// - Parameter fault: what to throw, given why it is not JSON.
    mutating func parse(_ text: String, _ fault: (String) -> WireError) throws(WireError) -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw fault(error.message)
        }
        values.append((value, text, value.spacedText == text))
        return value
    }

    func text(of value: JSONValue) -> String {
        if let given = values.first(where: { $0.value == value }) { return given.text }
        if values.contains(where: { $0.isSpaced && $0.value.contains(value) }) { return value.spacedText }
        return value.jsonString
    }
}

extension JSONValue {
    /// As many writers put it: a blank after every comma and colon.
    fileprivate var spacedText: String {
        switch self {
        case .array(let elements): "[" + elements.map(\.spacedText).joined(separator: ", ") + "]"
        case .object(let object):
            "{" + object.map { "\(JSONValue.string($0.0).jsonString): \($0.1.spacedText)" }.joined(separator: ", ")
                + "}"
        default: jsonString
        }
    }

    fileprivate func contains(_ part: JSONValue) -> Bool {
        if self == part { return true }
        switch self {
        case .array(let elements): return elements.contains { $0.contains(part) }
        case .object(let object): return object.values.contains { $0.contains(part) }
        default: return false
        }
    }
}
