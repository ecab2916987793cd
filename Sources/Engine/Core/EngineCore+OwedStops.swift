import Interpreter

/// Stops of executions that others have decided. The decision is a row in the same commit, and stays until the execution
/// has ended: a crash before the stop is recorded must not leave it running.
extension EngineCore {
    /// A newer execution replaces those of its workflow that run (`terminate_other`).
    func replace(_ running: [ExecutionRecord], by newer: ExecutionRecord, in work: Work<Transaction>) throws {
        for record in running where record.id != newer.id {
            // What is to end already, or is waited for, keeps its row.
            if try work.transaction.nested(record.id) == nil {
                try work.transaction.insertNested(
                    NestedExecution(child: record.id, parent: newer.id, task: NestedExecution.superseded))
            }
            work.effects.append(supersession(of: record, by: newer.name))
        }
    }

    func supersession(of record: ExecutionRecord, by name: String) -> Effect {
        let cause = "The overlap policy of workflow '\(record.workflow ?? "")' gave way to execution '\(name)'."
        return .stop(record.id, error: "Workflow.Superseded", cause: cause)
    }

    /// Nobody waits for the child any more: if it runs, it is to end.
    func giveUp(_ nested: NestedExecution, in work: Work<Transaction>) throws {
        try work.transaction.removeNested(nested.child)
        guard try work.transaction.execution(nested.child)?.status == .running else { return }
        try work.transaction.insertNested(
            NestedExecution(child: nested.child, parent: nested.parent, task: NestedExecution.unwanted))
        work.effects.append(try abandonment(of: nested, in: work.transaction))
    }

    private func abandonment(of nested: NestedExecution, in transaction: Transaction) throws -> Effect {
        guard let parent = try transaction.execution(nested.parent) else {
            return .stop(nested.child, error: "", cause: "No execution waits for it any more.")
        }
        let what =
            switch parent.status {
            case .running, .succeeded: "has gone on without it"
            case .failed: "has failed"
            case .timedOut: "has timed out"
            case .aborted: "was stopped"
            }
        let cause = "The execution \(parent.stateMachine):\(parent.name) that waited for it \(what)."
        return .stop(nested.child, error: "", cause: cause)
    }

    /// What is to be asked again after a crash.
    func owedStops(in transaction: Transaction) throws -> [Effect] {
        var stops: [Effect] = []
        for nested in try transaction.orphanedNested() {
            if nested.task == NestedExecution.superseded, let record = try transaction.execution(nested.child),
                let newer = try transaction.execution(nested.parent)
            {
                stops.append(supersession(of: record, by: newer.name))
            } else {
                stops.append(try abandonment(of: nested, in: transaction))
            }
        }
        return stops
    }

    /// Those of the children that are waited for by tasks which are no longer open. Each parent is folded from its journal:
    /// slow.
    func unwanted(
        among children: ArraySlice<NestedExecution>, in transaction: Transaction
    ) throws -> [NestedExecution] {
        let awaited = Dictionary(grouping: children, by: \.parent)
        var unwanted: [NestedExecution] = []
        for (parent, children) in awaited.sorted(by: { $0.key < $1.key }) {
            do {
                let state = try load(parent, in: transaction).state
                unwanted += children.filter { !state.isOpen($0.task) }
            } catch is EngineError {
                // It holds up no other: whoever asks for the parent is told.
                continue
            }
        }
        return unwanted
    }

    /// Gives up the children of tasks that are no longer open. A task can be cancelled in the moment in which its child
    /// is being started; and a parent can have taken its child's end without the row being removed, before a crash.
    /// - Parameter children: rows that were found waited for; those that have changed meanwhile are left alone.
    func giveUpUnwanted(_ children: [NestedExecution], in work: Work<Transaction>) throws {
        for nested in children where try work.transaction.nested(nested.child) == nested && nested.isAwaited {
            let isRunning = try work.transaction.execution(nested.parent)?.status == .running
            let isOpen = try isRunning && load(nested.parent, in: work.transaction).state.isOpen(nested.task)
            if !isOpen { try giveUp(nested, in: work) }
        }
    }
}
