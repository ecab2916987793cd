import ArgumentParser
import Engine
import Foundation
import Logging
import SQLiteStore

/// `workflowd compact`.
struct Compact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Write the database anew without its free pages, while no daemon runs on it.",
        discussion: """
            A database made by a version before retention keeps its size for ever; once compacted, it shrinks by itself. \
            Needs about twice the database's size of free space in the data directory.

            Example: workflowd compact --data /var/lib/steward
            """)

    @Option(name: .long, help: ArgumentHelp("Where all state is kept (default: ./steward-data).", valueName: "dir"))
    var data: String?

    func run() async throws {
        let directory = data ?? ProcessInfo.processInfo.environment["STEWARD_DATA"] ?? DaemonConfiguration().data
        do {
            let size = try SQLiteStore.compact(directory: directory, logger: Logger(label: "workflowd"))
            print("\(directory): \(size.before >> 10) KiB before, \(size.after >> 10) KiB now")
        } catch {
            StandardError.line("workflowd: \(error.explanation)")
            throw ExitCode(1)
        }
    }
}
