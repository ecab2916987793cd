import ArgumentParser
import Engine
import Foundation
import Logging
import SQLiteStore

/// The data directory, for commands that work on it without the daemon.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The data directory itself, in place of the daemon.", valueName: "dir"),
        completion: .directory)
    var data: String?

    /// Nil when the daemon is to be asked.
    var store: OfflineStore? { data.map(Self.store) }

    static func store(_ directory: String) -> OfflineStore {
        var logger = Logger(label: "workflowctl") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return OfflineStore(directory: directory, logger: logger)
    }

    /// Whom the audit log names.
    static var actor: String {
        let environment = ProcessInfo.processInfo.environment
        return "operator:" + (environment["STEWARD_ACTOR"] ?? environment["USER"] ?? "workflowctl")
    }
}

extension Failure {
    /// What the store said, with the exit code that fits.
    init(_ error: StoreError) {
        let exit: Exit =
            switch error {
            case .locked, .newerSchema: .conflict
            case .full, .damaged, .unavailable: .error
            }
        self.init(exit, error.explanation)
    }

    /// Does `work`, and reports the store's errors as this program's.
    static func reporting<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let error as StoreError {
            throw Failure(error)
        }
    }
}
