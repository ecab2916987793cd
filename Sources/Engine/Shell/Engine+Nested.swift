import Logging
import WallTime

extension Engine {
    /// Tells the execution that waits how the one that it started has ended, and again while the store cannot be read:
    /// nothing else takes it on. The row that links the two is there until this is durable; after a crash it is done
    /// again.
    func report(_ nested: NestedExecution) async {
        var delay = options.storeRetryDelay
        while !live.withLock({ $0.isDraining || $0.isClosed }) {
            do {
                return try await tell(nested)
            } catch let error as EngineError {
                return warn(nested, error)
            } catch {
                warn(nested, error)
            }
            // Cancelled, the process ends, and the next start does it.
            do { try await clock.pause(for: delay) } catch { return }
            delay = min(delay * 2, options.longestSleep)
        }
    }

    private func tell(_ nested: NestedExecution) async throws {
        let core = core
        guard let end = try await store.read({ try core.end(of: nested.child, in: $0) }),
            try await send(.nestedEnded(nested.task, end), to: nested.parent) == .taken
        else { return }
        try await transact { try $0.transaction.removeNested(nested.child) }
    }

    private func warn(_ nested: NestedExecution, _ error: any Error) {
        logger.warning(
            "an execution could not be told yet that what it started has ended",
            metadata: [
                "execution": "\(nested.parent.rawValue)", "child": "\(nested.child.rawValue)", "error": "\(error)",
            ])
    }
}
