import JSONModel
import StatesLanguage
import WallTime

/// Map: the same states for every item of an array (ASL, "Map State").
extension Advance {
    mutating func startMap(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, _ map: MapDefinition
    ) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let items = map.itemReader == nil ? try evaluation.items(of: map) : nil
        record(.mapStarted(length: items?.values.count ?? 0), in: frame)
        _ = try evaluation.concurrency(of: map)
        _ = try evaluation.tolerance(of: map)
        if map.mode == .distributed { record(.mapRunStarted(mapRun: mapRunARN(frame, visit, map)), in: frame) }
        if let items {
            try plan(items, frame, map, evaluation)
            continueMap(frame, definition, map, freed: nil)
        } else {
            try requestItems(frame, map, evaluation)
        }
    }

    /// Batches the items if they are to be batched.
    mutating func plan(
        _ items: MapItems, _ frame: FrameID, _ map: MapDefinition, _ evaluation: StateEvaluation
    ) throws(StateFailure) {
        guard let batcher = map.itemBatcher else { return remember(items, of: frame) }
        let batches = try evaluation.batches(of: items, by: batcher, map)
        record(.mapPlanned(iterations: batches.values.count), in: frame)
        remember(batches, of: frame)
    }

    /// Starts iterations as far as the concurrency allows, or leaves the state when all have ended.
    /// - Parameter freed: the last event of the iteration that made room.
    mutating func continueMap(_ frame: FrameID, _ definition: State, _ map: MapDefinition, freed: Int?) {
        guard let branch = state.frames[frame], let visit = branch.visit, let join = branch.join else { return }
        let (ended, open) = (branch.results.count, branch.children.count)
        if ended + join.failed.count == join.count { return finishMap(frame, definition, map, join) }
        do {
            let limit: Int
            if let known = join.concurrency.value {
                limit = known
            } else {
                let defined = try evaluation(frame, definition, visit, at: join.startedAt).concurrency(of: map)
                limit = join.bounds.concurrency(insteadOf: defined)
                remember(concurrency: limit, of: frame)
            }
            if join.items.value == nil { remember(try items(of: frame), of: frame) }
            let room = max(0, limit - (open - join.failed.count - join.aborted.count))
            for index in join.nextIndex..<min(join.count, join.nextIndex + room) {
                startIteration(index, of: frame, visit, after: index < limit ? join.startedID : freed)
            }
        } catch {
            handle(error, in: frame, definition)
        }
    }

    private mutating func startIteration(_ index: Int, of frame: FrameID, _ visit: StateVisit, after previous: Int?) {
        record(.iterationStarted(state: visit.name, index: index), in: frame, after: previous)
        if let child = state.frames[frame]?.children[index] { resume(child) }
    }

    private mutating func finishMap(_ frame: FrameID, _ definition: State, _ map: MapDefinition, _ join: Join) {
        if let writer = map.resultWriter, join.isDistributed {
            return export(frame, definition, writer)
        }
        concludeMap(frame, definition, .array(state.frames[frame]?.orderedResults(join.count) ?? []))
    }

    /// Leaves a Map whose iterations have all ended, as well as it may expect.
    mutating func concludeMap(_ frame: FrameID, _ definition: State, _ result: JSONValue) {
        if state.frames[frame]?.join?.isDistributed == true { record(.mapRunSucceeded, in: frame) }
        record(.mapSucceeded, in: frame)
        leaveJoin(frame, definition, result)
    }

    /// An iteration has failed. A distributed Map may tolerate that; otherwise its siblings are aborted.
    mutating func iterationFailed(_ branch: Frame, parent: FrameID, _ visit: StateVisit, _ failure: StateFailure) {
        let previous = previous(of: branch, in: parent)
        let isChild = state.frames[parent]?.join?.isDistributed == true
        record(
            .iterationFailed(state: visit.name, index: branch.index, isChild ? failure.failure : nil), in: parent,
            after: branch.previousID)
        guard isChild, let definition = try? definition(of: visit.name, in: parent),
            case .map(let map) = definition.kind
        else { return fail(parent, failure, after: previous) }
        do {
            if try isTolerable(parent, definition, map) {
                continueMap(parent, definition, map, freed: nil)
            } else {
                exceeded(parent, definition, map, after: previous)
            }
        } catch {
            handle(error, in: parent, definition)
        }
    }

    /// Whether no more items have failed than the Map puts up with: with a batch all items in it have.
    func isTolerable(_ frame: FrameID, _ definition: State, _ map: MapDefinition) throws(StateFailure) -> Bool {
        guard let visit = state.frames[frame]?.visit, let join = state.frames[frame]?.join else { return true }
        let tolerance = try evaluation(frame, definition, visit, at: join.startedAt).tolerance(of: map)
        let bounds = join.bounds.tolerance(insteadOf: tolerance)
        guard map.itemBatcher != nil, !join.failed.isEmpty else {
            return bounds.allows(failed: join.failed.count, of: join.count)
        }
        let batches = try items(of: frame)
        return bounds.allows(failed: batches.itemCount(of: join.failed), of: batches.itemCount)
    }

    /// What the iterations of a Map that has started work on.
    func items(of frame: FrameID) throws(StateFailure) -> MapItems {
        if let items = state.frames[frame]?.join?.items.value { return items }
        guard let visit = state.frames[frame]?.visit, let join = state.frames[frame]?.join else {
            throw .runtime("The Map has not started.")
        }
        let definition: State
        do { definition = try self.definition(of: visit.name, in: frame) } catch { throw .runtime(error.description) }
        guard case .map(let map) = definition.kind else {
            throw .runtime("The state '\(visit.name)' is no Map: the history belongs to another definition.")
        }
        let evaluation = evaluation(frame, definition, visit, at: join.startedAt)
        let items =
            if let read = join.read { try evaluation.items(read: read, by: map) } else {
                try evaluation.items(of: map)
            }
        guard let batcher = map.itemBatcher else { return items }
        return try evaluation.batches(of: items, by: batcher, map)
    }
}

extension Frame {
    /// The results of a Map's iterations that have succeeded, in the order of their items.
    func orderedResults(_ count: Int) -> [JSONValue] { (0..<count).compactMap { self.results[$0] } }
}

extension StateFailure {
    static let toleranceExceeded = StateFailure(
        TaskFailure(
            error: ErrorName.exceedToleratedFailureThreshold,
            cause: "The specified tolerated failure threshold was exceeded"))

    /// So many child executions that have failed are more than is tolerated, and stay so.
    static func notRedrivable(_ count: Int) -> StateFailure {
        var failure = toleranceExceeded
        let which = count == 1 ? "one child execution has" : "\(count) child executions have"
        failure.failure.cause +=
            ": \(which) failed with a history of \(HistoryLimits.events) events, and cannot be redriven"
        return failure
    }
}
