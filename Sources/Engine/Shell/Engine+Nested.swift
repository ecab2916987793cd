import Logging
import WallTime

extension Engine {
    /// Tells the execution that waits how the one that it started has ended. The row that links the two is there until
    /// this is durable; after a crash it is done again.
    func report(_ nested: NestedExecution) async {
        let core = core
        do {
            guard let end = try await store.read({ try core.end(of: nested.child, in: $0) }),
                try await send(.nestedEnded(nested.task, end), to: nested.parent) == .taken
            else { return }
            try await transact { try $0.transaction.removeNested(nested.child) }
        } catch {
            logger.warning(
                "an execution could not be told that what it started has ended; the next start does it",
                metadata: [
                    "execution": "\(nested.parent.rawValue)", "child": "\(nested.child.rawValue)", "error": "\(error)",
                ])
        }
    }
}
