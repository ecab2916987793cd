import Foundation

/// Carries a cancellation to work that is brought to an orderly end instead of being broken off.
final class Stopping: @unchecked Sendable {
    // Sendable because `isSet` is touched only while `lock` is held.
    private let lock = NSLock()
    private var isSet = false

    var isStopping: Bool { lock.withLock { isSet } }

    func stop() { lock.withLock { isSet = true } }

    /// Runs `work` to its end, also when the task is cancelled meanwhile: it hears of that through `isStopping`.
    func finishing<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let task = Task { try await work() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            stop()
        }
    }
}
