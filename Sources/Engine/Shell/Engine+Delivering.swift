import Interpreter
import Logging
import StatesLanguage
import WallTime

/// What a commit has brought about.
private struct Committed: Sendable {
    var progress: Progress
    var effects: [Effect] = []
}

/// Bringing deliveries to executions, one commit after the other for each.
extension Engine {
    /// Posts a delivery without waiting for it.
    func post(_ delivery: Delivery, to id: ExecutionID) {
        post(Parcel(delivery: delivery), to: id)
    }

    func post(_ parcel: Parcel, to id: ExecutionID) {
        if accept(parcel, for: id) { Task { await pump(id) } }
    }

    /// Brings a delivery to an execution and returns what became of it, once that is durable.
    /// - Throws: `EngineError.noSuchExecution`, `EngineError.unreadableHistory`, `EngineError.draining`.
    func send(_ delivery: Delivery, to id: ExecutionID) async throws -> DeliveryAnswer {
        try await send(delivery, to: id, isGivenBack: false)
    }

    /// The same on behalf of somebody who can ask again: a store that can't record it now is an error, and the delivery
    /// is dropped.
    /// - Throws: `StoreError` besides.
    func ask(_ delivery: Delivery, of id: ExecutionID) async throws -> DeliveryAnswer {
        try await send(delivery, to: id, isGivenBack: true)
    }

    private func send(_ delivery: Delivery, to id: ExecutionID, isGivenBack: Bool) async throws -> DeliveryAnswer {
        let reply = Reply()
        var parcel = Parcel(delivery: delivery) { reply.give($0) }
        parcel.isGivenBack = isGivenBack
        // Brought there by the caller itself where it can: each hand-over to another task costs as much as a decision.
        if accept(parcel, for: id) { await pump(id, until: reply) }
        let answer = try await reply.value()
        if case .refused(let error) = answer { throw error }
        return answer
    }

    /// - Returns: whether the caller has to pump.
    func accept(_ parcel: Parcel, for id: ExecutionID) -> Bool {
        let needsPump: Bool? = live.withLock { $0.isClosed ? nil : $0.post(parcel, to: id) }
        guard let needsPump else {
            parcel.reply?(.failure(EngineError.draining))
            return false
        }
        return needsPump
    }

    /// Brings everything that waits for an execution to it. One task at a time does that for each execution.
    func pump(_ id: ExecutionID) async { await pump(id, until: nil) }

    /// - Parameters:
    ///   - reply: once it is given, what is left is for another task: the one that waits for it has more to do. It may be
    ///     cancelled, too, which a delivery must not notice.
    ///   - isStep: whether the task can go on with the execution's next step.
    /// - Returns: that step, when nothing else is to be brought before.
    @discardableResult
    func pump(_ id: ExecutionID, until reply: Reply? = nil, isStep: Bool = false) async -> AdmittedStep? {
        var failures = 0
        var next: AdmittedStep?
        while let (execution, parcels) = live.withLock({ $0.take(id) }) {
            next?.start()
            next = nil
            do {
                // Handed over: a decision changes the state in place only for the holder of the only copy.
                next = try await turn(id, consume execution, parcels, leavesStep: isStep)
                failures = 0
            } catch let error as EngineError {
                refuse(parcels, id, error)
            } catch {
                failures += 1
                guard reply == nil else {
                    Task { [failures] in
                        await recommit(parcels, id, after: failures, error)
                        await pump(id)
                    }
                    return nil
                }
                await recommit(parcels, id, after: failures, error)
            }
            if let reply, reply.isGiven, live.withLock({ $0.hasMail(id) }) {
                Task { await pump(id) }
                return nil
            }
        }
        quiet.check { isQuiet }
        return next
    }

    /// - Returns: the step to be started next, if it is to be left to the caller.
    private func turn(
        _ id: ExecutionID, _ execution: consuming LoadedExecution?, _ parcels: [Parcel], leavesStep: Bool
    ) async throws -> AdmittedStep? {
        let isNew = execution == nil
        let loaded: LoadedExecution
        if let execution = consume execution { loaded = consume execution } else { loaded = try await load(id) }
        var committed = try await commit(parcels, to: consume loaded)
        if isNew { committed.progress.orders = core.tasksUnderWay(committed.progress.execution.state) }
        let late = committed.progress.answers.count { $0 == .late }
        if late > 0 { live.withLock { $0.statistics.lateResults += late } }
        let next = apply(committed.progress, leavesStep: leavesStep)
        carryOut(committed.effects)
        for (parcel, answer) in zip(parcels, committed.progress.answers) {
            if case .refused(let error) = answer, parcel.reply == nil {
                logger.error("a delivery was refused", metadata: ["execution": "\(id.rawValue)", "error": "\(error)"])
            }
            if answer == .late, let task = parcel.delivery.startOfNested {
                Task { await giveUpChild(of: task, in: id) }
            }
            parcel.reply?(.success(answer))
        }
        return next
    }

