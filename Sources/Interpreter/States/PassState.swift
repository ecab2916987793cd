import JSONModel
import StatesLanguage

/// Pass: its input, shaped, or a fixed result (ASL, "Pass State").
extension Advance {
    mutating func pass(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, _ result: JSONValue?
    ) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let value =
            if let result { result } else { try evaluation.arguments() }
        leave(frame, visit, try evaluation.exit(result: value), to: definition.next)
    }
}

extension State {
    /// The state that follows; nil when this one ends its branch.
    var next: String? {
        if case .next(let name) = transition { name } else { nil }
    }
}
