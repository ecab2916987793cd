import Engine
import Foundation
import GRDB
package import WallTime

/// Examines a data directory without changing anything, whether a daemon runs on it or not.
///
/// What is found can be explained: no check ends with an error, and damage to one leaves the others their say.
package struct Doctor: Sendable {
    package var directory: String
    /// Reads less: `quick_check` in place of `integrity_check`, the newest ended executions in place of all.
    package var isQuick: Bool
    package var clock: WallClock
    var migrations = Migrations.all
    var options = SQLiteStoreOptions()

    package init(directory: String, isQuick: Bool = false, clock: WallClock = .system) {
        self.directory = directory
        self.isQuick = isQuick
        self.clock = clock
    }

    var data: DataDirectory { DataDirectory(path: directory) }

    /// Blocks until everything is read.
    package func examine() -> DoctorReport {
        var report = look()
        // What a disk doesn't give looks like damage.
        if report.checks.contains(where: { $0.advice == Advice.restore }),
            let failure = FileReading.failure(at: data.databasePath)
        {
            report.blameTheDisk(failure)
        }
        return report
    }

    private func look() -> DoctorReport {
        var report = DoctorReport(data: directory)
        guard checkFiles(&report) else { return report }
        do {
            let connection = try StoreConnections(path: data.databasePath, options: options).reader()
            connection.inDatabase { examine($0, &report) }
            try connection.close()
        } catch {
            report.add("database", failing: error, at: data.databasePath)
        }
        return report
    }

    private func examine(_ database: Database, _ report: inout DoctorReport) {
        let transaction: SQLiteTransaction
        do {
            transaction = try SQLiteTransaction(database, isReadOnly: true)
            let version = try DatabaseSoundness.schemaVersion(
                transaction, path: data.databasePath, supported: migrations.version)
            note(version, &report)
            // Older ones lack tables that the checks look at; the pages and the references are checked all the same.
            try checkPages(database, &report)
            guard version == migrations.version else { return transaction.close() }
        } catch {
            report.add("database", failing: error, at: data.databasePath)
            return
        }
        defer { transaction.close() }
        for (name, check) in contents {
            do {
                try transaction.prepared("BEGIN").run()
                defer { transaction.endRead() }
                try check(transaction, &report)
            } catch {
                report.add(name, failing: error, at: data.databasePath)
            }
        }
    }

    private var contents: [(String, (SQLiteTransaction, inout DoctorReport) throws -> Void)] {
        [
            ("migrations", checkMigrations), ("definitions", checkDefinitions), ("audit chain", checkAudit),
            ("executions", checkExecutions), ("ledger", checkLedger), ("uses", checkUses), ("timers", checkTimers),
            ("offers", checkOffers), ("outbox", checkOutbox), ("dead letters", checkDeadLetters),
            ("clock", checkClock), ("keys", checkKeys), ("journal mode", checkMode),
        ]
    }

    private func note(_ version: Int, _ report: inout DoctorReport) {
        let known = migrations.version
        if version == known {
            report.add("schema", .ok, "version \(version)")
        } else {
            report.add(
                "schema", .warning, "version \(version); this program's is \(known)",
                "the next start upgrades it, after a copy; `workflowctl db migrate --dry-run` tries it")
        }
    }

    private func checkPages(_ database: Database, _ report: inout DoctorReport) throws {
        let name = isQuick ? "quick check" : "integrity check"
        do {
            let problems = try DatabaseSoundness.problems(database, quick: isQuick)
            if problems.isEmpty {
                report.add(name, .ok, "pages, indexes and references are sound")
            } else {
                // So does what it didn't give at that moment; here SQLite says so.
                let isUnread = problems.contains { problem in
                    FileReading.codes.contains { problem.hasSuffix("error code=\($0)") }
                }
                report.add(
                    name, .problem, problems.prefix(5).joined(separator: "; "),
                    isUnread ? Advice.reach : Advice.restore)
            }
        } catch {
            report.add(name, failing: error, at: data.databasePath)
        }
    }
}