    private func load(_ id: ExecutionID) async throws -> LoadedExecution {
        let core = core
        let loaded = try await store.read { try core.load(id, in: $0) }
        live.withLock { live in
            live.noteTakenUp(id)
            live.statistics.folded += 1
        }
        return loaded
    }

    private func commit(_ parcels: [Parcel], to execution: consuming LoadedExecution) async throws -> Committed {
        let deliveries = parcels.map(\.delivery)
        let isTakeUp = deliveries.allSatisfy { if case .takeUp = $0 { true } else { false } }
        if isTakeUp {
            let answers = deliveries.map { _ in DeliveryAnswer.taken }
            return Committed(
                progress: Progress(execution: execution, orders: [], cancelled: [], answers: answers, ended: nil))
        }
        let state = parcels.lazy.compactMap(\.state).first ?? ""
        faults(FaultPoint(.beforeCommit, state: state))
        let handOuts = handOuts()
        let committed: Committed
        do {
            committed = try await commit(deliveries, to: consume execution, handOuts)
        } catch {
            handOuts.undo()
            throw error
        }
        handOuts.end()
        faults(FaultPoint(.afterCommit, state: state))
        return committed
    }

    private func commit(
        _ deliveries: [Delivery], to execution: consuming LoadedExecution, _ handOuts: HandOuts
    ) async throws -> Committed {
        let (core, clock, announce) = (core, clock, announce)
        if deliveries.contains(where: { core.needsTransaction($0, to: execution.state) }) {
            return try await store.write { [execution] transaction in
                handOuts.undo()  // A job may run twice.
                let work = core.work(in: transaction, at: clock.now(), handOuts: handOuts, announce: announce)
                return Committed(
                    progress: try core.deliver(deliveries, to: execution, in: work), effects: work.effects)
            }
        }
        // Decided here, so that the writer's thread has only to write it down.
        let turn = try core.decide(deliveries, on: consume execution, at: clock.now(), handOuts: handOuts)
        guard core.needsOnlyJournal(turn) else {
            return try await store.writeSmall { transaction in
                let work = core.work(in: transaction, at: turn.now, announce: announce)
                return Committed(progress: try core.commit(turn, in: work), effects: work.effects)
            }
        }
        var progress = turn.progress(ended: nil)
        if let record = turn.record {
            progress.execution.records += 1
            let (id, number) = (progress.execution.id, progress.execution.records)
            try await store.writeSmall { try $0.appendJournal(id, number: number, record: record) }
        }
        return Committed(progress: progress)
    }

    /// The execution cannot take deliveries at all.
    private func refuse(_ parcels: [Parcel], _ id: ExecutionID, _ error: EngineError) {
        let dropped = live.withLock { live in
            if error.meansUnreadable { live.unreadable.insert(id) }
            return live.drop(id)
        }
        logger.error("an execution cannot go on", metadata: ["execution": "\(id.rawValue)", "error": "\(error)"])
        for parcel in parcels + dropped { parcel.reply?(.failure(error)) }
    }

    /// The store refused the commit; nothing of it was kept. Whoever asked for a delivery is told, the others wait and
    /// are tried again.
    private func recommit(
        _ parcels: [Parcel], _ id: ExecutionID, after failures: Int, _ error: any Error
    ) async {
        for parcel in parcels where parcel.isGivenBack { parcel.reply?(.failure(error)) }
        let parcels = parcels.filter { !$0.isGivenBack }
        noteTrouble("commits failed and will be tried again", error, level: .warning)
        let isClosed = live.withLock { live in
            live.statistics.commitsRetried += 1
            live.putBack(parcels, to: id)
            return live.isClosed
        }
        let delay = min(options.storeRetryDelay * (1 << min(failures - 1, 6)), options.longestStoreRetryDelay)
        var isCancelled = false
        if !isClosed, !parcels.isEmpty {
            do { try await clock.pause(for: delay) } catch { isCancelled = true }
        }
        guard isCancelled || live.withLock({ $0.isClosed }) else { return }
        // Nobody would tell them any more: the mailbox that knows them goes.
        let (dropped, steps) = live.withLock { ($0.drop(id), $0.takeSteps(nil, of: id)) }
        for step in steps { step.cancel() }
        for parcel in dropped { parcel.reply?(.failure(error)) }
    }

    /// Says what the store refuses, but not as often as it does: thousands of executions may be waiting for it.
    func noteTrouble(_ what: Logger.Message, _ error: any Error, level: Logger.Level) {
        guard let leftOut = storeTrouble.admit(at: clock.now()) else { return }
        logger.log(level: level, what, metadata: ["error": "\(error)", "alsoLeftOut": "\(leftOut)"])
    }
}
