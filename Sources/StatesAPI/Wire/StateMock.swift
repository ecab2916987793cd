import Interpreter
import JSONModel
import StatesLanguage

/// The mock of a test: a result or an error in place of what the state calls.
struct StateMock {
    private enum Mode: String, CaseIterable { case strict = "STRICT", present = "PRESENT", none = "NONE" }

    private let text: String?
    private let failure: TaskFailure?
    private let mode: Mode

    /// Nil when the request has none.
    init?(_ parameters: WireParameters) {
        guard let mock = parameters.structure("mock") else { return nil }
        text = mock.optionalString("result", max: 262_144)
        failure = mock.structure("errorOutput").map { error in
            TaskFailure(
                error: error.optionalString("error", max: 256) ?? "",
                cause: error.optionalString("cause", max: 32_768) ?? "")
        }
        mode = mock.choice("fieldValidationMode", Mode.self) ?? .strict
    }

    /// - Throws: `ValidationException`.
    func result(for state: State, texts: inout GivenTexts) throws(WireError) -> Result<JSONValue, TaskFailure> {
        guard (text == nil) != (failure == nil) else {
            throw .validation("A test mock should have only one of the following fields: [result, errorOutput].")
        }
        if let failure { return .failure(failure) }
        let result = try texts.parse(text ?? "") { _ in .validation("Mocked result must be valid JSON") }
        switch state.kind {
        case .map(let map):
            if map.resultWriter?.resource != nil {
                guard result.objectValue != nil else { throw .validation("Mocked result must be a JSON object.") }
            } else {
                guard result.arrayValue != nil else { throw .validation("Mocked result must be an array.") }
            }
        case .parallel:
            guard result.arrayValue != nil else { throw .validation("Mocked result must be an array.") }
        case .task(let task): try checkFields(of: result, task.resource)
        case .pass, .choice, .wait, .succeed, .fail: break
        }
        return .success(result)
    }

    /// AWS checks a mocked result against the output of the API that it stands for.
    private func checkFields(of result: JSONValue, _ resource: Resource) throws(WireError) {
        guard mode != .none, let shape = ServiceShapes.output(of: resource) else { return }
        if let fault = shape.fault(of: result, requiresAll: mode == .strict) {
            throw .validation("Mock result schema validation error: \(fault)")
        }
    }
}

/// `stateConfiguration` of a test.
struct StateConfiguration {
    private let retries: Int64?
    private let culprit: String?
    private let failedIterations: Int64?
    private let readerData: String?

    init(_ parameters: WireParameters) {
        let given = parameters.structure("stateConfiguration")
        retries = given?.integer("retrierRetryCount", in: 0...Int64(Int32.max))
        culprit = given?.optionalString("errorCausedByState", min: 1, max: 80)
        failedIterations = given?.integer("mapIterationFailureCount", in: 0...Int64(Int32.max))
        readerData = given?.optionalString("mapItemReaderData", max: 262_144)
    }

    /// - Throws: `ValidationException` for what does not go with the state.
    func apply(
        to setting: inout StateTest.Setting, _ state: State, texts: inout GivenTexts
    ) throws(WireError) {
        setting.retries = retries.map(Int.init) ?? 0
        if let culprit {
            let scopes: [StateScope] =
                switch state.kind {
                case .map(let map): [map.processor]
                case .parallel(let branches): branches
                case .pass, .task, .choice, .wait, .succeed, .fail: []
                }
            guard !scopes.isEmpty else {
                throw .validation("errorCausedByState is only supported for Map and Parallel states")
            }
            guard scopes.contains(where: { $0.state(named: culprit) != nil }) else {
                throw .validation("State '\(culprit)' specified in errorCausedByState not found in definition")
            }
        }
        if let failedIterations {
            guard case .map = state.kind else {
                throw .validation("mapIterationFailureCount is only supported for Map states")
            }
            setting.failedIterations = Int(failedIterations)
        }
        if let readerData {
            guard case .map(let map) = state.kind, map.itemReader != nil else {
                throw .validation("mapItemReaderData is only supported for Map states with an ItemReader")
            }
            let fault = WireError.validation("mapItemReaderData must be a valid JSON array")
            guard let items = try texts.parse(readerData, { _ in fault }).arrayValue else { throw fault }
            setting.itemReaderData = items
        }
    }
}

/// The context object that a test gives in place of an execution's.
enum MockedContext {
    private static let members: [String: Set<String>] = [
        "Execution": ["Id", "Input", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime"],
        "State": ["EnteredTime", "Name", "RetryCount"], "StateMachine": ["Id", "Name"], "Task": ["Token"],
    ]

    /// - Throws: `ValidationException`.
    static func parse(
        _ text: String, for state: State, texts: inout GivenTexts
    ) throws(WireError) -> JSONValue {
        let invalid = WireError.validation("Context must be a valid JSON object")
        let value = try texts.parse(text) { _ in invalid }
        guard let object = value.objectValue else { throw invalid }
        for (name, part) in object {
            if name == "Map" { throw fault("'Map' field is not supported when mocking a Context object") }
            guard let known = members[name] else { throw fault("Field '\(name)' is not allowed") }
            guard let part = part.objectValue else { throw fault("Field '\(name)' must be an object") }
            for (field, value) in part {
                guard known.contains(field) else { throw fault("Field '\(field)' is not allowed") }
                try check(field, value)
            }
        }
        if object.contains("Task"), !waits(state) {
            throw fault(
                "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' "
                    + "service integration pattern")
        }
        return value
    }

    private static func check(_ field: String, _ value: JSONValue) throws(WireError) {
        switch field {
        case "Input": return
        case "RetryCount", "RedriveCount":
            guard value.intValue != nil else { throw fault("Field '\(field)' must be a number") }
        default: guard value.stringValue != nil else { throw fault("Field '\(field)' must be a string") }
        }
    }

    private static func waits(_ state: State) -> Bool {
        guard case .task(let task) = state.kind else { return false }
        return task.resource.pattern != .requestResponse
    }

    private static func fault(_ text: String) -> WireError {
        .validation("Invalid Context object provided: \(text)")
    }
}
