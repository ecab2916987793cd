import JSONModel
import StatesLanguage

/// Parallel: several branches at once, whose results become an array (ASL, "Parallel State").
extension Advance {
    mutating func startParallel(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, _ branches: [StateScope]
    ) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let arguments = try evaluation.arguments()
        count(made: try evaluation.size(of: arguments))
        record(.parallelStarted(branches: branches.count), in: frame)
        remember(MapItems(values: [arguments]), of: frame)
        for index in branches.indices { state.frames[frame]?.children[index].map { resume($0) } }
    }

    /// Leaves the state when the last branch has ended.
    mutating func finishParallel(_ frame: FrameID, _ definition: State, after previous: Int?) {
        guard let results = finishedBranches(of: frame) else { return }
        record(.parallelSucceeded, in: frame, after: previous)
        leaveJoin(frame, definition, .array(results))
    }
}
