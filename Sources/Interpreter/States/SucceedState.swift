import StatesLanguage

/// Succeed: ends its branch with its input, shaped (ASL, "Succeed State").
extension Advance {
    mutating func succeed(_ frame: FrameID, _ definition: State, _ visit: StateVisit) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let exit = try evaluation.exit(
            selected: evaluation.selectedInput(), assign: definition.data.assign, output: definition.data.output)
        leave(frame, visit, exit, to: nil)
    }
}
