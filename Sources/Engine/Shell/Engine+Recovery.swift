import Interpreter
import Logging
import WallTime

extension Engine {
    /// Takes up the executions that a former process left with work under way: each is folded from its journal, and its
    /// open tasks are carried out again, with the same keys. What is already in memory is left alone.
    /// - Parameter owing: whether what is owed could not be read yet.
    func recover(owing: Bool) async {
        if owing { await insist { try await self.readWhatIsOwed() } }
        await insist { try await self.takeUpLiveExecutions() }
        await insist { try await self.giveUpUnwantedChildren() }
    }

    /// Does it again, ever more rarely, until the store lets it be done, or the engine ends.
    private func insist(_ work: () async throws -> Void) async {
        var delay = options.storeRetryDelay
        while !Task.isCancelled, !haveSurveysEnded {
            do {
                return try await work()
            } catch {
                noteTrouble("executions could not be taken up again yet; it is tried again", error, level: .error)
                do { try await clock.pause(for: delay) } catch { return }
                delay = min(delay * 2, options.longestSleep)
            }
        }
    }

    /// Redrives that are due some time, ends of executions that those who wait for them have not been told, and stops
    /// that were decided and not recorded.
    /// - Returns: false when it can't be read now: nothing else waits for that.
    func noteWhatIsOwed() async -> Bool {
        do {
            try await readWhatIsOwed()
            return true
        } catch {
            noteTrouble("what a former process owed could not be read yet; it is tried again", error, level: .error)
            return false
        }
    }

    private func readWhatIsOwed() async throws {
        let redrives = try await store.read { try $0.redriveTimes(limit: 10_000) }
        let core = core
        let (ended, stops) = try await store.read { (try $0.endedNested(), try core.owedStops(in: $0)) }
        live.withLock { live in
            live.letterDue.formUnion(redrives)
        }
        for nested in ended { Task { await report(nested) } }
        carryOut(stops)
        alarm.note(clock.now())
    }

    private func takeUpLiveExecutions() async throws {
        let ids = try await store.read { try $0.liveExecutions() }
        var refused = 0
        for start in stride(from: 0, to: ids.count, by: options.recoveryBatch) {
            if Task.isCancelled || isDraining { return }
            let batch = ids[start..<min(start + options.recoveryBatch, ids.count)]
            let unknown = live.withLock { live in batch.filter { live.isUnknown($0) } }
            refused += await deliver(.takeUp, to: unknown)
        }
        guard refused == 0 else { throw StoreError.unavailable("\(refused) executions can't be read") }
        if !ids.isEmpty { logger.info("executions taken up again", metadata: ["count": "\(ids.count)"]) }
    }
}
