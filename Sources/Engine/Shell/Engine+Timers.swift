import Interpreter
import Logging
package import WallTime

/// Everything that time brings about: deadlines of what is in memory, waits of what is parked, schedules, redrives.
extension Engine {
    func runTimers() async {
        while !Task.isCancelled, !live.withLock({ $0.isDraining }) {
            let now = clock.now()
            var next: Instant
            do {
                next = try await tick(at: now) ?? .distantFuture
            } catch {
                noteTrouble("the timers could not be read; they are tried again", error, level: .error)
                next = now + options.storeRetryDelay
            }
            await alarm.sleep(until: min(next, now + options.longestSleep), clock: clock)
        }
    }

    /// Does what is due at `now`, and returns when the next thing is due; nil when nothing is.
    ///
    /// Nothing fires early: everything is compared with `now`. Nothing fires twice: a wait that was woken is no longer
    /// due when this returns, a slot is a row, and a deadline is taken out of the heap.
    package func tick(at now: Instant) async throws -> Instant? {
        for id in live.withLock({ $0.takeDue(at: now) }) { post(.stimulus(.wake), to: id) }
        try await wakeParked(at: now)
        var trouble: (any Error)?
        do { try await tickSchedules(at: now) } catch { trouble = error }
        try await redriveLetters(at: now)
        if let trouble { throw trouble }
        let earliestWake = try await store.read { try $0.earliestWake() }
        // What is still due cannot be woken now: look again soon, but not at once.
        let wake = earliestWake.map { $0 > now ? $0 : now + .seconds(1) }
        return live.withLock { live in
            [wake, live.earliestDeadline(), live.scheduleDue.values.min(), live.letterDue.min()]
                .compactMap(\.self).min()
        }
    }

    /// Wakes the parked executions that are due, a batch at a time.
    private func wakeParked(at now: Instant) async throws {
        var attempted: Set<ExecutionID> = []
        // What can't be woken stays due, and is read again each time: it must leave a batch's room for others.
        var refused = 0
        while !live.withLock({ $0.isDraining }) {
            let limit = options.timerBatch + refused + live.withLock { $0.unreadable.count }
            let due = try await store.read { try $0.dueExecutions(at: now, limit: limit) }
            let fresh = live.withLock { live in
                due.filter { !attempted.contains($0) && !live.unreadable.contains($0) }
            }
            guard !fresh.isEmpty else { return }
            attempted.formUnion(fresh)
            refused += await deliver(.stimulus(.wake), to: fresh)
            guard due.count == limit else { return }
        }
    }

    /// Brings the same to many, and returns when all of it is durable or refused, or the task is cancelled. What the
    /// store refuses is not kept, but brought again by whoever asked: one execution that cannot be read or recorded
    /// must not hold up all others.
    /// - Returns: how many the store has refused.
    @discardableResult
    func deliver(_ delivery: Delivery, to ids: [ExecutionID]) async -> Int {
        guard !ids.isEmpty else { return 0 }
        let (open, refused) = (LockedBox(ids.count), LockedBox(0))
        let done = Signal<Void>()
        for id in ids {
            var parcel = Parcel(delivery: delivery) { answer in
                if case .failure(let error) = answer, !(error is EngineError) { refused.withLock { $0 += 1 } }
                let isLast = open.withLock { count in
                    count -= 1
                    return count == 0
                }
                if isLast { done.give() }
            }
            parcel.isGivenBack = true
            post(parcel, to: id)
        }
        await done.wait()
        return refused.withLock { $0 }
    }

    private func tickSchedules(at now: Instant) async throws {
        let due = live.withLock { $0.dueSchedules(at: now) }
        var trouble: (any Error)?
        for name in due.sorted() {
            // What asks for an earlier look from now on, a workflow edited meanwhile, say, must not be forgotten.
            live.withLock { $0.scheduleDue[name] = nil }
            guard let workflow = core.workflow(named: name) else { continue }
            let core = core
            do {
                let next = try await transact { try core.tick(workflow, in: $0) }
                live.withLock { $0.lookAtSchedule(name, at: next) }
            } catch {
                live.withLock { $0.lookAtSchedule(name, at: now) }
                trouble = error
            }
        }
        if let trouble { throw trouble }
    }

    private func redriveLetters(at now: Instant) async throws {
        live.withLock { $0.letterDue = $0.letterDue.filter { $0 > now } }
        let limit = 100
        let due = try await store.read { try $0.dueDeadLetters(at: now, limit: limit) }
        let core = core
        var trouble: StoreError?
        for letter in due {
            // What is due stays so: the next process redrives it.
            if isDraining { return }
            do {
                try await redrive(letter, by: nil)
            } catch let error as StoreError {
                trouble = error
            } catch EngineError.draining {
                return
            } catch {
                guard try await transact({ try core.leaveToPeople(letter, in: $0) }) else { continue }
                logger.warning(
                    "a dead letter could not be redriven and waits for a person",
                    metadata: ["deadLetter": "\(letter.id.rawValue)", "error": "\(error)"])
            }
        }
        if let trouble { throw trouble }
        if due.count == limit { live.withLock { _ = $0.letterDue.insert(now) } }
    }

    /// - Parameter actor: whom the audit log names; nil when nobody asked for it.
    func redrive(_ letter: DeadLetter, by actor: String?) async throws {
        if letter.letter.kind == .execution, let execution = letter.letter.execution {
            if try await ask(.redrive(by: actor), of: execution) == .late { throw EngineError.taskGone }
            return
        }
        let core = core
        try await transact { try core.redrive(letter, by: actor, in: $0) }
    }
}
