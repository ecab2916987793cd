import Budgets
import Engine
import Enforcement
import JSONModel
import TestKit
import WallTime

/// What happens in a run, drawn from the seed: work, and faults.
extension World {
    /// Lets the world go wrong for so long: work and faults come at random instants.
    func rage(for span: Int) throws {
        let end = clock.now + .seconds(span)
        var work = instants(random.roll(5...40), within: span)
        var faults = instants(random.roll(0...20), within: span)
        while clock.now < end {
            settle()
            if let process, process.weather.isDead { try crash() }
            if let due = restartAt, due <= clock.now { try boot(afterCrash: true) }
            while let next = work.last, next <= clock.now {
                work.removeLast()
                self.work()
            }
            while let next = faults.last, next <= clock.now {
                faults.removeLast()
                try goWrong()
            }
            let targets = [clock.nextWake, restartAt, work.last, faults.last].compactMap(\.self)
            clock.advance(to: max(min(targets.min() ?? end, end), clock.now + .milliseconds(1)))
        }
    }

    /// The last one first.
    private func instants(_ count: Int, within seconds: Int) -> [Instant] {
        let now = clock.now
        return (0..<count).map { _ in now + .milliseconds(Int64(random.roll(0...seconds * 1000))) }.sorted(by: >)
    }

    private func work() {
        let clients = clients
        let input = input()
        switch random.roll(0...99) {
        case 0..<30:
            let (machine, name) = (random.pick(Installation.random), name("e"))
            Task { await clients.start(machine, name, input) }
            if random.chance(20) { Task { await clients.start(machine, name, input) } }
        case 30..<40:
            let id = name("ev")
            Task { await clients.publish(id, input) }
            if random.chance(30) { Task { await clients.publish(id, input) } }
        case 40..<62: spend()
        case 62..<80: actOnBudgets()
        case 80..<85:
            let id = ExecutionID(rawValue: Int64(random.roll(1...40)))
            Task { await clients.stop(id) }
        case 85..<91:
            let id = DeadLetterID(rawValue: Int64(random.roll(1...15)))
            Task { await clients.redrive(id) }
        case 91..<93:
            let workflow = random.pick(installation.schedules).workflow
            Task { await clients.pauseSchedule(workflow) }
        case 93..<95:
            let workflow = random.pick(installation.schedules).workflow
            Task { await clients.trigger(workflow) }
        default:
            guard let process else { return }
            installation.edit(random.pick(["child"] + Installation.random))
            log.trace("edit")
            reinstall(process)
        }
    }

    /// A use of a model, now and then delivered twice at a time, hours late, or long after it was delivered before.
    private func spend() {
        let clients = clients
        if random.chance(10), let known = log.spends.isEmpty ? nil : random.pick(log.spends) {
            Task { await clients.deliver(known) }
            return
        }
        let late = random.chance(25) ? random.roll(0...14_400) : 0
        // Logs tell whole seconds.
        let at = Instant(milliseconds: (clock.now - .seconds(late)).milliseconds / 1000 * 1000)
        let spend = RunLog.Spend(
            user: random.pick(users), request: name("req"), tokens: Int64(random.roll(1...90)) * 10_000 / 3 + 1, at: at)
        log.used(spend)
        for _ in 0..<(random.chance(20) ? 2 : 1) { Task { await clients.deliver(spend) } }
    }

    /// What people do with budgets and principals.
    private func actOnBudgets() {
        let clients = clients
        let user = random.pick(users)
        let span = random.pick([nil, nil, 120, 900, 5400, 10_000])
        switch random.roll(0...99) {
        case 0..<35:
            guard !purses.isInPool(user) else { return }
            let change = change()
            Task { await clients.limit(user, change) }
        case 35..<55:
            guard let purse = purses.further.isEmpty ? nil : random.pick(purses.further) else { return }
            let limit = purse.limit * Int64(random.roll(50...400)) / 100
            Task { await clients.limit(purse, to: limit) }
        case 55..<70: Task { await clients.block(user, seconds: span) }
        case 70..<78:
            let isProtecting = random.chance(30)
            Task { await clients.unblock(user, protecting: isProtecting) }
        case 78..<86: Task { await clients.protect(user, seconds: span) }
        case 86..<92: Task { await clients.unprotect(user) }
        default:
            let price = Int64(random.pick([1000, 1500, 3000, 4000, 6000]))
            Task { await clients.reprice(to: price) }
        }
    }

    private func input() -> JSONValue {
        let items = (0..<random.roll(0...4)).map { _ -> JSONValue in
            ["n": .int(Int64(random.roll(0...9))), "items": []]
        }
        return ["n": .int(Int64(random.roll(0...9))), "items": .array(items)]
    }

