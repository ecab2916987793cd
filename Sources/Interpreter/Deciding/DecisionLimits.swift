import StatesLanguage

/// How far one decision runs before it leaves the rest to the next: it is recorded as a whole, and nothing else happens
/// to the execution, nor on its thread, until it is made.
package struct DecisionLimits: Sendable {
    /// States, so that a definition that loops cannot hold its caller for ever.
    package var transitions: Int
    /// Bytes that states make, which pile up in memory.
    package var bytes: Int
    /// Steps of evaluation (see `EvaluationEffort`): some hundredths of a second.
    package var steps: Int
    /// Steps that a state may take; one that takes more fails.
    package var stepsOfOneState: Int
    /// Whether all states together may take no more, and the decision throws `.tooMuchForTrial` when they do, instead of
    /// failing one.
    package var isTrial: Bool

    package init(
        transitions: Int = 10_000, bytes: Int = 8_388_608, steps: Int = 500_000,
        stepsOfOneState: Int = EvaluationEffort.mostOfOneState, isTrial: Bool = false
    ) {
        self.transitions = transitions
        self.bytes = bytes
        self.steps = steps
        self.stepsOfOneState = stepsOfOneState
        self.isTrial = isTrial
    }

    package static let standard = DecisionLimits()
    /// For a caller whom others wait for: about a millisecond of evaluation, and the state that goes beyond it.
    package static let short = DecisionLimits(steps: 20_000)
    /// The same without that state.
    package static let trial = DecisionLimits(steps: 20_000, stepsOfOneState: 20_000, isTrial: true)
    /// Only what the stimulus itself says is recorded.
    package static let noState = DecisionLimits(transitions: 0)
}
