import Interpreter
package import JSONModel
import WallTime

extension EngineCore {
    /// Starts every workflow whose pattern matches the event. Returns the names of the executions started.
    func publish(_ event: BusEvent, in work: Work<Transaction>) throws -> [String] {
        let listening = listeningWorkflows
        guard !listening.isEmpty else { return [] }
        let envelope = event.envelope
        var names: [String] = []
        for workflow in listening where workflow.event?.matches(envelope) == true {
            do {
                let record = try work.atomically { try start(workflow, for: event, envelope, in: work) }
                if let record { names.append(record.name) }
            } catch let error where error is EngineError || error is InputTemplateError {
                try writeLetter(of: event, envelope, for: workflow, error, in: work)
            }
        }
        return names
    }

    /// Nil when the event has started the workflow before, or its overlap policy keeps it from starting.
    private func start(
        _ workflow: Workflow, for event: BusEvent, _ envelope: JSONValue, in work: Work<Transaction>
    ) throws -> ExecutionRecord? {
        let name = try name(of: workflow, for: event, envelope)
        if try work.transaction.execution(named: name, of: workflow.stateMachine) != nil { return nil }
        let running = workflow.overlap == .allowAll ? [] : try running(workflow, in: work.transaction)
        if workflow.overlap != .terminateOther, !running.isEmpty { return nil }
        let record = try start(
            stateMachine: workflow.stateMachine, name: name, input: try workflow.input(for: envelope),
            workflow: workflow.name, in: work)
        try replace(running, by: record, in: work)
        return record
    }

    private func name(of workflow: Workflow, for event: BusEvent, _ envelope: JSONValue) throws -> String {
        guard let template = workflow.executionName else {
            return ExecutionNames.name(of: workflow.name, event: event)
        }
        let value = try template.value(for: envelope)
        return ExecutionNames.sanitize(value.stringValue ?? value.jsonString)
    }

    private func writeLetter(
        of event: BusEvent, _ envelope: JSONValue, for workflow: Workflow, _ error: any Error,
        in work: Work<Transaction>
    ) throws {
        _ = try work.transaction.insertDeadLetter(
            NewDeadLetter(
                kind: .event, subject: event.id, source: workflow.name, error: "Workflow.NotStarted",
                cause: "\(error)", payload: envelope.jsonBytes, at: work.now))
    }

    /// Tries again to start the workflow that the event could not start, whatever its overlap policy says: somebody asks for
    /// it, as with `trigger`.
    /// - Throws: why it still cannot be started.
    func republish(_ letter: DeadLetter, in work: Work<Transaction>) throws {
        guard let envelope = try? JSONValue(parsing: letter.letter.payload), let event = BusEvent(envelope: envelope)
        else { throw EngineError.deadLetterNotRedrivable(letter.id.rawValue, kind: .event) }
        guard let workflow = workflow(named: letter.letter.source) else {
            throw EngineError.noSuchWorkflow(letter.letter.source)
        }
        let slot = event.slot.flatMap { ExecutionNames.name(of: workflow.name, slot: $0) == event.id ? $0 : nil }
        let record = try start(
            stateMachine: workflow.stateMachine,
            name: slot == nil ? try name(of: workflow, for: event, envelope) : event.id,
            input: try workflow.input(for: envelope), workflow: workflow.name, in: work)
        guard let slot else { return }
        try work.transaction.settleFire(
            of: workflow.name, at: slot, .started, execution: record.name,
            reason: "its dead letter \(letter.id.rawValue) was redriven")
    }

    /// The running executions of a workflow, oldest first.
    func running(_ workflow: Workflow, in transaction: Transaction) throws -> [ExecutionRecord] {
        let query = ExecutionQuery(workflow: workflow.name, statuses: [.running], limit: 1000)
        return try transaction.executions(query).executions.reversed()
    }

    /// Asks for the end of executions in favour of a slot that waits for it. Each tick asks again.
    func stop(_ running: [ExecutionRecord], inFavourOf name: String, in work: Work<Transaction>) {
        for record in running { work.effects.append(supersession(of: record, by: name)) }
    }
}

extension Workflow {
    /// The input of an execution that this event starts.
    func input(for envelope: JSONValue) throws(InputTemplateError) -> JSONValue {
        try input?.value(for: envelope) ?? envelope
    }
}

extension BusEvent {
    /// The source of the events that stand for the slots of schedules.
    static let scheduler = "steward.scheduler"

    /// The slot that it stands for.
    fileprivate var slot: Instant? {
        source == Self.scheduler ? detail["nominalTime"]?.stringValue.flatMap(Instant.init(iso8601:)) : nil
    }

    /// Reads an envelope; nil when a field is missing that EventBridge always sends.
    package init?(envelope: JSONValue) {
        guard let id = envelope["id"]?.stringValue, let source = envelope["source"]?.stringValue,
            let detailType = envelope["detail-type"]?.stringValue,
            let at = envelope["time"]?.stringValue.flatMap(Instant.init(iso8601:)),
            let detail = envelope["detail"]
        else { return nil }
        self.init(
            id: id, source: source, detailType: detailType, at: at,
            account: envelope["account"]?.stringValue ?? "", region: envelope["region"]?.stringValue ?? "",
            resources: (envelope["resources"]?.arrayValue ?? []).compactMap(\.stringValue), detail: detail)
    }
}
