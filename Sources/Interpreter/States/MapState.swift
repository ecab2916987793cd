import JSONModel
import StatesLanguage
import WallTime

/// Map: the same states for every item of an array (ASL, "Map State").
extension Advance {
    mutating func startMap(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, _ map: MapDefinition
    ) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let items = try evaluation.items(of: map)
        record(.mapStarted(length: items.count), in: frame)
        _ = try evaluation.concurrency(of: map)
        _ = try evaluation.tolerance(of: map)
        if map.mode == .distributed { record(.mapRunStarted(mapRun: mapRunARN(frame, visit, map)), in: frame) }
        remember(items, of: frame)
        continueMap(frame, definition, map, freed: nil)
    }

    /// Starts iterations as far as the concurrency allows, or leaves the state when all have ended.
    /// - Parameter freed: the last event of the iteration that made room.
    mutating func continueMap(_ frame: FrameID, _ definition: State, _ map: MapDefinition, freed: Int?) {
        guard let visit = state.frames[frame]?.visit, let join = visit.join else { return }
        let (ended, open) = (state.frames[frame]?.results.count ?? 0, state.frames[frame]?.children.count ?? 0)
        if ended + join.failed.count == join.count { return finishMap(frame, definition, join) }
        do {
            let limit = try evaluation(frame, definition, visit, at: join.startedAt).concurrency(of: map)
            let items = try items(of: frame)
            remember(items, of: frame)
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

    private mutating func finishMap(_ frame: FrameID, _ definition: State, _ join: Join) {
        let results = (0..<join.count).compactMap { state.frames[frame]?.results[$0] }
        if join.isDistributed { record(.mapRunSucceeded, in: frame) }
        record(.mapSucceeded, in: frame)
        leaveJoin(frame, definition, results)
    }

    /// An iteration has failed. A distributed Map may tolerate that; otherwise its siblings are aborted.
    mutating func iterationFailed(_ branch: Frame, parent: FrameID, _ visit: StateVisit, _ failure: StateFailure) {
        let previous = previous(of: branch, in: parent)
        record(.iterationFailed(state: visit.name, index: branch.index), in: parent, after: branch.previousID)
        guard let join = state.frames[parent]?.visit?.join, join.isDistributed,
            let definition = try? definition(of: visit.name, in: parent), case .map(let map) = definition.kind
        else { return fail(parent, failure, after: previous) }
        do {
            let tolerance = try evaluation(parent, definition, visit, at: join.startedAt).tolerance(of: map)
            if tolerance.allows(failed: join.failed.count, of: join.count) {
                continueMap(parent, definition, map, freed: nil)
            } else {
                fail(parent, .toleranceExceeded, after: previous)
            }
        } catch {
            handle(error, in: parent, definition)
        }
    }

    /// The items of a Map that has started.
    func items(of frame: FrameID) throws(StateFailure) -> [JSONValue] {
        guard let visit = state.frames[frame]?.visit, let join = visit.join else { return [] }
        if let items = join.items.value { return items }
        guard let definition = try? definition(of: visit.name, in: frame), case .map(let map) = definition.kind else {
            return []
        }
        return try evaluation(frame, definition, visit, at: join.startedAt).items(of: map)
    }

    /// AWS's form: `arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID`.
    private func mapRunARN(_ frame: FrameID, _ visit: StateVisit, _ map: MapDefinition) -> String {
        var random = SplitMix64(seed: state.seed, salts: visit.enteredID, visit.retryCount, frame, 1)
        let parts = identity.stateMachineARN.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let label = map.distributed["Label"]?.stringValue ?? random.uuid()
        let run = "mapRun:\(identity.stateMachineName)/\(label):\(random.uuid())"
        return parts.prefix(5).joined(separator: ":") + ":" + run
    }
}

extension StateFailure {
    fileprivate static let toleranceExceeded = StateFailure(
        TaskFailure(
            error: ErrorName.exceedToleratedFailureThreshold,
            cause: "The specified tolerated failure threshold was exceeded"))
}
