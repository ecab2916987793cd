package import JSONModel

/// One state: the fields that all states share, and its kind with its own.
///
/// A class, since it never changes and the interpreter hands it around at every step.
package final class State: Sendable {
    package let name: String
    package let comment: String?
    package let queryLanguage: QueryLanguage
    package let kind: StateKind
    /// Nil for Choice, Succeed and Fail, which have neither `Next` nor `End`.
    package let transition: Transition?
    package let data: DataFlow
    package let retriers: [Retrier]
    package let catchers: [Catcher]

    package init(
        name: String, comment: String? = nil, queryLanguage: QueryLanguage = .jsonPath, kind: StateKind,
        transition: Transition? = nil, data: DataFlow = DataFlow(), retriers: [Retrier] = [], catchers: [Catcher] = []
    ) {
        self.name = name
        self.comment = comment
        self.queryLanguage = queryLanguage
        self.kind = kind
        self.transition = transition
        self.data = data
        self.retriers = retriers
        self.catchers = catchers
    }
}

/// How data goes through a state (ASL, "Input and Output Processing"). The upper half is JSONPath's, the lower half
/// JSONata's; `assign` belongs to both.
package struct DataFlow: Sendable {
    package var inputPath: PathSelection = .root
    package var parameters: Template?
    package var resultSelector: Template?
    package var resultPath: ResultPath = .root
    package var outputPath: PathSelection = .root

    package var arguments: Template?
    package var output: Template?

    /// Variables to set when the state ends, by name.
    package var assign: [(name: String, value: Template)] = []

    package init() {}
}

/// The type of a state with the fields that only it has.
package enum StateKind: Sendable {
    case pass(result: JSONValue?)
    case task(TaskDefinition)
    case choice(ChoiceDefinition)
    case wait(WaitDefinition)
    case succeed
    case fail(error: Template?, cause: Template?)
    case parallel(branches: [StateScope])
    case map(MapDefinition)

    package var type: StateType {
        switch self {
        case .pass: .pass
        case .task: .task
        case .choice: .choice
        case .wait: .wait
        case .succeed: .succeed
        case .fail: .fail
        case .parallel: .parallel
        case .map: .map
        }
    }
}

/// The name of a state's type, as in `Type`.
package enum StateType: String, Sendable, Hashable, CaseIterable {
    case pass = "Pass"
    case task = "Task"
    case choice = "Choice"
    case wait = "Wait"
    case succeed = "Succeed"
    case fail = "Fail"
    case parallel = "Parallel"
    case map = "Map"
}

package struct TaskDefinition: Sendable {
    package var resource: Resource
    /// Seconds as a literal, a path or an expression.
    package var timeout: Template?
    package var heartbeat: Template?
    package var credentials: Template?

    package init(
        resource: Resource, timeout: Template? = nil, heartbeat: Template? = nil, credentials: Template? = nil
    ) {
        self.resource = resource
        self.timeout = timeout
        self.heartbeat = heartbeat
        self.credentials = credentials
    }
}

package enum WaitDefinition: Sendable {
    /// Seconds from the moment the state is entered.
    case seconds(Template)
    /// An RFC 3339 instant.
    case timestamp(Template)
}
