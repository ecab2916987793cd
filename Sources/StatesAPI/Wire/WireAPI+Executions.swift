import Engine
import Interpreter
import JSONModel
import StatesLanguage
import WallTime

/// Executions: starting, stopping, redriving.
extension WireAPI {
    func executionOperation(_ name: String) -> Operation? {
        switch name {
        case "StartExecution": startExecution
        case "StartSyncExecution": startSyncExecution
        case "StopExecution": stopExecution
        case "RedriveExecution": redriveExecution
        case "DescribeExecution": describeExecution
        case "ListExecutions": listExecutions
        case "GetExecutionHistory": getExecutionHistory
        default: nil
        }
    }

    /// Characters of an execution's input and output.
    static var payloadLimit: Int { 262_144 }

    // MARK: Starting

    private struct StartRequest: Sendable {
        let arn: WireARN
        let name: String?
        let input: JSONValue
        /// As it was given.
        let text: String
        let included: IncludedData
        /// Whether a task of an execution asks, and not a client.
        let isInner: Bool
    }

    private func startRequest(_ parameters: WireParameters) throws -> StartRequest {
        let text = parameters.string("stateMachineArn", max: 256)
        let name = parameters.optionalString("name", min: 1)
        let input = parameters.optionalString("input", max: Self.payloadLimit)
        _ = parameters.optionalString("traceHeader", max: 256, pattern: .ascii)
        let included = parameters.choice("includedData", IncludedData.self) ?? .all
        try parameters.check()
        let arn = try WireARN(text)
        guard arn.machine != nil else { throw arn.misplaced() }
        if let name { try Self.validate(name: name) }
        return StartRequest(
            arn: arn, name: name, input: try input.map(ExecutionInput.parse) ?? [:], text: input ?? "{}",
            included: included, isInner: parameters.actor != nil)
    }

    private func startExecution(_ parameters: WireParameters) async throws -> JSONObject {
        started(try await start(startRequest(parameters), only: nil))
    }

    /// Starts an execution that a task waits for; once, however often the task's step runs.
    func startNested(_ parameters: JSONObject, by context: TaskContext) async throws -> JSONObject {
        let request = try startRequest(WireParameters(parameters))
        let known = try await engine.read { transaction in
            let nested = try transaction.nested(of: context.execution).first { $0.task == context.task }
            return try nested.flatMap { try transaction.execution($0.child) }
        }
        if let known { return started(known) }
        return started(try await start(request, only: nil, for: context))
    }

    private func started(_ record: ExecutionRecord) -> JSONObject {
        [
            "executionArn": .string(executionARN(record)), "startDate": .timestamp(record.startedAt),
        ]
    }

    private func startSyncExecution(_ parameters: WireParameters) async throws -> JSONObject {
        let request = try startRequest(parameters)
        let started = try await start(request, only: .express)
        // The engine ends an express execution after five minutes; the deadline is for an engine that cannot.
        let record = try await engine.waitUntilFinished(started.id, deadline: clock.now() + .seconds(330))
        let state = try await engine.state(record.id)
        let stop = record.stoppedAt ?? clock.now()
        var answer: JSONObject = [
            "executionArn": .string(executionARN(record)), "name": .string(ExecutionNames.given(record.name)),
            "stateMachineArn": .string(machineARN(record.stateMachine)),
            "startDate": .timestamp(record.startedAt), "stopDate": .timestamp(stop),
            "status": .string(record.status.rawValue), "billingDetails": Self.billing(record.startedAt, stop),
        ]
        answer["error"] = record.error.map { .string($0) }
        answer["cause"] = record.cause.map { .string($0) }
        answer.addPayloads(state, text: request.text, included: request.included)
        return answer
    }

    /// As AWS would charge: begun tenths of a second, and its smallest memory.
    private static func billing(_ start: Instant, _ stop: Instant) -> JSONValue {
        let milliseconds = max(1, stop.milliseconds - start.milliseconds)
        return [
            "billedDurationInMilliseconds": .int((milliseconds + 99) / 100 * 100), "billedMemoryUsedInMB": 64,
        ]
    }

