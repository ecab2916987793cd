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
            let poller = ActivityPoller(worker: worker, deadline: deadline)
            pollers.add(poller, for: activity)
            defer { pollers.remove(poller, for: activity) }
            if isDraining { throw EngineError.draining }
            // Looked at after the poller is in its place, so that an offer in between is not missed.
            do {
                if let assignment = try await take(activity, worker: worker) {
                    // It may have been woken for another task meanwhile, which nobody else would look for.
                    if !pollers.remove(poller, for: activity) { pollers.wakeOne(of: activity) }
                    return assignment
                }
            } catch {
                pollers.wakeOne(of: activity)
                throw error
            }
            if Task.isCancelled || pollers.isOver || clock.now() >= deadline {
                pollers.wakeOne(of: activity)
                return nil
            }
            waitAlarm.note(deadline)
            if let task = await poller.wait() { return assignment(of: task) }
        }
    }

    private func assignment(of task: HandedTask) -> ActivityAssignment {
        ActivityAssignment(token: core.tokens.token(execution: task.execution, task: task.task), input: task.input)
    }

    /// For one transaction: tasks that it schedules go to workers who wait for one, unless others are on offer, which
    /// have waited longer.
    func handOuts() -> HandOuts {
        if pollers.isEmpty { return .none }
        return HandOuts { [offers, pollers] activity in
            guard offers.isEmpty(activity), let poller = pollers.choose(of: activity) else { return nil }
            return ChosenWorker(name: poller.worker) { poller.hand($0) }
        }
    }

    /// Answers all polls: the process is about to end, and nobody should wait for a minute that it has not got.
    package func endPolls() { pollers.end() }

    /// Workers that wait for a task, of whatever activity.
    package var pollerCount: Int { pollers.count }

    /// Workers that wait for a task of the activity.
    package func pollerCount(of activity: String) -> Int { pollers.count(of: activity) }

    private func take(_ activity: String, worker: String?) async throws -> ActivityAssignment? {
        while true {
            while let offer = offers.take(activity) {
                if let assignment = try await handOut(offer, worker: worker) { return assignment }
            }
            guard let refill = offers.refill(activity) else { return nil }
            guard offers.end(refill, of: activity, try await read(refill, of: activity)) else { return nil }
        }
    }

    private func read(_ refill: TaskOffers.Refill, of activity: String) async throws -> [OfferedTask] {
        do {
            return try await store.read { transaction in
                guard try transaction.activity(named: activity) != nil else {
                    throw EngineError.noSuchActivity(activity)
                }
                return try transaction.offeredTasks(of: activity, limit: refill.limit)
            }
        } catch {
            _ = offers.end(refill, of: activity, nil)
            throw error
        }
    }

    /// Nil when the task is no longer on offer, or is one of an execution that can't be read: that stays claimed, so that
    /// others get their turn, until the process starts anew.
    private func handOut(_ offer: OfferedTask, worker: String?) async throws -> ActivityAssignment? {
        var fate = TaskOffers.Fate.open
        defer { offers.settle(offer, fate) }
        do {
            guard try await isTaken(offer, by: worker) else {
                // What is left on offer of an execution that is over would stay for good.
                try await transact { try $0.transaction.withdrawTask(offer.place) }
                fate = .gone
                return nil
            }
        } catch let error as EngineError where error.meansUnreadable {
            fate = .withheld
            return nil
        }
        fate = .gone
        return assignment(of: HandedTask(execution: offer.execution, task: offer.task, input: offer.input))
    }

    private func isTaken(_ offer: OfferedTask, by worker: String?) async throws -> Bool {
        do {
            return try await ask(.handOut(offer.task, worker: worker), of: offer.execution) == .taken
        } catch EngineError.noSuchExecution {
            return false
        }
    }

    /// The activity is no more: those who poll it are told.
    package func deleteActivity(_ name: String, by actor: String = AuditEntry.unnamedActor) async throws {
        try await transact { work in
            guard try work.transaction.activity(named: name) != nil else { return }
            try work.transaction.deleteActivity(named: name)
            try work.audit("activity.deleted", by: actor, subject: work.core.activityARN(name))
        }
        offers.forget(name)
        pollers.wakeAll(of: name)
    }
}
