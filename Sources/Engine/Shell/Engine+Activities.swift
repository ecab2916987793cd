import Interpreter
package import JSONModel
package import WallTime

/// A task that a worker elsewhere was handed.
package struct ActivityAssignment: Sendable, Equatable {
    package var token: String
    package var input: JSONValue
}

/// Workers elsewhere: they ask for a task, and report by its token.
extension Engine {
    /// Hands out the task of the activity that has waited longest, as soon as there is one; nil at the deadline. The
    /// task is recorded as started before it is handed out.
    /// - Throws: `EngineError.noSuchActivity`, `EngineError.draining`.
    package func nextActivityTask(
        _ activity: String, worker: String?, deadline: Instant
    ) async throws -> ActivityAssignment? {
        while true {
            let signal = Signal()
            let number = pollers.add(signal, for: activity)
            defer { pollers.remove(number, for: activity) }
            if isDraining { throw EngineError.draining }
            // Looked at after the signal is in place, so that an offer in between is not missed.
            do {
                if let assignment = try await take(activity, worker: worker) { return assignment }
            } catch {
                pollers.wakeOne(of: activity)
                throw error
            }
            if Task.isCancelled || clock.now() >= deadline {
                pollers.wakeOne(of: activity)
                return nil
            }
            let timer = Task { [clock] in
                do { try await clock.sleepUntil(deadline) } catch { return }
                signal.give()
            }
            await signal.wait()
            timer.cancel()
        }
    }

    /// Workers that wait for a task, of whatever activity.
    package var pollerCount: Int { pollers.count }

    /// Workers that wait for a task of the activity.
    package func pollerCount(of activity: String) -> Int { pollers.count(of: activity) }

    private func take(_ activity: String, worker: String?) async throws -> ActivityAssignment? {
        // As many as others are taking just now, and a few more, so that one of them is free.
        let batch = min(64, pollers.claimedCount + 2)
        var skipped: Set<TaskKey> = []
        while true {
            let limit = batch + skipped.count
            let offers = try await store.read { transaction in
                guard try transaction.activity(named: activity) != nil else {
                    throw EngineError.noSuchActivity(activity)
                }
                return try transaction.offeredTasks(of: activity, limit: limit)
            }
            let fresh = offers.filter { !skipped.contains(TaskKey($0)) }
            guard !fresh.isEmpty else { return nil }
            for offer in fresh {
                guard pollers.claim(offer) else {
                    skipped.insert(TaskKey(offer))
                    continue
                }
                defer { pollers.release(offer) }
                let answer = try await ask(.handOut(offer.task, worker: worker), of: offer.execution)
                guard answer == .taken else {
                    skipped.insert(TaskKey(offer))
                    continue
                }
                return ActivityAssignment(
                    token: core.tokens.token(execution: offer.execution, task: offer.task), input: offer.input)
            }
        }
    }

    private struct TaskKey: Hashable {
        var execution: ExecutionID
        var task: Int

        init(_ offer: OfferedTask) { (execution, task) = (offer.execution, offer.task) }
    }

    /// The activity is no more: those who poll it are told.
    package func deleteActivity(_ name: String) async throws {
        try await transact { try $0.transaction.deleteActivity(named: name) }
        pollers.wakeAll(of: name)
    }
}