    private func start(
        _ request: StartRequest, only type: StateMachineType?, for parent: TaskContext? = nil
    ) async throws -> ExecutionRecord {
        let arn = request.arn
        // What an execution starts belongs to work under way: refused for want of space, or in the moment in which the
        // daemon shuts down, its task would fail.
        if parent == nil, !request.isInner { try engine.admitStart() }
        do {
            let (started, isRepeated) = try await engine.transact(isSmall: true) { work in
                // Ended meanwhile, it would never hear of this one, nor stop it.
                if let parent, try work.transaction.execution(parent.execution)?.status != .running {
                    throw EngineError.taskGone
                }
                guard self.isLocal(arn), let machine = arn.machine else { throw WireError.noStateMachine(arn.text) }
                let record = try self.machine(machine, arn.text, in: work.transaction)
                if let type, record.current.settings.type != type { throw WireError.typeNotSupported }
                let qualifier = try self.qualifier(arn, in: work)
                let published = try qualifier.version.flatMap {
                    try work.transaction.publishedVersion($0, of: machine)
                }
                if qualifier.version != nil, published == nil { throw WireError.noStateMachine(arn.text) }
                if parent != nil, let name = request.name,
                    try work.transaction.execution(named: name, of: machine) != nil
                {
                    throw EngineError.executionExists(name: name)
                }
                let isRepeated =
                    try request.name.map { try work.transaction.execution(named: $0, of: machine) != nil } ?? false
                let started = try work.startExecution(
                    stateMachine: machine, name: request.name, input: request.input, version: published?.revision,
                    qualifier: qualifier)
                if !isRepeated, request.text != request.input.jsonString {
                    try work.transaction.saveInputText(request.text, of: started.id)
                }
                if let parent {
                    try work.transaction.insertNested(
                        NestedExecution(child: started.id, parent: parent.execution, task: parent.task))
                }
                return (started, isRepeated)
            }
            // Express executions, whose names have a colon, are not described.
            if !isRepeated, !started.name.contains(":") {
                let description = DescribedExecutions.Description(record: started, input: request.text, redrivenAt: nil)
                described.note(description, of: executionARN(started))
            }
            return started
        } catch EngineError.executionExists(let name) {
            throw WireError.executionExists(self.arn("execution", "\(arn.machine ?? ""):\(name)"))
        }
    }

    private func qualifier(_ arn: WireARN, in work: Work<Store.Transaction>) throws -> ExecutionQualifier {
        switch arn.resource {
        case .version(_, let number): return ExecutionQualifier(version: number)
        case .alias(let machine, let name):
            guard let alias = try work.transaction.alias(named: name, of: machine) else {
                throw WireError.noStateMachine(arn.text)
            }
            return ExecutionQualifier(version: alias.pick(Int.random(in: 0..<100)), alias: name)
        default: return ExecutionQualifier()
        }
    }

    // MARK: Ending

    private func stopExecution(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("executionArn", max: 256)
        let error = parameters.optionalString("error", max: 256)
        let cause = parameters.optionalString("cause", max: 32_768)
        try parameters.check()
        let arn = try WireARN(text)
        let found = try await engine.read { try self.execution(arn, in: $0) }
        guard found.child == nil else {
            throw WireError.validation("A child execution of a Map Run is stopped with its Map Run's execution")
        }
        do {
            let record = try await engine.stopExecution(
                found.record.id, error: error, cause: cause, by: asker(parameters))
            return ["stopDate": .timestamp(record.stoppedAt ?? clock.now())]
        } catch EngineError.executionNotRunning {
            // AWS answers with the time when it ended.
            return ["stopDate": .timestamp(found.record.stoppedAt ?? clock.now())]
        }
    }

    private func redriveExecution(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("executionArn", max: 256)
        _ = parameters.optionalString("clientToken", min: 1, max: 64, pattern: .visible)
        try parameters.check()
        let arn = try WireARN(text)
        let found = try await engine.read { try self.execution(arn, in: $0) }
        guard found.child == nil else {
            throw WireError("ExecutionNotRedrivable", "Execution is redrivable by its Map Run's execution only")
        }
        let id = found.record.id
        _ = try await engine.redriveExecution(id, by: asker(parameters))
        // It may have ended, and aged out, since.
        let core = engine.core
        let recorded = try await engine.read { transaction in
            try transaction.execution(id) == nil ? nil : core.load(id, in: transaction).state.redrivenAt
        }
        return ["redriveDate": .timestamp(recorded ?? clock.now())]
    }
}

/// The text of an execution's input.
enum ExecutionInput {
    /// - Throws: `InvalidExecutionInput`.
    static func parse(_ text: String) throws(WireError) -> JSONValue {
        if text.isEmpty { throw .invalidInput("Invalid execution input.") }
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw .invalidInput("\(error.message) at line \(error.line), column \(error.column)")
        }
    }
}

extension StateMachineAlias {
    /// The version for an execution, by a number from 0 to 99.
    func pick(_ number: Int) -> Int? {
        var bound = 0
        for route in routes {
            bound += route.weight
            if number < bound { return route.version }
        }
        return routes.last?.version
    }
}

extension JSONObject {
    /// Input and output, as texts that hold JSON; nothing when only metadata is asked for.
    mutating func addPayloads(input: String, output: JSONValue?, included: IncludedData) {
        let details: JSONValue = ["included": .bool(included == .all)]
        if included == .all { self["input"] = .string(input) }
        self["inputDetails"] = details
        guard let output else { return }
        if included == .all { self["output"] = .text(output) }
        self["outputDetails"] = details
    }

    /// - Parameter text: of the input, as it was given.
    mutating func addPayloads(_ state: ExecutionState, text: String?, included: IncludedData) {
        var output: JSONValue?
        if case .succeeded(let value) = state.outcome { output = value }
        addPayloads(input: text ?? state.input.jsonString, output: output, included: included)
    }
}
