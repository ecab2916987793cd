import Engine
import JSONModel
import StatesLanguage

/// A refusal in AWS's words: the code that SDKs turn into an exception, and the message.
struct WireError: Error, Equatable {
    var code: String
    var message: String
    var status = 400

    init(_ code: String, _ message: String, status: Int = 400) {
        self.code = code
        self.message = message
        self.status = status
    }

    var json: JSONValue { ["__type": .string(code), "message": .string(message)] }

    // MARK: Arguments

    static func validation(_ message: String) -> WireError { WireError("ValidationException", message) }
    static func invalidARN(_ reason: String) -> WireError { WireError("InvalidArn", "Invalid Arn: '\(reason)'") }
    /// A name may be anything; no more of it is shown than helps.
    static func invalidName(_ name: String) -> WireError {
        WireError("InvalidName", "Invalid Name: '\(name.count > 256 ? name.prefix(256) + "…" : name)'")
    }
    static let invalidToken = WireError("InvalidToken", "Invalid Token: 'Invalid token'")
    static let unknownOperation = WireError("UnknownOperationException", "")

    static func serialization(_ message: String) -> WireError { WireError("SerializationException", message) }

    // MARK: State machines

    static func noStateMachine(_ arn: String) -> WireError {
        WireError("StateMachineDoesNotExist", "State Machine Does Not Exist: '\(arn)'")
    }
    static func stateMachineDeleting(_ arn: String) -> WireError {
        WireError("StateMachineDeleting", "State Machine is being deleted: '\(arn)'")
    }
    static func stateMachineExists(_ arn: String) -> WireError {
        WireError("StateMachineAlreadyExists", "State Machine Already Exists: '\(arn)'")
    }
    static let typeNotSupported = WireError(
        "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    static func conflict(_ message: String) -> WireError { WireError("ConflictException", message) }
    static let resourceMissing = WireError(
        "ResourceNotFound", "Request references a resource that does not exist.")
    static func resourceNotFound(_ arn: String) -> WireError {
        WireError("ResourceNotFound", "Resource not found: '\(arn)'")
    }

    /// All errors of a definition, as AWS lists them in one message.
    static func invalidDefinition(_ diagnostics: [Diagnostic]) -> WireError {
        let errors = diagnostics.filter { $0.severity == .error }
        let text = errors.map { "\($0.awsCode): \($0.message) at \($0.awsLocation)" }.joined(separator: ", ")
        return WireError("InvalidDefinition", "Invalid State Machine Definition: '\(text)'")
    }

    // MARK: Executions and tasks

    static func noExecution(_ arn: String) -> WireError {
        WireError("ExecutionDoesNotExist", "Execution Does Not Exist: '\(arn)'")
    }
    static func executionExists(_ arn: String) -> WireError {
        WireError("ExecutionAlreadyExists", "Execution Already Exists: '\(arn)'")
    }
    static func invalidInput(_ reason: String) -> WireError {
        WireError("InvalidExecutionInput", "Invalid State Machine Execution Input: '\(reason)'")
    }
    static func noActivity(_ arn: String) -> WireError {
        WireError("ActivityDoesNotExist", "Activity Does Not Exist: '\(arn)'")
    }
    static let taskTimedOut = WireError(
        "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")

    // MARK: Any error

    /// What a client is told of an error that an operation did not foresee.
    init(_ error: any Error) {
        switch error {
        case let error as WireError: self = error
        case EngineError.invalidToken: self = .invalidToken
        case EngineError.taskGone: self = .taskTimedOut
        case EngineError.invalidName(let reason): self = WireError("InvalidName", "Invalid Name: '\(reason)'")
        case EngineError.invalidInput(let reason): self = .invalidInput(reason)
        case EngineError.payloadTooLarge(_, let limit): self = .tooLong("input", limit)
        case EngineError.invalidDefinition(let diagnostics): self = .invalidDefinition(diagnostics)
        case EngineError.notRedrivable(_, let reason):
            self = WireError("ExecutionNotRedrivable", "Execution cannot be redriven: \(reason)")
        case EngineError.draining, EngineError.lowOnSpace:
            self = WireError("ServiceUnavailable", "\(error)", status: 503)
        case is StoreError:
            self = WireError("ServiceUnavailable", "\(APIError(error).message)", status: 503)
        default:
            self = WireError("InternalFailure", "The request failed inside Steward; its log says why.", status: 500)
        }
    }

    private static func tooLong(_ name: String, _ limit: Int) -> WireError {
        .validation(
            "1 validation error detected: Value at '\(name)' failed to satisfy constraint: "
                + "Member must have length less than or equal to \(limit)")
    }
}
