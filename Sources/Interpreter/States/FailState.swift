import JSONModel
import StatesLanguage

/// Fail: ends its branch with an error (ASL, "Fail State").
extension Advance {
    mutating func fail(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, error: Template?, cause: Template?
    ) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let input = try evaluation.selectedInput()
        let failure = TaskFailure(
            error: try evaluation.text(error, input: input, field: "Error"),
            cause: try evaluation.text(cause, input: input, field: "Cause"))
        throw StateFailure(failure)
    }
}

extension StateEvaluation {
    /// A string, or an empty one for a field that is missing.
    func text(_ template: Template?, input: JSONValue, field: String) throws(StateFailure) -> String {
        guard let template else { return "" }
        let value = try value(template, input: input, field: field)
        guard let text = value.stringValue else {
            throw dataFailure("The \(field) field must be a string but was: \(value.quotedForCause)", field: field)
        }
        return text
    }
}
