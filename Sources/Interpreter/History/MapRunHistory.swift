package import JSONModel
package import WallTime

/// What a history says about one Map Run and its child executions, which live inside their parent's history: their
/// events are those of hidden branches, and what AWS calls their execution is read out of them.
package struct MapRunHistory: Sendable {
    package enum Status: String, Sendable {
        case running = "RUNNING", succeeded = "SUCCEEDED", failed = "FAILED", aborted = "ABORTED"
    }

    /// One child execution.
    package struct Child: Sendable {
        package let index: Int
        package let startedAt: Instant
        package fileprivate(set) var stoppedAt: Instant?
        package fileprivate(set) var status = Status.running
        package fileprivate(set) var input: JSONValue?
        package fileprivate(set) var output: JSONValue?
        package fileprivate(set) var failure: TaskFailure?
        fileprivate let frame: FrameID
        fileprivate var events: [HistoryEvent] = []
    }

    package let mapRun: MapRun
    /// The name of the Map state.
    package private(set) var state = ""
    package private(set) var status = Status.running
    package private(set) var startedAt: Instant?
    package private(set) var stoppedAt: Instant?
    package private(set) var redriveCount = 0
    /// What a person has set for it.
    package private(set) var bounds = MapRunBounds()
    /// How many items there are, and how many child executions they make.
    package private(set) var items = 0
    package private(set) var executions = 0
    package private(set) var children: [Int: Child] = [:]

    private var frame: FrameID?
    private var nextFrame: FrameID = 1
    /// The child execution (by index) that a branch below it belongs to.
    private var owners: [FrameID: Int] = [:]
    /// By branch, until the Map Run is found: the state it is in and how many items that has.
    private var entered: [FrameID: String] = [:]
    private var lengths: [FrameID: Int] = [:]
    private var planned: [FrameID: Int] = [:]

    /// Nil when the history knows no such Map Run.
    package init?(_ mapRun: MapRun, in events: [HistoryEvent]) {
        self.mapRun = mapRun
        for event in events { read(event) }
        guard frame != nil else { return nil }
    }

    private mutating func read(_ event: HistoryEvent) {
        if let owner = owners[event.frame] { children[owner]?.read(event) }
        switch event.kind {
        case .parallelStarted(let branches):
            for _ in 0..<branches { addFrame(below: event.frame) }
        case .iterationStarted(_, let index): startIteration(event, index)
        case .stateEntered(_, let name, _): entered[event.frame] = name
        case .mapStarted(let length): lengths[event.frame] = length
        case .mapPlanned(let iterations):
            planned[event.frame] = iterations
            if event.frame == frame, status == .running { executions = iterations }
        case .mapRunStarted(let arn) where arn == mapRun.arn: start(event)
        case .executionAborted, .executionFailed, .executionTimedOut: if status == .running { end(.aborted, event) }
        case .executionRedriven: redrive()
        default: if event.frame == frame, status == .running { readOwn(event) }
        }
    }

    private mutating func start(_ event: HistoryEvent) {
        frame = event.frame
        startedAt = event.at
        state = entered[event.frame] ?? ""
        items = lengths[event.frame] ?? 0
        executions = planned[event.frame] ?? items
    }

    /// What happens in the branch that the Map is in.
    private mutating func readOwn(_ event: HistoryEvent) {
        switch event.kind {
        case .iterationSucceeded(_, let index): children[index]?.end(.succeeded, event.at)
        case .iterationFailed(_, let index, let failure): children[index]?.end(.failed, event.at, failure)
        case .iterationAborted(_, let index): children[index]?.end(.aborted, event.at)
        case .mapRunUpdated(let newer): bounds.replace(by: newer)
        case .mapRunSucceeded: end(.succeeded, event)
        case .mapRunFailed: end(.failed, event)
        case .taskSucceeded(_, let output): if let read = output.arrayValue, children.isEmpty { items = read.count }
        default: break
        }
    }

    private mutating func startIteration(_ event: HistoryEvent, _ index: Int) {
        let id = addFrame(below: event.frame)
        guard event.frame == frame, status == .running else { return }
        owners[id] = index
        children[index] = Child(index: index, startedAt: event.at, frame: id)
    }

    @discardableResult
    private mutating func addFrame(below parent: FrameID) -> FrameID {
        defer { nextFrame += 1 }
        owners[nextFrame] = owners[parent]
        return nextFrame
    }

    private mutating func end(_ status: Status, _ event: HistoryEvent) {
        guard frame != nil else { return }
        self.status = status
        stoppedAt = event.at
        for (index, child) in children where child.status == .running { children[index]?.end(.aborted, event.at) }
    }

    private mutating func redrive() {
        guard frame != nil, status == .failed || status == .aborted else { return }
        (status, stoppedAt) = (.running, nil)
        redriveCount += 1
        for (index, child) in children where child.status != .succeeded { children[index]?.reopen() }
    }
}

extension MapRunHistory.Child {
    fileprivate mutating func read(_ event: HistoryEvent) {
        events.append(event)
        guard event.frame == frame else { return }
        switch event.kind {
        case .stateEntered(_, _, let input): self.input = self.input ?? input
        case .stateExited(_, _, let output, _): self.output = output
        default: break
        }
    }

    fileprivate mutating func end(_ status: MapRunHistory.Status, _ at: Instant, _ failure: TaskFailure? = nil) {
        (self.status, stoppedAt, self.failure) = (status, at, failure)
        if status != .succeeded { output = nil }
    }

    fileprivate mutating func reopen() { (status, stoppedAt, failure) = (.running, nil, nil) }

    /// The child's own history, numbered from 1, with the start and the end that its parent's history does without.
    package var history: [HistoryEvent] {
        var numbers: [Int: Int] = [:]
        var own = [
            HistoryEvent(
                id: 1, previousID: 0, at: startedAt, frame: 0,
                kind: .executionStarted(input: input ?? .null, seed: 0))
        ]
        for event in events where event.id < 0 {
            var shown = event
            shown.id = own.count + 1
            shown.previousID = numbers[event.previousID] ?? 0
            shown.kind = event.kind.renumbered { numbers[$0] ?? $0 }
            numbers[event.id] = shown.id
            own.append(shown)
        }
        if let stoppedAt, let end {
            own.append(
                HistoryEvent(id: own.count + 1, previousID: own.count, at: stoppedAt, frame: 0, kind: end))
        }
        return own
    }

    private var end: HistoryEvent.Kind? {
        switch status {
        case .running: nil
        case .succeeded: .executionSucceeded(output: output ?? .null)
        case .failed: .executionFailed(failure ?? TaskFailure(error: "", cause: ""))
        case .aborted: .executionAborted(error: nil, cause: nil)
        }
    }
}

extension HistoryEvent.Kind {
    /// The same about the task that has the new number.
    fileprivate func renumbered(_ number: (TaskID) -> TaskID) -> Self {
        switch self {
        case .taskStarted(let task, let worker): .taskStarted(number(task), worker: worker)
        case .taskStartFailed(let task, let failure): .taskStartFailed(number(task), failure)
        case .taskSubmitted(let task, let output): .taskSubmitted(number(task), output: output)
        case .taskSucceeded(let task, let output): .taskSucceeded(number(task), output: output)
        case .taskFailed(let task, let failure): .taskFailed(number(task), failure)
        case .taskTimedOut(let task, let failure): .taskTimedOut(number(task), failure)
        default: self
        }
    }
}
