import Engine
import Foundation
import Interpreter
import WallTime

extension Doctor {
    func checkAudit(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let verdict = try AuditVerification(transaction: transaction).run()
        report.add(
            "audit chain", verdict.isIntact ? .ok : .problem, verdict.summary,
            verdict.isIntact
                ? nil : "somebody, or a damaged disk, changed the log: keep a copy, and compare it with a backup")
    }

    /// Ended executions that a quick examination folds.
    private static let quickSample = 100

    /// Every open execution's journal folds to what its row says; of the ended ones all, or the newest.
    func checkExecutions(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let open = try transaction.all(
            """
            SELECT e.id FROM stateMachine m CROSS JOIN execution e INDEXED BY executionByMachine
                ON e.stateMachine = m.id AND e.status = 0
            ORDER BY e.id
            """
        ) { $0.integer(0) }
        let ended = try transaction.all(
            "SELECT id FROM execution WHERE status <> 0 ORDER BY id DESC LIMIT ?",
            .integer(isQuick ? Int64(Self.quickSample) : -1)
        ) { $0.integer(0) }
        let offered = try transaction.all("SELECT execution, task FROM offeredTask") {
            (execution: $0.integer(0), task: $0.integer(1))
        }
        let offers = Dictionary(grouping: offered, by: \.execution)
        var wrong: [String] = []
        for id in open + ended {
            let tasks = offers[id, default: []].map(\.task)
            if let finding = Self.examine(ExecutionID(rawValue: id), offered: tasks, transaction) {
                wrong.append(finding)
            }
        }
        let folded = "\(open.count) open and \(ended.count) ended"
        if wrong.isEmpty {
            report.add("executions", .ok, "\(folded): history and stored state agree")
        } else {
            report.add(
                "executions", .problem,
                "\(wrong.count) of \(folded): \(wrong.prefix(5).joined(separator: "; "))", Advice.restore)
        }
    }

    /// What is wrong with one execution; nil when nothing is.
    private static func examine(
        _ id: ExecutionID, offered: [Int64], _ transaction: SQLiteTransaction
    ) -> String? {
        do {
            guard let record = try transaction.execution(id) else {
                return "execution \(id.rawValue) has no state machine"
            }
            var events: [HistoryEvent] = []
            for bytes in try transaction.journal(id) { events += try HistoryCodec.decode(bytes) }
            let state = try ExecutionState.fold(events)
            // Histories of ended executions age out.
            if !state.isStarted { return record.status == .running ? "execution \(record.name) has no history" : nil }
            return try difference(record, state, id, offered, transaction).map { "execution \(record.name): \($0)" }
        } catch {
            return "execution \(id.rawValue): its history can't be read (\(error))"
        }
    }

    private static func difference(
        _ record: ExecutionRecord, _ state: ExecutionState, _ id: ExecutionID, _ offered: [Int64],
        _ transaction: SQLiteTransaction
    ) throws -> String? {
        let (status, error, cause) = summary(of: state.outcome)
        if record.status != status { return "its history says \(status.rawValue), its row \(record.status.rawValue)" }
        if record.error != error || record.cause != cause { return "its error differs between history and row" }
        if record.redriveCount != state.redriveCount { return "its redrives differ between history and row" }
        let gap = try transaction.first(
            "SELECT count(*), min(seq), max(seq) FROM journal WHERE execution = ?", .integer(id.rawValue)
        ) { $0.integer(0) == 0 || ($0.integer(1) == 1 && $0.integer(2) == $0.integer(0)) }
        if gap != true { return "records of its history are missing" }
        let open = Set(state.openTasks.map { Int64($0.task) })
        if let task = offered.first(where: { !open.contains($0) }) { return "task \(task) is on offer, but not open" }
        return nil
    }

    private static func summary(of outcome: Outcome?) -> (ExecutionStatus, String?, String?) {
        switch outcome {
        case nil: (.running, nil, nil)
        case .succeeded: (.succeeded, nil, nil)
        case .failed(let failure): (.failed, failure.error, failure.cause)
        case .timedOut(let failure): (.timedOut, failure.error, failure.cause)
        case .aborted(let error, let cause): (.aborted, error, cause)
        }
    }

    func checkTimers(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let strays = try count(
            transaction,
            """
            SELECT count(*) FROM wake w LEFT JOIN execution e ON e.id = w.execution
            WHERE e.id IS NULL OR e.status <> 0 OR e.parked = 0 OR e.wakeAt IS NOT w.due
            """)
        let lost = try count(
            transaction,
            """
            SELECT count(*) FROM execution e WHERE e.wakeAt IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM wake w WHERE w.due = e.wakeAt AND w.execution = e.id)
            """)
        let waiting = try count(transaction, "SELECT count(*) FROM wake")
        if strays == 0, lost == 0 {
            report.add("timers", .ok, "\(waiting) wait, each for an execution")
        } else {
            report.add(
                "timers", .problem, "\(strays) belong to no parked execution, \(lost) are missing", Advice.restore)
        }
    }

    func checkOffers(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let strays = try count(
            transaction,
            """
            SELECT count(*) FROM offeredTask o LEFT JOIN execution e ON e.id = o.execution
            WHERE e.id IS NULL OR e.status <> 0
            """)
        let all = try count(transaction, "SELECT count(*) FROM offeredTask")
        report.add(
            "offers", strays == 0 ? .ok : .problem,
            strays == 0 ? "\(all) on offer, each of a running execution" : "\(strays) tasks of no running execution",
            strays == 0 ? nil : Advice.restore)
    }

