import Interpreter
import Logging
import WallTime

extension Engine {
    /// Tells the execution that waits how the one that it started has ended, and again while the store cannot be read:
    /// nothing else takes it on. The row that links the two is there until this is durable; after a crash it is done
    /// again.
    func report(_ nested: NestedExecution) async {
        await persevere {
            try await tell(nested)
        } otherwise: { error in
            logger.warning(
                "an execution could not be told yet that what it started has ended",
                metadata: [
                    "execution": "\(nested.parent.rawValue)", "child": "\(nested.child.rawValue)", "error": "\(error)",
                ])
        }
    }

    private func tell(_ nested: NestedExecution) async throws {
        let core = core
        guard let end = try await store.read({ try core.end(of: nested.child, in: $0) }) else { return }
        let isTaken = try await send(.nestedEnded(nested.task, end), to: nested.parent) == .taken
        try await transact { work in
            if isTaken {
                try work.transaction.removeNested(nested.child)
            } else {
                // Told before a crash, or no longer wanted; one whose task is not yet recorded as submitted stays.
                try core.giveUpUnwanted([nested], in: work)
            }
        }
    }

    /// What a task started is to end, since the task was cancelled while it was being started.
    func giveUpChild(of task: TaskID, in parent: ExecutionID) async {
        let core = core
        await persevere {
            try await transact { work in
                let children = try work.transaction.nested(of: parent).filter { $0.task == task }
                try core.giveUpUnwanted(children, in: work)
            }
        } otherwise: { error in
            logger.warning(
                "an execution that nobody waits for could not be stopped yet",
                metadata: ["execution": "\(parent.rawValue)", "task": "\(task)", "error": "\(error)"])
        }
    }

    /// After a crash: what was started by tasks that were cancelled meanwhile. Some at a time, those of a parent together:
    /// a million may be waited for, and while one reads, the store's log only grows.
    func giveUpUnwantedChildren() async throws {
        let core = core
        let awaited = try await store.read { try $0.awaitedNested() }
            .sorted { ($0.parent, $0.child) < ($1.parent, $1.child) }
        for start in stride(from: 0, to: awaited.count, by: options.recoveryBatch) {
            if Task.isCancelled || isDraining { return }
            let batch = awaited[start..<min(start + options.recoveryBatch, awaited.count)]
            let unwanted = try await store.survey { try core.unwanted(among: batch, in: $0) }
            guard !unwanted.isEmpty else { continue }
            try await transact { try core.giveUpUnwanted(unwanted, in: $0) }
        }
    }

    /// Does it again, ever more rarely, while the store refuses. When the engine ends, the next start does it.
    private func persevere(
        _ work: () async throws -> Void, otherwise warn: (any Error) -> Void
    ) async {
        var delay = options.storeRetryDelay
        while !live.withLock({ $0.isDraining || $0.isClosed }) {
            do {
                return try await work()
            } catch {
                warn(error)
                if error is EngineError { return }
            }
            do { try await clock.pause(for: delay) } catch { return }
            delay = min(delay * 2, options.longestSleep)
        }
    }
}

extension Delivery {
    /// The task that has started an execution and waits for its end, where this is its first result.
    var startOfNested: TaskID? {
        switch self {
        case .submitted(let order, _, _), .failed(let order, _, _):
            order.resource.isNestedExecution ? order.task : nil
        case .stimulus, .asked, .performed, .takeUp, .handOut, .nestedEnded, .redrive: nil
        }
    }
}
