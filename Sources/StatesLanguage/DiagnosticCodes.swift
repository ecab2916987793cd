/// Every finding that a definition can have. Codes are stable: a code keeps its meaning, and a code that is given up is
/// not used again.
package enum DiagnosticCode: String, CaseIterable, Sendable {
    // Reading the text
    case notYAML = "E001"
    case notJSON = "E002"
    case duplicateKey = "E003"
    case unsupportedYAML = "E004"
    case documentLimit = "E005"
    case notAnObject = "E006"

    // Fields
    case missingField = "E101"
    case unknownField = "E102"
    case wrongType = "E103"
    case wrongLanguage = "E104"
    case conflictingFields = "E105"
    case unknownValue = "E106"
    case outOfRange = "E107"
    case invalidTimestamp = "E108"
    case languageDowngrade = "E109"
    case missingTransition = "E110"

    // Flow
    case unknownTarget = "E201"
    case unreachableState = "E202"
    case noTerminalState = "E203"
    case duplicateStateName = "E204"
    case invalidStateName = "E205"
    case emptyScope = "E206"

    // Paths, templates and expressions
    case invalidPath = "E301"
    case invalidIntrinsic = "E302"
    case notReferencePath = "E303"
    case invalidJSONata = "E304"
    case conflictingKeys = "E305"
    case unavailableVariable = "E306"

    // Errors and time
    case emptyErrorEquals = "E401"
    case allErrorsNotAlone = "E402"
    case allErrorsNotLast = "E403"
    case heartbeatNotShorter = "E404"
    case maximumDelayNotLonger = "E405"

    // Choice
    case invalidChoiceRule = "E501"

    // Map and Parallel
    case missingProcessor = "E601"
    case invalidLabel = "E602"

    // Variables
    case invalidVariableName = "E701"

    // Tasks
    case invalidResource = "E801"
    case unavailableInExpress = "E802"

    // Warnings
    case unknownResource = "W801"
    case callbackWithoutTimeout = "W802"
    case literalSecret = "W803"
    case unusedExpression = "W804"
    case unknownErrorName = "W805"
    case resultOfFailure = "W806"
    case unassignedVariable = "W807"
    case maybeUnassignedVariable = "W808"
    case handlerNeverMatches = "W809"
    case choiceWithoutDefault = "W810"
    case unreachableChoiceRule = "W811"
    case literalPath = "W812"
    case tokenNotPassed = "W813"
    case unsupportedData = "W814"
    case missingArgument = "W815"
    case noInputDocument = "W816"
    case unknownContextMember = "W817"
    case shadowedVariable = "W818"
    case alwaysFails = "W819"

    package var severity: Diagnostic.Severity { rawValue.hasPrefix("W") ? .warning : .error }

    /// What the code stands for, in one line; `docs/yaml-reference.md` is made from it.
    package var meaning: String {
        switch self {
        case .notYAML: "The text is not YAML."
        case .notJSON: "The text is not JSON, though the file's name ends in .json."
        case .duplicateKey: "A name occurs twice in one mapping."
        case .unsupportedYAML: "YAML that has no meaning in a definition: a second document, a tag."
        case .documentLimit: "The document is larger, deeper or more repetitive than the limits allow."
        case .notAnObject: "The document is not a mapping."
        case .missingField: "A required field is missing."
        case .unknownField: "The States Language has no such field here."
        case .wrongType: "The value has the wrong type."
        case .wrongLanguage: "The field belongs to the other query language."
        case .conflictingFields: "Two fields exclude each other."
        case .unknownValue: "The value is not one of those that the field takes."
        case .outOfRange: "The number is outside the range that the field takes."
        case .invalidTimestamp: "The text is not an RFC 3339 timestamp."
        case .languageDowngrade: "A JSONata state machine has a JSONPath state."
        case .missingTransition: "The state has neither Next nor End."
        case .unknownTarget: "StartAt, Next or Default names a state that is not there."
        case .unreachableState: "No transition leads to the state."
        case .noTerminalState: "The states have no end: no Succeed, no Fail, no End."
        case .duplicateStateName: "Two states of the state machine have the same name."
        case .invalidStateName: "The state's name is empty, too long or has characters that are not allowed."
        case .emptyScope: "There is no state."
        case .invalidPath: "The text is not a path."
        case .invalidIntrinsic: "The text is not a call of an intrinsic function."
        case .notReferencePath: "The path may name one place only: no wildcards, slices, filters or functions."
        case .invalidJSONata: "The JSONata expression has a syntax error, or only one of its marks {% and %}."
        case .conflictingKeys: "A template has a key twice, with and without '.$'."
        case .unavailableVariable: "The expression uses a part of $states, or of the input, that it cannot see here."
        case .emptyErrorEquals: "ErrorEquals is empty."
        case .allErrorsNotAlone: "States.ALL stands beside other error names."
        case .allErrorsNotLast: "States.ALL is not in the last retrier or catcher."
        case .heartbeatNotShorter: "HeartbeatSeconds is not less than TimeoutSeconds."
        case .maximumDelayNotLonger: "MaxDelaySeconds is not more than IntervalSeconds."
        case .invalidChoiceRule: "A choice rule is not one condition with one operator."
        case .missingProcessor: "A Map has neither ItemProcessor nor Iterator, or has both."
        case .invalidLabel: "A Map's Label is too long or has characters that are not allowed."
        case .invalidVariableName: "The variable's name is not allowed."
        case .invalidResource: "The Resource is not an ARN and not activity:NAME."
        case .unavailableInExpress:
            "An EXPRESS state machine waits for a job, a token or a worker, or has a distributed Map."
        case .unknownResource: "Steward does not know this resource, though AWS may."
        case .callbackWithoutTimeout:
            "A task that waits for its token has no timeout: a lost token stops it for a year."
        case .literalSecret: "A secret seems to be written in the definition, where everyone can read it."
        case .unusedExpression: "A JSONata expression stands where it is not evaluated."
        case .resultOfFailure: "A catcher uses $states.result, which a state that failed does not have."
        case .unassignedVariable: "A variable is read that nothing before assigns."
        case .maybeUnassignedVariable: "A variable is read that is not assigned on every way to the state."
        case .handlerNeverMatches: "A retrier or catcher names an error that it never gets."
        case .choiceWithoutDefault: "A Choice has no Default, and its rules may all fail."
        case .unreachableChoiceRule: "A choice rule is never taken, because of one before it."
        case .literalPath: "A path, call or expression stands where it is handed on as a text."
        case .tokenNotPassed: "A task waits for its token, but its payload does not hold it."
        case .unsupportedData: "Steward does not read this kind of data, though AWS does."
        case .missingArgument: "A task's arguments lack a member that the resource requires."
        case .noInputDocument: "The expression reads '$' or a field by its bare name, and there is no input document."
        case .unknownContextMember: "$states or the context object has no such member here."
        case .shadowedVariable:
            "A branch or an iteration assigns a variable of the states around it, which stays as it is."
        case .alwaysFails: "The call or value fails every time, whatever the input is."
        case .unknownErrorName: "The error name starts with 'States.' and is none of the predefined ones."
        }
    }
}
