package import JSONModel

/// Which language a state's fields are written in (ASL, "QueryLanguage").
package enum QueryLanguage: String, Sendable, Hashable {
    case jsonPath = "JSONPath"
    case jsonata = "JSONata"
}

/// A state machine definition whose paths, templates and expressions have been parsed: what the interpreter runs.
///
/// Only a definition without an error diagnostic becomes a `StateMachine`.
package final class StateMachine: Sendable {
    package let comment: String?
    package let version: String?
    package let queryLanguage: QueryLanguage
    /// The machine-level `TimeoutSeconds`.
    package let timeoutSeconds: Int?
    package let scope: StateScope
    /// The definition as it was given, as JSON; what the API hands out again.
    package let document: JSONValue

    package init(
        comment: String? = nil, version: String? = nil, queryLanguage: QueryLanguage = .jsonPath,
        timeoutSeconds: Int? = nil, scope: StateScope, document: JSONValue
    ) {
        self.comment = comment
        self.version = version
        self.queryLanguage = queryLanguage
        self.timeoutSeconds = timeoutSeconds
        self.scope = scope
        self.document = document
    }

    /// The same definition with at most so many seconds for an execution.
    package func limited(toSeconds seconds: Int) -> StateMachine {
        StateMachine(
            comment: comment, version: version, queryLanguage: queryLanguage,
            timeoutSeconds: min(timeoutSeconds ?? seconds, seconds), scope: scope, document: document)
    }
}

/// A set of states of which one is the first: the machine itself, a Parallel branch, or a Map's processor.
package struct StateScope: Sendable {
    package var startAt: String
    package var states: [String: State]
    /// The names in the order in which they were written.
    package var order: [String]

    package init(startAt: String, states: [State]) {
        self.startAt = startAt
        self.states = Dictionary(states.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        order = states.map(\.name)
    }
}

/// Where a state leads.
package enum Transition: Sendable, Hashable {
    case next(String)
    case end
}
