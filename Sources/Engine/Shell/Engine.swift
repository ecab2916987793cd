package import Logging
package import WallTime

/// Runs executions: keeps those that have work under way in memory, commits what happens to them, and carries out what
/// follows.
///
/// A thin shell around `EngineCore`, which decides. Each execution has a mailbox: whatever arrives for it while a
/// commit is under way goes into the next one together. Steps are started, and callers answered, only once the commit
/// that says so is durable. An execution that waits for nothing but time or a callback is parked: it is rows only.
package final class Engine<Store: ExecutionStore>: Sendable {
    package typealias Core = EngineCore<Store.Transaction>
    package typealias Redriver = Core.Redriver

    package let core: Core
    package var options: EngineOptions { core.options }
    let store: Store
    let clock: WallClock
    /// The time as the engine reads it.
    package var now: Instant { clock.now() }
    let faults: @Sendable (FaultPoint) -> Void
    let logger: Logger
    let live: LockedBox<LiveExecutions>
    /// Of this process's own steps.
    let runner: StepRunner
    /// Of what resources ask of others: those of one workflow may be many, and take long.
    let requests: StepRunner
    let alarm = Alarm()
    let pollers = ActivityPollers()
    /// Rung for deadlines of those who wait: for a task, for an end.
    let waitAlarm = Alarm()
    let offers = TaskOffers()
    /// Why clients' starts are refused.
    let startRefusal = LockedBox<String?>(nil)
    let storeTrouble = LogLimiter()

    /// - Parameters:
    ///   - steps: what this process carries out, by activity name.
    ///   - resources: what carries out other resources; the first that handles one is taken.
    ///   - redrivers: try dead letters again that are not executions or events of this engine.
    ///   - seed: decides everything random.
    ///   - faults: called around every step and every commit, for crash tests.
    package init(
        store: Store, clock: WallClock, steps: [String: Step<Store.Transaction>] = [:],
        resources: [any ResourceHandler] = [], redrivers: [DeadLetterKind: Redriver] = [:],
        options: EngineOptions = EngineOptions(), seed: UInt64,
        faults: @escaping @Sendable (FaultPoint) -> Void = { _ in }, logger: Logger
    ) {
        self.store = store
        self.clock = clock
        self.faults = faults
        self.logger = logger
        core = EngineCore(steps: steps, resources: resources, redrivers: redrivers, options: options, seed: seed)
        live = LockedBox(LiveExecutions(warm: options.warmExecutions))
        runner = StepRunner(limit: options.stepConcurrency)
        requests = StepRunner(limit: options.requestConcurrency)
    }

    /// Takes up what a former process left, then runs timers, schedules and redrives until the task is cancelled or
    /// `drain` was called. Executions can be started before and meanwhile.
    package func run() async throws {
        // Before time wakes anything: what was stopped goes on with nothing.
        let isNoted = await noteWhatIsOwed()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.recover(owing: !isNoted) }
            group.addTask { await self.runTimers() }
            group.addTask { await self.runWaitDeadlines() }
            await group.waitForAll()
        }
    }

    /// Takes no new work, and returns when what is under way has been recorded, or after the deadline. Steps that have
    /// not ended by then are told to stop, and are done again, with the same key, by the next process. Surveys are not
    /// waited for.
    package func drain(deadline: Duration) async {
        live.withLock { $0.isDraining = true }
        endSurveys()
        alarm.ring()
        waitAlarm.ring()
        pollers.wakeAll()
        let timer = Task {
            // All of it: one sleep may end early, after a minute or when the clock jumps.
            do { try await clock.pause(for: deadline) } catch { return }
            close()
        }
        await quiet.wait(until: { self.isQuiet })
        timer.cancel()
        close()
    }

    /// Runs `body` in a transaction, and carries out what it started once that is durable.
    /// - Parameter isSmall: whether it changes few rows (`ExecutionStore.writeSmall`).
    package func transact<Result: Sendable>(
        isSmall: Bool = false, _ body: @escaping @Sendable (Work<Store.Transaction>) throws -> Result
    ) async throws -> Result {
        let (core, clock, announce, handOuts) = (core, clock, announce, handOuts())
        faults(FaultPoint(.beforeCommit, state: ""))
        let change: @Sendable (Store.Transaction) throws -> (Result, [Effect]) = { transaction in
            handOuts.undo()  // A job may run twice.
            let work = core.work(in: transaction, at: clock.now(), handOuts: handOuts, announce: announce)
            return (try body(work), work.effects)
        }
        do {
            let (result, effects) = isSmall ? try await store.writeSmall(change) : try await store.write(change)
            faults(FaultPoint(.afterCommit, state: ""))
            carryOut(effects)
            handOuts.end()
            return result
        } catch {
            handOuts.undo()
            throw error
        }
    }

    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (Store.Transaction) throws -> Result
    ) async throws -> Result {
        try await store.read(body)
    }

    /// A read that may take long, such as a report: nothing but its like waits for it.
    package func survey<Result: Sendable>(
        _ body: @escaping @Sendable (Store.Transaction) throws -> Result
    ) async throws -> Result {
        try await store.survey(body)
    }

    /// Reports under way end with an error, and so does any further one: the process is about to end. A step that one of them
    /// is of is left to the next process.
    package func endSurveys() {
        live.withLock { $0.haveSurveysEnded = true }
        store.endSurveys()
    }

    var haveSurveysEnded: Bool { live.withLock { $0.haveSurveysEnded } }

    /// Whether `drain` was called: no new work is taken.
    package var isDraining: Bool { live.withLock { $0.isDraining } }

    package var statistics: EngineStatistics {
        live.withLock { live in
            var statistics = live.statistics
            statistics.live = live.mailboxes.count
            return statistics
        }
    }

    // MARK: Coming to rest

    let quiet = QuietSignal()

    var isQuiet: Bool {
        live.withLock { live in live.isClosed || (live.isQuiet && live.allSteps.isEmpty) }
    }

    private func close() {
        let steps = live.withLock { live in
            live.isClosed = true
            return live.takeAllSteps()
        }
        for step in steps { step.cancel() }
        quiet.check { true }
    }
}
