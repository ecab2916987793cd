package import JSONModel
package import StatesLanguage
package import WallTime

/// The scenarios of one file, read and checked against their state machine.
package struct ScenarioSuite: Sendable {
    package var file: String
    package var machineName: String
    package var machine: StateMachine
    package var scenarios: [Scenario]
}

/// One run of a state machine in virtual time: what it is given, what its tasks answer, what has to come of it.
package struct Scenario: Sendable {
    package var name: String
    package var position: SourcePosition?
    package var input: JSONValue
    /// When the run starts; virtual.
    package var start: Instant
    /// Answers by the name of a state, or the text of a resource.
    package var mocks: [String: [MockAnswer]]
    /// How often a run that ended badly is redriven.
    package var redrives: Int
    package var expectation: Expectation
}

/// What a mocked task answers. The answers of a state are used in turn, in each branch anew; the last goes on for ever.
package struct MockAnswer: Sendable {
    package enum Outcome: Sendable {
        case returns(MockTemplate)
        case fails(error: String, cause: String)
        /// No answer: some deadline has to pass.
        case silence
    }

    /// Calls that the answer is for; nil for all.
    var condition: Matcher?
    /// How often it is given before the next one's turn.
    var times: Int
    /// Virtual time until it comes.
    var after: Duration
    var outcome: Outcome
}

/// What has to come of a run; what is nil is not looked at.
package struct Expectation: Sendable {
    package struct Expected<Value: Sendable>: Sendable {
        var value: Value
        var position: SourcePosition?
    }

    var status: Expected<String>?
    var output: Expected<Matcher>?
    var error: Expected<Matcher>?
    var cause: Expected<Matcher>?
    /// The states that were entered, in order; nil stands for any number of others.
    var path: Expected<[String?]>?
    /// Calls that were made, in order; others may stand between them.
    var calls: Expected<[CallPattern]>?
    /// What `activity:send-notice` and `sns:publish` were given, all of it, in order.
    var notices: Expected<[Matcher]>?
    var elapsed: Expected<Duration>?
}

/// What one call has to be like.
package struct CallPattern: Sendable {
    var state: String?
    var resource: String?
    var input: Matcher?

    func matches(_ call: Call) -> Bool {
        (state == nil || state == call.state) && (resource == nil || resource == call.resource)
            && (input?.matches(call.input) ?? true)
    }
}

/// A task that the run asked for.
package struct Call: Sendable {
    var state: String
    var resource: String
    var input: JSONValue
    var at: Instant
    /// 1 for the first try of a visit, 2 for its first retry.
    var attempt: Int
    /// 1 for the first visit of the state in its branch.
    var visit: Int

    /// Whether it tells people something.
    var isNotice: Bool { resource.hasSuffix(":send-notice") || resource.hasSuffix("sns:publish") }
}
