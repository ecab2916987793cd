import JSONModel
import StatesLanguage

/// Fields that hold a number, as a literal, a path (`SecondsPath`, `TimeoutSecondsPath`…) or an expression.
extension StateEvaluation {
    /// The longest time that a definition can name, in seconds (AWS quota).
    static let longestSeconds = 99_999_999

    /// A whole number of seconds.
    func seconds(
        _ template: Template, _ field: String, input: JSONValue, range: ClosedRange<Int>
    ) throws(StateFailure) -> Int {
        let value = try lookUp(template, field, input: input)
        guard let number = value.wholeNumber else {
            guard case .path(let path) = template else {
                throw dataFailure(
                    "The \(field) field must be an integer but was: \(value.quotedForCause)", field: field)
            }
            let text = value.stringValue ?? value.quotedForCause
            throw dataFailure("The \(field)Path parameter cannot be parsed as a long value: \(path.text) == \(text)")
        }
        guard range.contains(number) else {
            throw dataFailure(
                "The \(field) field must be between \(range.lowerBound) and \(range.upperBound) but was: \(number)",
                field: field)
        }
        return number
    }

    /// The value of a field; a path that finds nothing is told in AWS's words.
    func lookUp(_ template: Template, _ field: String, input: JSONValue) throws(StateFailure) -> JSONValue {
        do {
            return try value(template, input: input, field: field)
        } catch {
            guard case .path(let path) = template, field == "Seconds" || field == "Timestamp" else { throw error }
            throw dataFailure("The \(field)Path parameter does not reference an input value: \(path.text)")
        }
    }
}

extension JSONValue {
    /// The value as a whole number: AWS takes a number, or a string that is one.
    var wholeNumber: Int? {
        if let text = stringValue { return Int(text) }
        return intValue.map { Int($0) }
    }

    /// The value as a number, or a string that is one.
    var number: Double? {
        if let text = stringValue { return Double(text) }
        return doubleValue
    }
}