    func checkOutbox(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let now = clock.now().milliseconds
        let late = try transaction.first(
            "SELECT count(*) FROM outboxItem WHERE status = 'waiting' AND nextTry < ?", .integer(now - 3_600_000)
        ) { $0.integer(0) }
        let strays = try count(
            transaction, "SELECT count(*) FROM outboxItem WHERE notice NOT IN (SELECT number FROM notice)")
        if strays > 0 {
            report.add("outbox", .problem, "\(strays) items of no notice", Advice.restore)
        } else if let late, late > 0 {
            report.add(
                "outbox", .warning, "\(late) notices are overdue by more than an hour",
                "start the daemon; if it runs, look at its log for the channel's error")
        } else {
            report.add("outbox", .ok, "nothing overdue")
        }
    }

    func checkDeadLetters(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let open = try count(transaction, "SELECT count(*) FROM deadLetter WHERE status = 'open'")
        // They say nothing about the data.
        report.add(
            "dead letters", .ok, open == 0 ? "none open" : "\(open) open: look at them with `workflowctl dlq list`")
    }

    /// Differences between two clocks, and the time of a commit, are no setback.
    private static let tolerance: Int64 = 5000

    func checkClock(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let stored = try transaction.first(
            """
            SELECT max(coalesce((SELECT max(startedAt) FROM execution), 0), coalesce((SELECT max(at) FROM audit), 0),
                coalesce((SELECT max(stoppedAt) FROM execution), 0))
            """
        ) { $0.integer(0) }
        let record = try transaction.first("SELECT record FROM journal ORDER BY id DESC LIMIT 1") { $0.blob(0) }
        let event = try record.flatMap { try HistoryCodec.decode($0).last?.at.milliseconds }
        let newest = max(stored ?? 0, event ?? 0)
        let ahead = newest - clock.now().milliseconds
        if ahead > Self.tolerance {
            report.add(
                "clock", .warning, "the newest event is \(ahead / 1000) s in the future: the clock was set back",
                "set the clock right (NTP); until then nothing is lost, but timers fire late")
        } else {
            report.add("clock", .ok, newest == 0 ? "nothing recorded yet" : "newest event \(-ahead / 1000) s ago")
        }
    }

    /// What the daemon asks of a key file.
    private static let keyBytes: Int64 = 32

    func checkKeys(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let keys = try count(
            transaction, "SELECT count(*) FROM accessKey WHERE revokedAt IS NULL AND kind = 'signature'")
        let isMissing = DataDirectory.size(directory + "/access-keys.key") == nil
        let cut = ["token.key", "access-keys.key"].first { name in
            DataDirectory.size("\(directory)/\(name)").map { $0 < Self.keyBytes } ?? false
        }
        if let cut {
            report.add(
                "keys", .problem, "\(cut) was cut off: the daemon refuses to start with it",
                "put it back from where it was backed up, or delete it to have a new one made, with which open task tokens"
                    + " (token.key) or all signature keys (access-keys.key) become void")
        } else if keys > 0, isMissing {
            report.add(
                "keys", .problem, "access-keys.key is missing: \(keys) signature keys can't be used",
                "put it back from where it was backed up, or make new keys")
        } else {
            report.add("keys", .ok, "\(keys) signature keys in use")
        }
    }

    /// Every definition is the one whose digest was stored with it.
    func checkDefinitions(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let versions = try transaction.all("SELECT id, json, hash FROM stateMachineVersion ORDER BY id") {
            (id: $0.integer(0), isWhole: AuditChain.hexadecimal(AuditChain.digest($0.blob(1))) == $0.text(2))
        }
        let wrong = versions.filter { !$0.isWhole }.map { "\($0.id)" }
        report.add(
            "definitions", wrong.isEmpty ? .ok : .problem,
            wrong.isEmpty
                ? "\(versions.count) versions, each with its digest"
                : "versions whose digest differs: \(wrong.prefix(5).joined(separator: ", "))",
            wrong.isEmpty ? nil : Advice.restore)
    }

    /// What GRDB notes of the migrations: the next upgrade goes by it.
    func checkMigrations(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let noted = try transaction.all("SELECT identifier FROM grdb_migrations") { $0.text(0) }
        let known = (1...migrations.version).map { migrations.identifier(reaching: $0) }
        report.add(
            "migrations", Set(noted) == Set(known) ? .ok : .problem,
            Set(noted) == Set(known) ? "\(noted.count) noted" : "what is noted of them is not what was done",
            Set(noted) == Set(known) ? nil : Advice.restore)
    }

    func checkMode(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let mode = try transaction.first("PRAGMA journal_mode") { $0.text(0) } ?? "unknown"
        report.add(
            "journal mode", .ok,
            mode == "wal"
                ? "wal; a daemon proves synchronous = FULL when it starts"
                : "\(mode): no daemon has opened it since it was copied")
    }

    private func count(_ transaction: SQLiteTransaction, _ sql: StaticString) throws -> Int64 {
        try transaction.first(sql) { $0.integer(0) } ?? 0
    }
}
