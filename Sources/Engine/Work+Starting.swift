package import JSONModel

extension Work {
    /// Publishes an event: every workflow whose pattern matches starts its state machine in this transaction.
    ///
    /// The name of each execution is derived from the event's id, so publishing again starts nothing again.
    /// - Returns: the names of the executions started.
    @discardableResult
    package func publish(_ event: BusEvent) throws -> [String] { pending() }

    /// Starts an execution. The same name and input as a running one's returns that one.
    /// - Throws: `EngineError.executionExists` when the name is taken otherwise.
    @discardableResult
    package func startExecution(
        stateMachine: String, name: String?, input: JSONValue, workflow: String? = nil
    ) throws -> ExecutionRecord { pending() }
}
