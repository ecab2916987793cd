import ArgumentParser
import Foundation
import JSONModel
import SQLiteStore

/// `workflowctl backup`
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the database as it is at one moment, while it is in use.",
        discussion: """
            The daemon writes FILE on its own machine; with --data this program does, whether a daemon runs or not. The \
            copy is read through (pages, references, audit chain) before it gets its name. Keep token.key and \
            access-keys.key of the data directory with it.

            Example: workflowctl backup /var/backups/steward.db
            """)

    @Argument(help: "Where the copy goes.", completion: .file()) var file: String
    @Flag(help: "Replace an older backup of that name, and nothing else.") var force = false
    @OptionGroup var data: DataOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = URL(fileURLWithPath: file).standardizedFileURL.path
        let report: JSONValue
        if let store = data.store {
            report = try await Failure.reporting { try store.backup(to: path, replacing: force).json }
        } else {
            report = try await server.patientClient().post(
                "/api/v1/backup", ["file": .string(path), "replace": .bool(force)])
        }
        output.printer.item(report, fields: Self.fields, name: { $0["file"]?.display ?? "" })
    }

    static let fields = [
        Column("File", key: "file"), Column("Bytes", key: "bytes"), Column("Schema", key: "schema"),
        Column("Audit entries", key: "auditEntries"), Column("Audit head", key: "auditHead"),
    ]
}

/// `workflowctl restore`
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup in the place of a data directory's database.",
        discussion: """
            The daemon must be stopped. The backup is read through first; what was there stays beside it as \
            steward.db.replaced. A restore that is interrupted is finished by the next start. A backup of an older version \
            keeps its schema until that start.

            Example: workflowctl restore /var/backups/steward.db --data /var/lib/steward
            """)

    @Argument(help: "A file that `workflowctl backup` made.", completion: .file()) var file: String
    @Option(help: ArgumentHelp("The data directory.", valueName: "dir"), completion: .directory)
    var data: String
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = DataOptions.store(data)
        var report = try await Failure.reporting {
            try store.restore(from: file, by: DataOptions.actor)
        }
        report.file = store.databasePath
        output.printer.item(report.json, fields: Backup.fields, name: { $0["file"]?.display ?? "" })
    }
}

/// `workflowctl db …`
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "The database's schema: migrate.",
        discussion: "Example: workflowctl db migrate --dry-run --data /var/lib/steward",
        subcommands: [DatabaseMigrate.self])
}

struct DatabaseMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring a database to this version's schema, as the daemon does when it starts.",
        discussion: """
            A copy of the database as it was stays beside it (steward.db.schemaN). --dry-run migrates a copy, reads it \
            through and throws it away; a daemon may be running meanwhile.

            Example: workflowctl db migrate --dry-run --data /var/lib/steward
            """)

    @Flag(help: "Try it on a copy.") var dryRun = false
    @Option(help: ArgumentHelp("The data directory.", valueName: "dir"), completion: .directory)
    var data: String
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = DataOptions.store(data)
        let answer: JSONValue = try await Failure.reporting {
            if !dryRun { try store.finishRestore() }
            let (from, names) = try store.pendingMigrations()
            if dryRun { try store.tryMigrations() } else { try await store.migrate() }
            return [
                "from": .int(Int64(from)), "to": .int(Int64(from + names.count)),
                "migrations": .array(names.map(JSONValue.string)), "dryRun": .bool(dryRun),
            ]
        }
        output.printer.item(
            answer,
            fields: [
                Column("From", key: "from"), Column("To", key: "to"),
                Column("Migrations") {
                    $0["migrations"]?.arrayValue?.map(\.display).joined(separator: ", ") ?? ""
                },
                Column("Done") { $0["dryRun"] == .bool(true) ? "on a copy, which was sound afterwards" : "yes" },
            ], name: { $0["to"]?.display ?? "" })
    }
}
