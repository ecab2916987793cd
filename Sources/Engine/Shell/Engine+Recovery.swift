import Logging
import WallTime

extension Engine {
    /// Takes up the executions that a former process left with work under way: each is folded from its journal, and its
    /// open tasks are carried out again, with the same keys. What is already in memory is left alone.
    func recover() async {
        while !Task.isCancelled, !live.withLock({ $0.isDraining }) {
            do {
                return try await takeUpLiveExecutions()
            } catch {
                noteTrouble("executions could not be taken up again yet; it is tried again", error, level: .error)
                do { try await clock.pause(for: options.storeRetryDelay) } catch { return }
            }
        }
    }

    private func takeUpLiveExecutions() async throws {
        let ids = try await store.read { try $0.liveExecutions() }
        // Those that are to be redriven: what waits for people may be very much more, and large.
        let letters = try await store.read { try $0.dueDeadLetters(at: .distantFuture, limit: 10_000) }
        live.withLock { live in
            for letter in letters { if let due = letter.letter.nextRedrive { live.letterDue.insert(due) } }
        }
        for nested in try await store.read({ try $0.endedNested() }) { await report(nested) }
        alarm.note(clock.now())
        for start in stride(from: 0, to: ids.count, by: options.recoveryBatch) {
            if Task.isCancelled || live.withLock({ $0.isDraining }) { return }
            let batch = ids[start..<min(start + options.recoveryBatch, ids.count)]
            let unknown = live.withLock { live in batch.filter { live.isUnknown($0) } }
            await deliver(.takeUp, to: unknown)
        }
        if !ids.isEmpty { logger.info("executions taken up again", metadata: ["count": "\(ids.count)"]) }
    }
}
