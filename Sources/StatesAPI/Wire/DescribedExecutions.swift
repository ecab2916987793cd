import Engine
import JSONModel
import WallTime

/// What `DescribeExecution` has to say of executions that run, since clients ask again and again until theirs has ended.
/// It is said only while the engine knows that the execution still does.
final class DescribedExecutions: Sendable {
    struct Description: Sendable {
        let record: ExecutionRecord
        /// As it was given.
        let input: String
        let redrivenAt: Instant?
    }

    private struct State {
        var recent: [String: Description] = [:]
        var older: [String: Description] = [:]
    }

    /// As many are kept at least, and twice as many at most; those with a long input are read anew each time.
    private static let limit = 512
    private static let longestInput = 4096
    private let state = LockedBox(State())

    func note(_ description: Description, of arn: String) {
        guard description.record.status == .running, description.input.utf8.count <= Self.longestInput else {
            return forget(arn)
        }
        state.withLock { state in
            if state.recent.count >= Self.limit {
                state.older = state.recent
                state.recent = [:]
            }
            state.recent[arn] = description
        }
    }

    subscript(_ arn: String) -> Description? { state.withLock { $0.recent[arn] ?? $0.older[arn] } }

    /// Once an end was said, nothing else is said any more.
    private func forget(_ arn: String) {
        state.withLock { state in
            state.recent[arn] = nil
            state.older[arn] = nil
        }
    }
}
