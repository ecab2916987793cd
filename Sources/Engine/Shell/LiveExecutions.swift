import Interpreter
import WallTime

/// The executions in memory, their deadlines, and those who wait for them. Touched only under the engine's lock.
struct LiveExecutions {
    private enum Handover { case pending, takenUp }

    private(set) var mailboxes: [ExecutionID: Mailbox] = [:]
    private var warm: WarmExecutions
    private var deadlines = DueHeap()
    private var waiters: [ExecutionID: [EndWaiter]] = [:]
    private var pumping = 0
    /// Executions whose start is being committed, until they are handed over. Between the two somebody may have found
    /// the row, and taken the execution up from it: then handing over would set it back.
    private var starting: [ExecutionID: Handover] = [:]
    /// Executions whose journal cannot be folded, or whose definition is no longer accepted; left alone until the next
    /// start.
    var unreadable: Set<ExecutionID> = []
    /// When the schedules are to be looked at, by workflow.
    var scheduleDue: [String: Instant] = [:]
    private var schedulesSeenAt: Instant?
    /// When dead letters are to be redriven.
    var letterDue: Set<Instant> = []
    var statistics = EngineStatistics()
    /// No new work is taken.
    var isDraining = false
    /// Surveys end with an error.
    var haveSurveysEnded = false
    /// What arrives now is dropped: the next start does it again.
    var isClosed = false

    /// - Parameter warm: how many parked executions stay in memory.
    init(warm: Int) { self.warm = WarmExecutions(limit: warm) }

    // MARK: Mailboxes

    /// - Returns: whether the caller has to pump.
    mutating func post(_ parcel: Parcel, to id: ExecutionID) -> Bool {
        let mailbox = mailboxes[id] ?? Mailbox(execution: warm.remove(id))
        mailbox.pending.append(parcel)
        guard !mailbox.isPumping else { return false }
        mailbox.isPumping = true
        mailboxes[id] = mailbox
        pumping += 1
        return true
    }

    /// The next deliveries for an execution, and the execution itself, which `update` gives back; nil when there are
    /// none, and the pump ends. Then an execution that does not live leaves memory.
    mutating func take(_ id: ExecutionID) -> (execution: LoadedExecution?, parcels: [Parcel])? {
        guard let mailbox = mailboxes[id], !mailbox.pending.isEmpty else {
            stopPumping(id)
            return nil
        }
        defer {
            mailbox.pending = []
            mailbox.execution = nil
        }
        mailbox.committing = mailbox.execution.flatMap { execution in
            execution.parking == .ended ? nil : (execution.facts, execution.state.redriveCount)
        }
        return (mailbox.execution, mailbox.pending)
    }

    /// Whether deliveries wait for an execution.
    func hasMail(_ id: ExecutionID) -> Bool { mailboxes[id]?.pending.isEmpty == false }

    private mutating func stopPumping(_ id: ExecutionID) {
        guard let mailbox = mailboxes[id] else { return }
        if mailbox.isPumping { pumping -= 1 }
        mailbox.isPumping = false
        guard mailbox.execution?.parking != .live else { return }
        mailboxes[id] = nil
        if let execution = mailbox.execution, case .parked = execution.parking { warm.insert(execution) }
    }

    /// After a commit that failed: the deliveries go first next time, and the execution is folded anew.
    mutating func putBack(_ parcels: [Parcel], to id: ExecutionID) {
        guard let mailbox = mailboxes[id] else { return }
        mailbox.execution = nil
        mailbox.committing = nil
        mailbox.pending.insert(contentsOf: parcels, at: 0)
        // One whose tasks are being carried out stays in memory: else they would be carried out again.
        if mailbox.pending.isEmpty, !mailbox.steps.isEmpty { mailbox.pending = [Parcel(delivery: .takeUp)] }
    }

    mutating func drop(_ id: ExecutionID) -> [Parcel] {
        defer {
            mailboxes[id]?.pending = []
            mailboxes[id]?.execution = nil
            mailboxes[id]?.committing = nil
        }
        return mailboxes[id]?.pending ?? []
    }

    /// Hands over an execution that was just started, unless it was taken up from its rows meanwhile.
    mutating func adopt(_ execution: LoadedExecution) -> Bool {
        guard starting.removeValue(forKey: execution.id) != .takenUp, mailboxes[execution.id] == nil else {
            return false
        }
        mailboxes[execution.id] = Mailbox(execution: execution, isPumping: true)
        pumping += 1
        return true
    }

    /// An execution is being started. Should the transaction be undone, the next one that gets its number is.
    mutating func announce(_ id: ExecutionID) { starting[id] = .pending }

    /// An execution that was just started waits for something already, or has ended. Whoever has found its row meanwhile
    /// knows better.
    mutating func adoptParked(_ execution: LoadedExecution) {
        guard starting.removeValue(forKey: execution.id) != .takenUp, mailboxes[execution.id] == nil,
            case .parked = execution.parking
        else { return }
        warm.insert(execution)
    }

    mutating func noteTakenUp(_ id: ExecutionID) { if starting[id] != nil { starting[id] = .takenUp } }

    /// Whether recovery has to see to it: it is not in memory, and not about to be.
    func isUnknown(_ id: ExecutionID) -> Bool { mailboxes[id] == nil && starting[id] == nil }

