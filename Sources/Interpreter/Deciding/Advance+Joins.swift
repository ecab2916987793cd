import JSONModel
import StatesLanguage
import WallTime

/// How the branches of Parallel and Map come together, well or badly.
extension Advance {
    /// A branch has ended well.
    mutating func joined(_ frame: FrameID, parent: FrameID) {
        guard let branch = state.frames[frame], let visit = state.frames[parent]?.visit else { return }
        let definition: State
        do { definition = try self.definition(of: visit.name, in: parent) } catch { return contradict(error) }
        if case .map(let map) = definition.kind {
            record(
                .iterationSucceeded(state: visit.name, index: branch.index), in: parent,
                after: branch.previousID)
            continueMap(parent, definition, map, freed: previous(of: branch, in: parent))
        } else {
            finishParallel(parent, definition, after: branch.previousID)
        }
    }

    /// A Parallel whose branches have all ended is left with their results in order.
    func finishedBranches(of frame: FrameID) -> [JSONValue]? {
        guard let parent = state.frames[frame], let join = parent.join else { return nil }
        var results: [JSONValue] = []
        for index in 0..<join.count {
            guard let output = parent.children[index].flatMap({ state.frames[$0]?.output }) else { return nil }
            results.append(output)
        }
        return results
    }

    /// Leaves a Parallel or Map with what its branches have come to.
    mutating func leaveJoin(_ frame: FrameID, _ definition: State, _ result: JSONValue) {
        guard let visit = state.frames[frame]?.visit else { return }
        do {
            let exit = try evaluation(frame, definition, visit).exit(result: result)
            leave(frame, visit, exit, to: definition.next)
            resume(frame)
        } catch {
            handle(error, in: frame, definition)
        }
    }

    /// A Parallel's branch has failed: its siblings are aborted, and the failure is the Parallel's.
    mutating func branchFailed(_ branch: Frame, parent: FrameID, _ failure: StateFailure) {
        let previous = previous(of: branch, in: parent)
        if let visit = branch.visit, visit.type == .task {
            record(.stateAborted(.task, name: visit.name), in: branch.id)
        }
        give(up: branch.id)
        fail(parent, failure, after: previous)
    }

    /// The last event of a branch as its parent names it; a child workflow's events are none of its parent's.
    func previous(of branch: Frame, in parent: FrameID) -> Int {
        guard let parent = state.frames[parent], branch.isHidden, !parent.isHidden else { return branch.previousID }
        return parent.previousID
    }

    /// Aborts every branch below a Parallel or Map that still runs.
    mutating func stopBranches(of frame: FrameID) {
        guard let visit = state.frames[frame]?.visit, let join = state.frames[frame]?.join else { return }
        for (index, child) in (state.frames[frame]?.children ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let branch = state.frames[child], branch.output == nil else {
                continue
            }
            abort(child)
            if visit.type == .map, !join.failed.contains(index), !join.aborted.contains(index) {
                record(
                    .iterationAborted(state: visit.name, index: index), in: frame,
                    after: previous(of: branch, in: frame))
            }
        }
    }

    /// After a redrive: a join that lacks nothing is left again, a Map goes on with items that had not started.
    mutating func rejoin(_ frame: FrameID) throws(InterpreterError) {
        guard let visit = state.frames[frame]?.visit else { return }
        let definition = try definition(of: visit.name, in: frame)
        switch definition.kind {
        case .map(let map) where map.itemReader != nil && state.frames[frame]?.join?.read == nil:
            do { try requestItems(frame, map, evaluation(frame, definition, visit)) } catch {
                handle(error, in: frame, definition)
            }
        case .map(let map):
            do {
                // None has failed since but those that are lost.
                let lost = state.frames[frame]?.join?.failed.count ?? 0
                guard lost > 0, try !isTolerable(frame, definition, map) else {
                    return continueMap(frame, definition, map, freed: nil)
                }
                fail(frame, .notRedrivable(lost))
            } catch {
                handle(error, in: frame, definition)
            }
        default: finishParallel(frame, definition, after: nil)
        }
    }

    /// What a branch starts with.
    func branchInput(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, parent: FrameID
    ) throws(StateFailure) -> JSONValue {
        guard case .map(let map) = definition.kind else {
            let join = state.frames[parent]?.join
            if let arguments = join?.items.value?.values.first { return arguments }
            return try evaluation(parent, definition, visit, at: join?.startedAt).arguments()
        }
        guard let index = state.frames[frame]?.index, let item = try items(of: parent)[index] else {
            throw .runtime("The Map '\(visit.name)' has no such item any more.")
        }
        // A batch holds items that were selected already.
        if map.itemBatcher != nil { return item.value }
        return try evaluation(parent, definition, visit).iterationInput(item, of: map)
    }

    /// The Map item that a branch works on: its own, or that of the iteration around it.
    func item(of frame: FrameID) -> MapItem? {
        guard let branch = state.frames[frame], let parent = branch.parent else { return nil }
        guard state.frames[parent]?.visit?.type == .map else { return item(of: parent) }
        // Items that can't be computed any more fail the iteration where it begins; the context object then has none.
        return try? items(of: parent)[branch.index]
    }
}
