import StatesLanguage

/// Which branch of an execution belongs to which child execution of which Map Run: followed event by event, since events
/// name their branch by its number only.
struct MapRunFrames {
    private var count: FrameID = 0
    private var parents: [FrameID: FrameID] = [:]
    private var owners: [FrameID: MapRunHistory.Starter] = [:]
    /// The Map Run of the distributed Map that a branch is in.
    private var runs: [FrameID: MapRun] = [:]
    /// Branches that are in a Map.
    private var maps: Set<FrameID> = []

    /// The innermost execution that a branch is part of.
    func owner(of frame: FrameID) -> MapRunHistory.Starter { owners[frame] ?? .execution }

    /// The child execution that an item makes, of the distributed Map that a branch is in; nil in another Map.
    func child(_ index: Int, of frame: FrameID) -> MapRunHistory.Starter? {
        runs[frame].map { .child(of: $0, index: index) }
    }

    /// The branch and those around it, innermost first.
    func chain(from frame: FrameID) -> [FrameID] {
        Array(sequence(first: frame) { parents[$0] })
    }

    /// Whether AWS's history of the execution that the event belongs to leaves it out: what a distributed Map's
    /// iterations come to, and the tasks that read its items and write its results.
    func isLeftOut(_ event: HistoryEvent) -> Bool {
        switch event.kind {
        case .iterationStarted, .iterationSucceeded, .iterationFailed, .iterationAborted: runs[event.frame] != nil
        case .taskScheduled, .taskSucceeded, .taskFailed: maps.contains(event.frame)
        default: event.kind.isNote
        }
    }

    /// - Returns: the branch that an iteration has begun.
    @discardableResult
    mutating func follow(_ event: HistoryEvent) -> FrameID? {
        switch event.kind {
        case .stateEntered(let type, _, _):
            if type == .map { maps.insert(event.frame) } else { maps.remove(event.frame) }
        case .parallelStarted(let branches):
            for _ in 0..<branches { add(below: event.frame, owner: owners[event.frame]) }
        case .mapStarted: runs[event.frame] = nil
        case .mapRunStarted(let arn): runs[event.frame] = MapRun(arn: arn)
        case .iterationStarted(_, let index):
            return add(below: event.frame, owner: child(index, of: event.frame) ?? owners[event.frame])
        default: break
        }
        return nil
    }

    @discardableResult
    private mutating func add(below parent: FrameID, owner: MapRunHistory.Starter?) -> FrameID {
        count += 1
        parents[count] = parent
        owners[count] = owner
        return count
    }
}

extension MapRunHistory {
    /// The execution that a Map Run belongs to.
    package enum Starter: Sendable, Hashable {
        /// The one whose history it is.
        case execution
        /// A child execution of another Map Run in the same history.
        case child(of: MapRun, index: Int)
    }

    /// The execution that has started each Map Run of a history.
    package static func starters(in events: [HistoryEvent]) -> [MapRun: Starter] {
        var frames = MapRunFrames()
        var starters: [MapRun: Starter] = [:]
        for event in events {
            if case .mapRunStarted(let arn) = event.kind { starters[MapRun(arn: arn)] = frames.owner(of: event.frame) }
            frames.follow(event)
        }
        return starters
    }
}
