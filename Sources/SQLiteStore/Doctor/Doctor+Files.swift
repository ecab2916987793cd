import Foundation

extension Doctor {
    /// The directory and its files, without opening the database. False when there is nothing to open.
    func checkFiles(_ report: inout DoctorReport) -> Bool {
        if let refusal {
            report.add(
                "permissions", .problem, refusal,
                "run it as the daemon's user, such as `sudo -u steward workflowctl doctor`; nothing else was looked at")
            return false
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            report.add("directory", .problem, "\(directory) is no directory", "name the data directory with --data")
            return false
        }
        let holder = DirectoryLock.holder(of: directory)
        checkPermissions(&report, isInUse: holder != nil)
        checkSpace(&report)
        report.add("daemon", .ok, holder.map { "runs: \($0)" } ?? "none runs on this directory")
        let staged = data.databasePath + DatabaseRestore.stagedSuffix
        if DataDirectory.size(staged) != nil {
            report.add(
                "restore", .warning, "a restore was decided and did not end",
                "start the daemon, or run `workflowctl db migrate`: either finishes it")
        }
        if let holder, let lost = lostCompanion(of: holder) {
            report.add(
                "write-ahead log", .problem, "\(lost) is missing, though the daemon has it open",
                "stop the daemon with SIGTERM (`systemctl stop workflowd`): it then writes all that it has into the database; if it"
                    + " is killed, what was acknowledged since the file was removed is lost; nothing else was looked at"
            )
            return false
        }
        return checkDatabaseFile(&report, isInUse: holder != nil)
    }

    /// What somebody removed under a running daemon: it goes on with files that have no names, and whoever opens the
    /// database beside it sees another state, or makes files of those names.
    private func lostCompanion(of holder: String) -> String? {
        // A restore holds the directory before anything is opened.
        guard !holder.hasPrefix("workflowctl"), DataDirectory.size(data.databasePath) != nil else { return nil }
        return ["-wal", "-shm"].map { data.databasePath + $0 }.first { DataDirectory.size($0) == nil }
    }

    private func checkDatabaseFile(_ report: inout DoctorReport, isInUse: Bool) -> Bool {
        let path = data.databasePath
        guard let size = DataDirectory.size(path) else {
            report.add("database", .problem, "\(path) is missing", Advice.restore)
            return false
        }
        let log = DataDirectory.size(path + "-wal") ?? 0
        guard let isDatabase = DatabaseHeader.isDatabase(path) else {
            report.add(
                "database", .problem, "\(path) can't be read (\(String(cString: strerror(errno))))", Advice.disk)
            return false
        }
        guard isDatabase, size >= DatabaseHeader.length else {
            let message = size == 0 ? "\(path) is empty" : "\(path) is no database, or its first page is damaged"
            report.add("database", .problem, message, Advice.restore)
            return false
        }
        do {
            if !isInUse { try data.requireWholeDatabase() }
            report.add("database", .ok, "\(size) bytes")
        } catch {
            report.add("database", .problem, error.explanation, Advice.restore)
        }
        checkLog(log, &report, isInUse: isInUse)
        return true
    }

    /// While a daemon writes, its log can't be followed from outside; then only its size is looked at.
    private func checkLog(_ size: Int64, _ report: inout DoctorReport, isInUse: Bool) {
        let limit = Int64(4 * options.journalSizeLimit)
        if size > limit {
            report.add(
                "write-ahead log", .warning, "\(size) bytes",
                "a reader holds it back: a backup under way, or someone's sqlite3; end that")
        } else if size == 0 || isInUse {
            report.add("write-ahead log", .ok, "\(size) bytes")
        } else {
            do {
                let log = try WriteAheadLog(path: data.databasePath + "-wal")
                report.add("write-ahead log", log.isWhole ? .ok : .warning, log.summary, log.advice)
            } catch {
                report.add(
                    "write-ahead log", .problem, "\(data.databasePath)-wal can't be read (\(error))", Advice.disk)
            }
        }
    }

    private func checkSpace(_ report: inout DoctorReport) {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else {
            report.add("disk", .warning, "free space can't be read (\(String(cString: strerror(errno))))")
            return
        }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize)
        let size = DataDirectory.size(data.databasePath) ?? 0
        let message = "\(free >> 20) MiB free"
        if free < 64 << 20 {
            report.add("disk", .problem, message, "free some space: writes are about to be refused")
        } else if free < size + 256 << 20 {
            report.add("disk", .warning, message, "an upgrade's copy of the database needs \(size >> 20) MiB")
        } else {
            report.add("disk", .ok, message)
        }
    }
}

extension DirectoryLock {
    /// What the holder of the directory wrote about itself; nil when nobody holds it. Reading the lock needs to take it
    /// for a moment, shared.
    static func holder(of directory: String) -> String? {
        let descriptor = open(directory + "/" + fileName, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
        return holder(descriptor)
    }
}
