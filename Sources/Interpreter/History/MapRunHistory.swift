import JSONModel
package import WallTime

/// What a history says about one Map Run and its child executions, which live inside their parent's history: their
/// events are those of hidden branches, and what AWS calls their execution is read out of them.
package struct MapRunHistory: Sendable {
    package enum Status: String, Sendable {
        case running = "RUNNING", succeeded = "SUCCEEDED", failed = "FAILED", aborted = "ABORTED"
    }

    package let mapRun: MapRun
    /// The name of the Map state.
    package private(set) var state = ""
    package private(set) var starter = Starter.execution
    package private(set) var status = Status.running
    package private(set) var startedAt: Instant?
    package private(set) var stoppedAt: Instant?
    package private(set) var redriveCount = 0
    /// When it was redriven last.
    package private(set) var redrivenAt: Instant?
    /// What a person has set for it, in place of the definition.
    package private(set) var bounds = MapRunBounds()
    /// How many items there are, and how many child executions they make.
    package private(set) var items = 0
    package private(set) var executions = 0
    package private(set) var children: [Int: Child] = [:]

    private var frames = MapRunFrames()
    private var frame: FrameID?
    /// The branch of the Map and those around it, and the executions that these belong to.
    private var chain: Set<FrameID> = []
    private var owners: Set<Starter> = []
    /// Events by their branches, as the histories of the executions that these belong to count them.
    private var counts: [FrameID: Int] = [:]
    /// Whether its execution has done with it, so that no redrive goes on with it: the Map is tried again, or a state
    /// around it is, or one of them was left.
    private var isOver = false
    /// By branch, until the Map Run is found: the state it is in and how many items that has.
    private var entered: [FrameID: String] = [:]
    private var lengths: [FrameID: Int] = [:]
    private var planned: [FrameID: Int] = [:]

    /// Nil when the history knows no such Map Run.
    package init?(_ mapRun: MapRun, in events: [HistoryEvent]) {
        self.mapRun = mapRun
        for event in events { read(event) }
        guard frame != nil else { return nil }
        // They have served.
        (frames, entered, lengths, planned, counts) = (MapRunFrames(), [:], [:], [:], [:])
    }

    private mutating func read(_ event: HistoryEvent) {
        if case .child(let owner, let index) = frames.owner(of: event.frame), !frames.isLeftOut(event) {
            counts[event.frame, default: 0] += 1
            if owner.arn == mapRun.arn { children[index]?.read(event) }
        }
        let begun = frames.follow(event)
        switch event.kind {
        case .stateEntered(_, let name, _): entered[event.frame] = name
        case .stateExited, .parallelStarted: if chain.contains(event.frame) { isOver = true }
        case .mapStarted(let length):
            lengths[event.frame] = length
            if chain.contains(event.frame) { isOver = true }
        case .mapPlanned(let iterations):
            planned[event.frame] = iterations
            if event.frame == frame, status == .running { executions = iterations }
        case .mapRunStarted(let arn) where arn == mapRun.arn: start(event)
        case .executionAborted, .executionFailed, .executionTimedOut: end(.aborted, event)
        case .executionRedriven: redrive(event)
        // A child execution that fails for its full history says no more of what is in it.
        case .iterationFailed(_, let index, _) where event.frame != frame && chain.contains(event.frame),
            .iterationAborted(_, let index) where event.frame != frame && chain.contains(event.frame):
            if let child = frames.child(index, of: event.frame), owners.contains(child) { end(.aborted, event) }
        default: if event.frame == frame, status == .running { readOwn(event, begun) }
        }
    }

    private mutating func start(_ event: HistoryEvent) {
        frame = event.frame
        chain = Set(frames.chain(from: event.frame))
        starter = frames.owner(of: event.frame)
        owners = Set(chain.map { frames.owner(of: $0) })
        startedAt = event.at
        state = entered[event.frame] ?? ""
        items = lengths[event.frame] ?? 0
        executions = planned[event.frame] ?? items
    }

    /// What happens in the branch that the Map is in.
    /// - Parameter begun: the branch of an iteration that starts.
    private mutating func readOwn(_ event: HistoryEvent, _ begun: FrameID?) {
        switch event.kind {
        case .iterationStarted(_, let index):
            children[index] = begun.map { Child(index: index, startedAt: event.at, frame: $0) }
        case .iterationSucceeded(_, let index): children[index]?.end(.succeeded, event.at)
        case .iterationFailed(_, let index, let failure): children[index]?.end(.failed, event.at, failure)
        case .iterationAborted(_, let index): children[index]?.end(.aborted, event.at)
        case .mapRunUpdated(let newer): bounds.replace(by: newer)
        case .mapRunSucceeded: end(.succeeded, event)
        // A Map that is tried again has failed, and starts another Map Run then.
        case .mapRunFailed, .retryPlanned: end(.failed, event)
        case .stateAborted: end(.aborted, event)
        case .taskSucceeded(_, let output):
            if let read = output.arrayValue, children.isEmpty { (items, executions) = (read.count, read.count) }
        default: break
        }
    }

    private mutating func end(_ status: Status, _ event: HistoryEvent) {
        guard frame != nil, self.status == .running else { return }
        self.status = status
        stoppedAt = event.at
        for (index, child) in children where child.status == .running { children[index]?.end(.aborted, event.at) }
    }

    private mutating func redrive(_ event: HistoryEvent) {
        guard frame != nil, !isOver, status == .failed || status == .aborted else { return }
        // What is in a child execution that has no room for a redrive is lost with it.
        guard owners.allSatisfy(hasRoomForRedrive) else {
            isOver = true
            return
        }
        (status, stoppedAt) = (.running, nil)
        redriveCount += 1
        redrivenAt = event.at
        for (index, child) in children where child.status != .succeeded && !child.isFull {
            children[index]?.redrive(event)
        }
    }

    private func hasRoomForRedrive(_ owner: Starter) -> Bool {
        guard case .child = owner else { return true }
        let own = counts.reduce(0) { $0 + (frames.owner(of: $1.key) == owner ? $1.value : 0) }
        // Each redrive of both is two events: it, and the end before it.
        return HistoryLimits.hasRoomForRedrive(own + 2 * redriveCount)
    }
}
