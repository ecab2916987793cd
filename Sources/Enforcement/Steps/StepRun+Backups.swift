import Budgets
import Engine
import Interpreter
import JSONModel
import WallTime

extension StepRun {
    /// `record-backup`: keeps the snapshot that the IAM step has read, before anything is changed.
    ///
    /// While an older backup is open, that one stands: it was read before anything was taken, and this snapshot may
    /// already lack what was. Only when the user was made anew since (another `userId`) is the older one nobody's. Returns
    /// the id, the hash and the snapshot to restore from.
    ///
    /// Where the suspension takes one kind of access after another, `taking` begins empty, and `recordTaken` adds to it. One
    /// that does not, as those do that began under an earlier version, may take all at once.
    func recordBackup(_ snapshot: JSONValue) throws -> JSONValue {
        let account = try account()
        let enforcement = try enforcement()
        guard snapshot.objectValue != nil else {
            throw InvalidRequest(member: "snapshot", problem: "has to be an object, and is a \(snapshot.typeName)")
        }
        try requireThere(account)
        if let older = try desk.transaction.openBackup(of: account.principal.id) {
            if older.stands(against: snapshot) {
                var standing = try widen(older, to: enforcement)
                if !isStepwise, standing.backup.taking != nil { try setTaking(nil, of: &standing) }
                return try result(standing, isNew: false)
            }
            try desk.transaction.closeBackups(of: account.principal.id, at: now)
        }
        let backup = NewPolicyBackup(
            principal: account.principal.id, budget: account.id, snapshot: snapshot,
            hash: desk.settings.digest(snapshot.jsonBytes),
            isTakenUnderSuspension: snapshot["takenUnderSuspension"]?.boolValue ?? false, enforcement: enforcement,
            taking: isStepwise ? [] : nil, takenAt: now)
        let id = try desk.transaction.insertBackup(backup)
        try desk.audit(
            "policies.backed-up", by: actor, subject: account.principal.id.description,
            ["backupId": .int(id.rawValue), "hash": .string(backup.hash)])
        return try result(PolicyBackup(id: id, backup: backup), isNew: true)
    }

    /// What the suspension is told to do: its scope's word goes before the request's.
    func enforcement() throws -> EnforcementMode {
        let reader = input["scope"]?["enforcement"] == nil ? reader : RequestReader(json: input["scope"] ?? .null)
        return reader.json["enforcement"] == nil ? .both : try reader.choice("enforcement")
    }

    /// A suspension that was changed between two tries may have done some of either.
    func widen(_ backup: PolicyBackup, to enforcement: EnforcementMode) throws -> PolicyBackup {
        var backup = backup
        let both = backup.backup.enforcement.and(enforcement)
        guard both != backup.backup.enforcement else { return backup }
        try desk.transaction.setEnforcement(both, ofBackup: backup.id)
        backup.backup.enforcement = both
        return backup
    }

    /// Whether the workflow goes from one kind of access to the next, and each is noted before it is taken.
    private var isStepwise: Bool { input["taken"]?["next"]?.objectValue != nil }

    private func setTaking(_ taking: [String]?, of backup: inout PolicyBackup) throws {
        try desk.transaction.setTaking(taking, ofBackup: backup.id)
        backup.backup.taking = taking
    }

    /// `take-away-access`: notes with the backup what is about to be taken `next`, before it is: what comes after may be
    /// cut off, or refused, at any call.
    func recordTaken(_ performed: JSONValue) throws -> JSONValue {
        let result = try recordTags(performed)
        guard isStepwise, let id = input["backup"]?["backupId"]?.intValue,
            var backup = try desk.transaction.backup(PolicyBackupID(rawValue: id)), let known = backup.backup.taking
        else { return result }
        // A worker of an earlier version knows of no steps, and has taken all at once.
        guard let next = performed["next"] else {
            try setTaking(nil, of: &backup)
            return result
        }
        let added = (next["items"]?.arrayValue ?? []).compactMap(\.stringValue).filter { !known.contains($0) }
        if !added.isEmpty { try setTaking(known + added, of: &backup) }
        return result
    }

    /// `load-backup`: the snapshot to restore from, undamaged.
    func loadBackup() throws -> JSONValue {
        let account = try account()
        guard let backup = try desk.transaction.openBackup(of: account.principal.id) else {
            throw TaskFailure(
                error: StepError.noBackup,
                cause: "no open backup of \(account.principal.id); only Steward's own deny can be taken back")
        }
        return try result(backup, isNew: false)
    }

    func result(_ backup: PolicyBackup, isNew: Bool) throws -> JSONValue {
        let kept = backup.backup
        guard desk.settings.digest(kept.snapshot.jsonBytes) == kept.hash else {
            throw TaskFailure(
                error: StepError.backupDamaged,
                cause: "backup \(backup.id.rawValue) is not what was saved; compare with CloudTrail before restoring")
        }
        return [
            "backupId": .int(backup.id.rawValue), "hash": .string(kept.hash), "new": .bool(isNew),
            "takenAt": .string(kept.takenAt.iso8601), "takenUnderSuspension": .bool(kept.isTakenUnderSuspension),
            "enforcement": .string(kept.enforcement.rawValue),
            "acceptedLoss": .array(try desk.transaction.acceptedLoss(ofBackup: backup.id).map { .string($0) }),
            "taking": kept.taking.map { .array($0.map { .string($0) }) } ?? .null,
            "snapshot": kept.snapshot,
        ]
    }
}
