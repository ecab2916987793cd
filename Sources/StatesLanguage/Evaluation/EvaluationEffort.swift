import Synchronization

/// The steps that evaluations have taken in one decision: values that paths visit, expressions of JSONata, and 64 bytes
/// that functions read and write. So neither one state nor a decision that runs through many can hold up the process.
package final class EvaluationEffort: Sendable {
    /// What the fields of one state take together at most: less than a second in a release build.
    package static let mostOfOneState = 5_000_000
    static let bytesPerStep = 64

    private let most: Int
    private let isForAllStates: Bool
    private let total = Atomic<Int>(0)
    private let before = Atomic<Int>(0)

    /// - Parameters:
    ///   - most: steps that one state may take.
    ///   - isForAllStates: whether all that is evaluated may take no more together.
    package init(most: Int = EvaluationEffort.mostOfOneState, isForAllStates: Bool = false) {
        self.most = most
        self.isForAllStates = isForAllStates
    }

    /// The steps of all states so far.
    package var spent: Int { total.load(ordering: .relaxed) }

    /// Whether the state has taken more than it may.
    package var isExhausted: Bool { left < 0 }

    /// What the state may still take.
    var left: Int { most - (spent - before.load(ordering: .relaxed)) }

    /// From here on another state is evaluated.
    package func beginState() {
        guard !isForAllStates else { return }
        before.store(spent, ordering: .relaxed)
    }

    func spend(_ steps: Int) { total.add(steps, ordering: .relaxed) }

    /// - Parameters:
    ///   - error: the name of the error.
    ///   - place: what would be evaluated next, for the cause.
    /// - Throws: the error when the state has taken more than it may.
    func check(for place: String, error: String) throws(EvaluationError) {
        guard isExhausted else { return }
        throw EvaluationError(
            error: error,
            cause:
                "The fields of the state, up to '\(place)', take more than \(most) steps of evaluation, which is the "
                + "most for one state. Compute less in it, or split the work among several states.")
    }
}