    func change() -> BudgetChange {
        var change = BudgetChange()
        if random.chance(70) {
            change.limit = NanoDollars(rawValue: Int64(random.roll(1...6)) * NanoDollars.perDollar)
        }
        if random.chance(30) { change.enforcement = random.pick(EnforcementMode.allCases) }
        if random.chance(30) { change.graceSeconds = random.roll(0...600) }
        return change
    }

    private func goWrong() throws {
        guard let process else { return }
        let weather = process.weather
        switch random.roll(0...99) {
        case 0..<12: deathAtStep = random.roll(0...400)
        case 12..<26:
            weather.die(atWrite: random.roll(1...20), random.chance(50) ? .beforeCommit : .afterCommit)
        case 26..<36: weather.die(atPoint: random.roll(1...40))
        case 36..<50: weather.fail(write: random.roll(1...10))
        case 50..<60:
            let disk: Weather.Disk = random.pick([.full, .gone, .slow(milliseconds: Int64(random.roll(1...3000)))])
            weather.disk = disk
            log.trace("disk \(disk)")
            let (clock, pause) = (clock, Duration.milliseconds(Int64(random.roll(1...120_000))))
            Task {
                // Woken early by a jump of the clock, the disk is well early.
                do { try await clock.wallClock.sleepUntil(clock.now + pause) } catch {}
                weather.disk = .fine
            }
        case 60..<85: strikeIAM()
        case 85..<91: try restart()
        default: jump()
        }
    }

    private func strikeIAM() {
        let actions = [
            "GetUser", "ListAttachedUserPolicies", "ListUserPolicies", "ListGroupsForUser", "GetUserPolicy",
            "PutUserPolicy", "DeleteUserPolicy", "AttachUserPolicy", "DetachUserPolicy", "SimulatePrincipalPolicy",
            "GetCallerIdentity", "GetPolicy",
        ]
        let faults: [IAMModel.Fault] = [
            .error(code: "Throttling", status: 400), .error(code: "ServiceUnavailable", status: 503),
            .error(code: "AccessDenied", status: 403), .lostRequest, .lostAnswer,
        ]
        let (action, fault, count) = (random.pick(actions), random.pick(faults), random.roll(1...6))
        around.iam.inject(Array(repeating: fault, count: count), into: action)
        log.trace("iam-fault \(action) \(count)")
    }

    private func jump() {
        let milliseconds = random.chance(70) ? random.roll(1...5_400_000) : -random.roll(1...300_000)
        log.trace("jump \(milliseconds)")
        if milliseconds < 0 { setBack += .milliseconds(-milliseconds) }
        clock.jump(to: Instant(milliseconds: clock.now.milliseconds + Int64(milliseconds)))
    }

    // MARK: The end

    /// Lets time go by until everything that was started has ended.
    /// - Returns: what has not, after two days.
    func comeToRest() throws -> [String] {
        let end = clock.now + .seconds(2 * 86_400)
        var looked = clock.now
        while clock.now < end {
            settle()
            guard let next = clock.nextWake else { break }
            // Longer than a jump back of the clock and the longest sleep of the timers together: what is due by now was done.
            if clock.now - looked > .seconds(420) {
                looked = clock.now
                if try unfinished().isEmpty { return [] }
            }
            clock.advance(to: min(max(next, clock.now), end))
        }
        settle()
        return try unfinished()
    }

    private func unfinished() throws -> [String] {
        guard let process else { return ["no process lives"] }
        let scheduled = Set(installation.schedules.map(\.workflow))
        let now = clock.now
        return try perform("a look at what runs") {
            try await process.engine.read { transaction in
                let running = try transaction.executions(ExecutionQuery(statuses: [.running], limit: 10_000)).executions
                var left = running.filter { !scheduled.contains($0.workflow ?? "") }.map {
                    "execution \($0.id.rawValue) (\($0.stateMachine)/\($0.name)) still runs"
                }
                left += try transaction.deadLetters(DeadLetterQuery(limit: 10_000)).filter {
                    $0.letter.nextRedrive != nil
                }.map { "letter \($0.id.rawValue) still waits for its own redrive" }
                for account in try transaction.accounts(AccountQuery(.all, limit: 1000)) {
                    let status = account.standing.access.status
                    if [.grace, .restoring].contains(status) {
                        left.append("\(account.id) is still \(status.rawValue)")
                    }
                    if status == .active, account.block?.isInForce(at: now) == true {
                        left.append("\(account.id) is blocked, and still active")
                    }
                }
                return left
            }
        }
    }
}
