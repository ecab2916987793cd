import JSONModel
import StatesLanguage
import WallTime

/// Wait: for so many seconds, or until an instant (ASL, "Wait State").
extension Advance {
    /// Starts the wait. One that is over already is left at once.
    mutating func wait(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, _ wait: WaitDefinition
    ) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let until = try evaluation.end(of: wait, from: now)
        guard until > now else { return try waited(frame, definition, visit) }
        record(.waiting(until: until), in: frame)
    }

    /// The wait is over.
    mutating func waited(_ frame: FrameID, _ definition: State, _ visit: StateVisit) throws(StateFailure) {
        let evaluation = evaluation(frame, definition, visit)
        let exit = try evaluation.exit(
            selected: evaluation.selectedInput(), assign: definition.data.assign, output: definition.data.output)
        leave(frame, visit, exit, to: definition.next)
    }
}

extension StateEvaluation {
    func end(of wait: WaitDefinition, from start: Instant) throws(StateFailure) -> Instant {
        let input = try selectedInput()
        switch wait {
        case .seconds(let template):
            return start.adding(seconds: try seconds(template, "Seconds", input: input, range: 0...Self.longestSeconds))
        case .timestamp(let template): return try timestamp(template, input: input)
        }
    }

    private func timestamp(_ template: Template, input: JSONValue) throws(StateFailure) -> Instant {
        let value = try lookUp(template, "Timestamp", input: input)
        if let instant = value.stringValue.flatMap(Instant.init(iso8601:)) { return instant }
        let text = value.stringValue ?? value.quotedForCause
        if case .path(let path) = template {
            throw dataFailure(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format "
                    + "string: \(path.text) == \(text)")
        }
        throw dataFailure(
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: \(text)",
            field: "Timestamp")
    }
}
