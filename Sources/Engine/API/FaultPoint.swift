/// A place where a test, or a drill, may let the process die: around a step's work and around each commit.
package struct FaultPoint: Sendable, Hashable {
    package enum Moment: String, Sendable, Hashable, CaseIterable {
        case beforePerform, afterPerform, beforeCommit, afterCommit
    }

    package let moment: Moment
    /// The state whose step or commit it is; empty for a commit that belongs to no single state.
    package let state: String

    package init(_ moment: Moment, state: String) {
        self.moment = moment
        self.state = state
    }
}
