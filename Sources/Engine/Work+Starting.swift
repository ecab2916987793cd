package import JSONModel

extension Work {
    /// Publishes an event: every workflow whose pattern matches starts its state machine in this transaction.
    ///
    /// The name of each execution is derived from the event's id, so publishing again starts nothing again. A workflow
    /// that cannot be started, because the event lacks what its input needs, say, leaves a dead letter instead.
    /// - Returns: the names of the executions started.
    @discardableResult
    package func publish(_ event: BusEvent) throws -> [String] { try core.publish(event, in: self) }

    /// Starts an execution. A running one of the same name and input is returned instead.
    /// - Parameter version: nil for the machine's current one.
    /// - Throws: `EngineError.executionExists` when the name is taken otherwise.
    @discardableResult
    package func startExecution(
        stateMachine: String, name: String?, input: JSONValue, workflow: String? = nil,
        version: StateMachineVersionID? = nil, qualifier: ExecutionQualifier = ExecutionQualifier()
    ) throws -> ExecutionRecord {
        try core.start(
            stateMachine: stateMachine, name: name, input: input, workflow: workflow, version: version,
            qualifier: qualifier, in: self)
    }

    /// Undoes what `body` did when it throws, its rows and what was started in it.
    package func atomically<Result>(_ body: () throws -> Result) throws -> Result {
        let (mark, given) = (effects.count, handOuts.count)
        do {
            return try transaction.atomically(body)
        } catch {
            effects.removeSubrange(mark...)
            handOuts.undo(to: given)
            throw error
        }
    }
}
