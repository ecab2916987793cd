import Engine
import JSONModel
import WallTime

/// What `DescribeExecution` has last said of executions that run, since clients ask for the same again and again until
/// theirs has ended. It is said again only while the engine knows that nothing has changed: the execution is in memory,
/// runs, and nothing about it is being committed.
final class DescribedExecutions: Sendable {
    struct Description: Sendable {
        let execution: ExecutionID
        let startedAt: Instant
        let redriveCount: Int
        let answer: JSONObject
    }

    private struct State {
        var recent: [String: Description] = [:]
        var older: [String: Description] = [:]
    }

    /// As many are kept at least, and twice as many at most; those with a long input are read anew each time.
    private static let limit = 512
    private static let longestInput = 4096
    private let state = LockedBox(State())

    func note(_ description: Description, input: String, of arn: String) {
        guard input.utf8.count <= Self.longestInput else { return }
        state.withLock { state in
            if state.recent.count >= Self.limit {
                state.older = state.recent
                state.recent = [:]
            }
            state.recent[arn] = description
        }
    }

    subscript(_ arn: String) -> Description? { state.withLock { $0.recent[arn] ?? $0.older[arn] } }
}
