import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import StatesLanguage

extension APIError {
    /// The answer to any error that a route throws. What nobody foresaw is a 500 without inner details; the caller logs
    /// it.
    init(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as EngineError: self.init(engine: error)
        case let error as StoreError: self.init(store: error)
        case let error as UnknownOutboxItem: self.init(.conflict, "NotRedrivable", error.description)
        case let error as MutedNotice: self.init(.conflict, "Muted", error.description)
        case let error as HTTPError where error.status == .contentTooLarge:
            self.init(error.status, "TooLarge", "the request's body is too large", hint: "Send it in smaller parts.")
        case let error as HTTPError where error.status == .notFound:
            self.init(
                error.status, "NoSuchRoute", "this daemon answers no such request",
                hint: "Check the path and the method, and whether the daemon is older than the program that asks.")
        case let error as HTTPError:
            self.init(error.status, "InvalidRequest", error.body ?? "the request is refused (\(error.status.code))")
        default: self.init(.internalServerError, "Internal", "the request failed inside Steward; its log says why")
        }
    }

    private init(engine error: EngineError) {
        let (status, code): (HTTPResponse.Status, String) =
            switch error {
            case .noSuchStateMachine: (.notFound, "NoSuchStateMachine")
            case .noSuchExecution: (.notFound, "NoSuchExecution")
            case .executionExists: (.conflict, "ExecutionExists")
            case .executionNotRunning: (.conflict, "NotRunning")
            case .notRedrivable, .deadLetterNotRedrivable: (.conflict, "NotRedrivable")
            case .invalidDefinition: (.unprocessableContent, "InvalidDefinition")
            case .invalidInput, .invalidName: (.unprocessableContent, "InvalidInput")
            case .payloadTooLarge: (.contentTooLarge, "TooLarge")
            case .noSuchWorkflow, .noSchedule: (.notFound, "NoSuchSchedule")
            case .noSuchActivity: (.notFound, "NoSuchActivity")
            case .noSuchDeadLetter: (.notFound, "NoSuchDeadLetter")
            case .deadLetterNotOpen: (.conflict, "NotOpen")
            case .invalidToken, .taskGone: (.badRequest, "InvalidRequest")
            case .draining: (.serviceUnavailable, "Draining")
            case .lowOnSpace: (.serviceUnavailable, "StoreFull")
            case .unreadableHistory: (.internalServerError, "Internal")
            }
        var diagnostics: [Diagnostic] = []
        if case .invalidDefinition(let found) = error { diagnostics = found }
        self.init(status, code, error.description, diagnostics: diagnostics)
    }

    private init(store error: StoreError) {
        switch error {
        case .full(let message):
            self.init(
                .serviceUnavailable, "StoreFull", message,
                hint: "Free some space; nothing that was acknowledged is lost, and Steward goes on by itself.")
        case .damaged(let message), .unavailable(let message), .locked(let message):
            self.init(.serviceUnavailable, "StoreUnavailable", message)
        case .newerSchema(let found, let supported):
            self.init(
                .serviceUnavailable, "StoreUnavailable",
                "the database has schema \(found), this program knows up to \(supported)")
        }
    }
}
