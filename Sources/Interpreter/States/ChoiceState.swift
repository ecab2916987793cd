import JSONModel
import StatesLanguage

/// Choice: the first rule whose condition holds says where to go (ASL, "Choice State").
extension Advance {
    mutating func choose(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, _ choice: ChoiceDefinition
    ) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let input = try evaluation.selectedInput()
        if let rule = try evaluation.firstRule(of: choice.rules, input: input) {
            let exit = try evaluation.exit(
                selected: input, assign: rule.assign, output: rule.output ?? definition.data.output)
            return leave(frame, visit, exit, to: rule.next)
        }
        guard let next = choice.defaultNext else {
            let cause = "Failed to transition out of the state. The state does not point to a next state."
            throw evaluation.failure(error: ErrorName.noChoiceMatched, cause: cause)
        }
        let exit = try evaluation.exit(
            selected: input, assign: definition.data.assign, output: definition.data.output)
        leave(frame, visit, exit, to: next)
    }
}
