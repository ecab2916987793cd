import Foundation

extension Doctor {
    /// Whose the files are, who may write them, and who may read them besides.
    func checkPermissions(_ report: inout DoctorReport, isInUse: Bool) {
        let kept = Self.kept.compactMap { KeptFile(directory + $0) }
        let owners = Set(kept.map(\.owner))
        if owners.count > 1 {
            report.add(
                "owner", .problem,
                "the files belong to users \(owners.sorted().map(String.init).joined(separator: ", "))",
                "give all of them to the daemon's user: chown -R USER \(directory)")
        } else {
            report.add("owner", .ok, "user \(owners.first.map(String.init) ?? "unknown")")
        }
        let written = Self.written.compactMap { KeptFile(directory + $0) }
        let findings = [writing(written, isInUse: isInUse), reading(kept)]
        let advice = findings.compactMap(\.advice)
        report.add(
            "permissions", findings.map(\.outcome).max() ?? .ok, findings.map(\.text).joined(separator: "; "),
            advice.isEmpty ? nil : advice.joined(separator: "; "))
    }

    /// What keeps this user from reading; nil when nothing does. Who may not look finds nothing there, and must not be told
    /// to restore a backup over a sound database.
    var refusal: String? {
        let database = data.databasePath
        for (path, mode) in [(directory, R_OK | X_OK), (database, R_OK), (database + "-wal", R_OK)] {
            if access(path, mode) != 0, errno == EACCES { return "user \(geteuid()) may not read \(path)" }
        }
        return nil
    }

    private static let kept = [
        "", "/steward.db", "/steward.db-wal", "/steward.db-shm", "/token.key", "/access-keys.key",
    ]
    private static let written = [
        "", "/steward.db", "/steward.db-wal", "/steward.db-shm", "/" + DirectoryLock.fileName,
    ]

    /// A part of the check.
    private struct Finding {
        var outcome = DoctorCheck.Outcome.ok
        var text: String
        var advice: String?
    }

    private func reading(_ files: [KeptFile]) -> Finding {
        let open = files.filter { $0.mode & 0o077 != 0 }
        guard !open.isEmpty else { return Finding(text: "nobody else may read") }
        return Finding(
            outcome: .warning, text: open.map { "\($0.path) has mode \($0.octal)" }.joined(separator: "; "),
            advice: "chmod -R go-rwx \(directory): the database holds inputs and outputs of all executions")
    }

    /// Whoever asks may be another than the daemon's user, which is taken to be the files' owner, and root may do what neither
    /// of them may: the answer says of whom it is.
    private func writing(_ files: [KeptFile], isInUse: Bool) -> Finding {
        let (asker, owner) = (geteuid(), files.first?.owner ?? geteuid())
        let mine = files.compactMap { file in file.refusal.map { (file: file, reason: $0) } }
        let theirs = files.filter { !$0.mayBeWrittenByItsOwner }
        if mine.contains(where: { $0.reason == EROFS }) {
            return Finding(
                outcome: .problem, text: "\(directory) is on a file system that is mounted read-only",
                advice: "mount it for writing; if an error made it so, the kernel's log (dmesg) names it")
        }
        if asker == owner, !mine.isEmpty {
            return unwritable(owner, mine.map { "\($0.file.path) (\(String(cString: strerror($0.reason))))" })
        }
        if asker != owner, !theirs.isEmpty {
            return unwritable(owner, theirs.map { "\($0.path) (mode \($0.octal))" })
        }
        guard let first = mine.first else { return Finding(text: "user \(owner) may write") }
        let text = "user \(asker), who asks, may not write \(first.file.path); user \(owner), whose it is, may"
        // A daemon that runs has shown that its user may.
        guard !isInUse else { return Finding(text: text) }
        return Finding(
            outcome: .warning, text: text,
            advice: "run the daemon as user \(owner), or give the files to its user: chown -R USER \(directory)")
    }

    private func unwritable(_ user: uid_t, _ places: [String]) -> Finding {
        Finding(
            outcome: .problem, text: "user \(user) may not write \(places.joined(separator: ", "))",
            advice:
                "chmod -R u+rwX \(directory): the daemon can't start without; the data is not in question, restore nothing"
        )
    }
}

/// One of the files as the file system has it.
private struct KeptFile {
    let path: String
    let owner: uid_t
    let mode: mode_t

    /// Nil for a file that isn't there.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.path = path
        owner = status.st_uid
        mode = status.st_mode
    }

    var octal: String { String(mode & 0o777, radix: 8) }

    private var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

    /// Why whoever asks may not write, as `errno` has it; nil when nothing is in the way.
    var refusal: Int32? { access(path, isDirectory ? W_OK | X_OK : W_OK) == 0 ? nil : errno }

    var mayBeWrittenByItsOwner: Bool {
        let needed: mode_t = isDirectory ? 0o300 : 0o200
        return owner == 0 || mode & needed == needed
    }
}
