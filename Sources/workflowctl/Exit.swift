import Foundation
import JSONModel

/// The exit codes, as `workflowctl --help` lists them.
enum Exit: Int32 {
    case ok = 0
    case error = 1
    case usage = 2
    case notAllowed = 3
    case notFound = 4
    case conflict = 5
    case runFailed = 6
    case runTimedOut = 7
    case runAborted = 8
    case findings = 9
    case changes = 10
    case unreachable = 75
    case timeout = 124
}

/// Why a command could not do what it was asked.
struct Failure: Error {
    let exit: Exit
    let message: String
    let hint: String?
    /// Lines below the message, such as the diagnostics of a definition.
    let details: [String]

    init(_ exit: Exit, _ message: String, hint: String? = nil, details: [String] = []) {
        self.exit = exit
        self.message = message
        self.hint = hint
        self.details = details
    }

    /// Says it on stderr.
    func report() {
        let lines = ["workflowctl: \(message)"] + details.map { "  \($0)" } + (hint.map { ["hint: \($0)"] } ?? [])
        StandardError.line(lines.joined(separator: "\n"))
    }
}
