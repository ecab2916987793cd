/// Why an expression could not be parsed or evaluated.
///
/// `code` is the code of the JSONata reference: `S…` for syntax, `T…` for types, `D…` for values, `U1001` when a limit
/// of `JSONataLimits` was reached. `message` is the reference's wording, because AWS Step Functions shows it in an
/// execution's cause.
package struct JSONataError: Error, Equatable, Sendable {
    package let code: String
    package let message: String
    /// Characters from the start of the expression to the end of the token at fault; nil when unknown.
    package var position: Int?
    /// The operator, function or character at fault.
    package var token: String?

    package init(code: String, message: String, position: Int? = nil, token: String? = nil) {
        self.code = code
        self.message = message
        self.position = position
        self.token = token
    }
}

extension JSONataError: CustomStringConvertible {
    package var description: String {
        let place = position.map { " (at character \($0))" } ?? ""
        return "\(code): \(message)\(place)"
    }
}
