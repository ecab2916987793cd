import ArgumentParser
import Engine
import Foundation
import JSONModel
import Logging
import SQLiteStore
import StatesAPI
import WallTime

extension KeyStorage {
    /// Keys in the daemon's own database.
    init(_ store: SQLiteStore) {
        self.init(
            load: { try await store.read { try $0.accessKeys() } },
            insert: { key, entry in
                try await store.write { transaction in
                    let taken = try transaction.accessKeys().contains { $0.name == key.name && $0.revokedAt == nil }
                    guard !taken else { return false }
                    try transaction.insertAccessKey(key)
                    try transaction.appendAudit(entry)
                    return true
                }
            },
            revoke: { id, entry in
                try await store.write { transaction in
                    guard try transaction.revokeAccessKey(id, at: entry.at) else { return false }
                    try transaction.appendAudit(entry)
                    return true
                }
            },
            noteUse: { id, at in try await store.write { try $0.noteUse(ofAccessKey: id, at: at) } })
    }
}

extension AccessKey.Role: ExpressibleByArgument {}
extension AccessKey.Kind: ExpressibleByArgument {}

/// `workflowd key`.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make the first key of a data directory, while no daemon runs on it.",
        discussion: "Example: workflowd key create root --role admin --kind bearer --data /var/lib/steward",
        subcommands: [KeyCreate.self])
}

/// `workflowd key create`: how a fresh installation gets its first key.
struct KeyCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key and print its secret, once.",
        discussion: """
            Works on the data directory itself, so the daemon must not be running; later keys are made with \
            `workflowctl key create`.

            Example: workflowd key create root --role admin --kind bearer --data /var/lib/steward > token
            """)

    @Argument(help: "Whom the audit log names.") var name: String
    @Option(help: "viewer, operator, ingest or admin.") var role: AccessKey.Role = .admin
    @Option(help: "bearer (for workflowctl) or signature (for AWS clients).") var kind: AccessKey.Kind = .bearer
    @Option(name: .long, help: ArgumentHelp("Where all state is kept (default: ./steward-data).", valueName: "dir"))
    var data: String?

    func run() async throws {
        guard NewKey.isName(name) else {
            throw ValidationError("a name has 1 to 64 of A-Z a-z 0-9 . _ @ -")
        }
        let directory = data ?? ProcessInfo.processInfo.environment["STEWARD_DATA"] ?? DaemonConfiguration().data
        do {
            print(try await Self.make(name, role, kind, directory))
            guard fflush(nil) == 0 else {
                throw DaemonError(
                    "the key \(name) was made, but its secret could not be written (\(String(cString: strerror(errno)))): "
                        + "make one of another name, and revoke this one (workflowctl key list, key revoke).")
            }
        } catch let error as DaemonError {
            StandardError.line("workflowd: \(error)")
            throw ExitCode(1)
        }
    }

    private static func make(
        _ name: String, _ role: AccessKey.Role, _ kind: AccessKey.Kind, _ directory: String
    ) async throws -> String {
        let store = try Daemon.openStore(directory, clock: .system, logger: Logger(label: "workflowd"))
        do {
            let ring = KeyRing(
                storage: KeyStorage(store), box: try SecretFile.accessKeys(directory), clock: .system)
            let made = try await ring.create(name: name, role: role, kind: kind, by: "workflowd")
            await store.close()
            guard let made else { throw DaemonError("a key in use is named \(name); choose another name.") }
            return kind == .bearer
                ? made.secret : "AWS_ACCESS_KEY_ID=\(made.key.id)\nAWS_SECRET_ACCESS_KEY=\(made.secret)"
        } catch {
            await store.close()
            throw error
        }
    }
}