    mutating func update(_ execution: LoadedExecution, nextDue: Instant?) {
        mailboxes[execution.id]?.execution = execution
        mailboxes[execution.id]?.committing = nil
        arm(execution.id, execution.parking == .live ? nextDue : nil)
    }

    mutating func append(_ parcel: Parcel, to id: ExecutionID) { mailboxes[id]?.pending.append(parcel) }

    // MARK: Steps

    /// Whether this process carries the task out, or has done so and what came of it waits to be recorded.
    func isInHand(_ task: TaskID, of id: ExecutionID) -> Bool {
        guard let mailbox = mailboxes[id] else { return false }
        return mailbox.steps[task] != nil || mailbox.pending.contains { $0.order?.task == task }
    }

    mutating func setStep(_ handle: StepHandle?, _ task: TaskID, of id: ExecutionID) {
        mailboxes[id]?.steps[task] = handle
    }

    mutating func takeSteps(_ tasks: [TaskID]?, of id: ExecutionID) -> [StepHandle] {
        guard let tasks else {
            defer { mailboxes[id]?.steps = [:] }
            return mailboxes[id].map { Array($0.steps.values) } ?? []
        }
        return tasks.compactMap { mailboxes[id]?.steps.removeValue(forKey: $0) }
    }

    var allSteps: [StepHandle] { mailboxes.values.flatMap { $0.steps.values } }

    /// One that waits for its turn never runs, and would not take itself out: it and the engine would hold each other.
    mutating func takeAllSteps() -> [StepHandle] {
        defer { for mailbox in mailboxes.values { mailbox.steps = [:] } }
        return allSteps
    }

    // MARK: Deadlines

    /// When the next deadline of a live execution is.
    mutating func earliestDeadline() -> Instant? {
        while let entry = deadlines.first {
            if mailboxes[entry.execution]?.armed == entry.due { return entry.due }
            deadlines.removeFirst()
        }
        return nil
    }

    /// The executions with a deadline that has passed; each is given once for each deadline.
    mutating func takeDue(at now: Instant) -> [ExecutionID] {
        var due: [ExecutionID] = []
        while let earliest = earliestDeadline(), earliest <= now, let entry = deadlines.removeFirst() {
            mailboxes[entry.execution]?.armed = nil
            due.append(entry.execution)
        }
        return due
    }

    private mutating func arm(_ id: ExecutionID, _ due: Instant?) {
        guard let mailbox = mailboxes[id], mailbox.armed != due else { return }
        mailbox.armed = due
        guard let due else { return }
        deadlines.insert(DueHeap.Entry(due: due, execution: id))
        // Deadlines that were met leave their entries behind; now and then the heap is made anew without them.
        if deadlines.count > 2 * mailboxes.count + 64 {
            deadlines = DueHeap(
                mailboxes.compactMap { id, box in box.armed.map { DueHeap.Entry(due: $0, execution: id) } })
        }
    }

    /// The workflow's schedule is to be looked at then, or earlier when that was asked for already.
    mutating func lookAtSchedule(_ workflow: String, at due: Instant?) {
        scheduleDue[workflow] = [scheduleDue[workflow], due].compactMap(\.self).min()
    }

    /// The workflows whose schedules are to be looked at: all of them when the clock has gone back since the last look.
    mutating func dueSchedules(at now: Instant) -> [String] {
        let wentBack = schedulesSeenAt.map { now < $0 } ?? false
        schedulesSeenAt = now
        return scheduleDue.filter { wentBack || $0.value <= now }.map(\.key)
    }

    // MARK: Those who wait

    /// An execution that runs, and how often it was redriven, as the last commit that anybody was told of has left it;
    /// nil for one that is not in memory.
    func running(_ id: ExecutionID) -> (facts: LoadedExecution.Facts, redriveCount: Int)? {
        let mailbox = mailboxes[id]
        if let committing = mailbox?.committing { return committing }
        guard let execution = mailbox == nil ? warm[id] : mailbox?.execution, execution.parking != .ended else {
            return nil
        }
        return (execution.facts, execution.state.redriveCount)
    }

    mutating func addWaiter(_ waiter: EndWaiter, for id: ExecutionID) { waiters[id, default: []].append(waiter) }

    mutating func removeWaiter(_ waiter: EndWaiter, for id: ExecutionID) {
        waiters[id]?.removeAll { $0.end === waiter.end }
        if waiters[id]?.isEmpty == true { waiters[id] = nil }
    }

    mutating func takeWaiters(for id: ExecutionID) -> [EndWaiter] { waiters.removeValue(forKey: id) ?? [] }

    /// Those whose deadline has passed, and the first deadline to come.
    func overdueWaiters(at now: Instant) -> (overdue: [EndWaiter], next: Instant?) {
        let all = waiters.values.joined()
        return (all.filter { $0.deadline <= now }, all.lazy.map(\.deadline).filter { $0 > now }.min())
    }

    /// Whether no delivery is on its way.
    var isQuiet: Bool { pumping == 0 }
}

/// What an engine has counted since its start.
package struct EngineStatistics: Sendable, Equatable {
    /// Results that came after their task had timed out, was cancelled or had a result.
    package var lateResults = 0
    /// Commits of executions that failed and were tried again.
    package var commitsRetried = 0
    /// Executions that were folded from their journal.
    package var folded = 0
    /// Executions in memory, parked ones not among them.
    package var live = 0

    package init() {}
}
