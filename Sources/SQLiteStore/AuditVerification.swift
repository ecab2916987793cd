package import JSONModel
import WallTime

/// What `workflowctl audit verify` says.
package struct AuditVerdict: Sendable, Equatable {
    /// The first entry at which the chain does not hold.
    package struct Break: Sendable, Equatable {
        /// 0 when it is the anchor.
        package var entry: Int64
        package var reason: String
    }

    /// Entries that were read and hold.
    package var entries: Int64 = 0
    /// The hash of the last of them, 64 hexadecimal digits.
    package var head = AuditChain.hexadecimal(AuditChain.beginning)
    /// The entry whose hash is the one that was expected; nil when none was, or none has it.
    package var expectedAt: Int64?
    package var broken: Break?

    package var isIntact: Bool { broken == nil }

    package var summary: String {
        guard let broken else { return "\(entries) entries, intact, head \(head)" }
        return broken.entry == 0
            ? "broken: \(broken.reason)" : "broken at entry \(broken.entry): \(broken.reason)"
    }

    /// As the admin API shows it.
    package var json: JSONValue {
        var object: JSONObject = [
            "intact": .bool(isIntact), "entries": .int(entries), "head": .string(head), "summary": .string(summary),
        ]
        if let expectedAt { object["expectedAt"] = .int(expectedAt) }
        if let broken {
            object["broken"] = ["entry": .int(broken.entry), "reason": .string(broken.reason)]
        }
        return .object(object)
    }
}

/// Follows the whole chain in one snapshot.
struct AuditVerification {
    let transaction: SQLiteTransaction
    /// A head that was noted elsewhere. It may be older than the newest entry: then it must stand in the chain.
    var expectedHead: String?

    private static let batch = 1000

    func run() throws -> AuditVerdict {
        var verdict = AuditVerdict()
        var found = AuditAnchor()
        if expectedHead == verdict.head { verdict.expectedAt = 0 }
        while verdict.isIntact {
            let rows = try transaction.auditRows(after: found.last, limit: Self.batch)
            for row in rows where verdict.isIntact { check(row, &found, &verdict) }
            guard !rows.isEmpty else { break }
        }
        if verdict.isIntact { verdict.broken = try compare(found) }
        if verdict.isIntact, let expectedHead, verdict.expectedAt == nil {
            verdict.broken = AuditVerdict.Break(
                entry: 0,
                reason: "no entry has the hash \(expectedHead): the log that it was noted from was longer, or another")
        }
        return verdict
    }

    private func check(_ row: AuditRow, _ found: inout AuditAnchor, _ verdict: inout AuditVerdict) {
        if found.count > 0, row.number != found.last + 1 {
            verdict.broken = AuditVerdict.Break(
                entry: found.last + 1, reason: "it is missing; the next one is \(row.number)")
            return
        }
        let hash = AuditChain.hash(row, after: found.head)
        guard hash == row.hash else {
            verdict.broken = AuditVerdict.Break(
                entry: row.number, reason: "its hash does not follow from its contents and the entry before it")
            return
        }
        found.add(row.number, hash)
        verdict.entries = found.count
        verdict.head = AuditChain.hexadecimal(hash)
        if verdict.head == expectedHead { verdict.expectedAt = row.number }
    }

    private func compare(_ found: AuditAnchor) throws -> AuditVerdict.Break? {
        guard let anchor = try transaction.auditAnchor() else {
            return AuditVerdict.Break(entry: 0, reason: "the anchor is missing")
        }
        guard anchor != found else { return nil }
        if anchor.last > found.last {
            return AuditVerdict.Break(
                entry: found.last + 1,
                reason: "it is missing, and so are all up to \(anchor.last): the end was cut off")
        }
        if anchor.first < found.first {
            return AuditVerdict.Break(entry: anchor.first, reason: "it is missing: the beginning was cut off")
        }
        return AuditVerdict.Break(
            entry: 0,
            reason: "the anchor names \(anchor.count) entries up to \(anchor.last), the log has \(found.count) up to"
                + " \(found.last)")
    }
}

/// An entry with its place in the chain, as it is exported.
package struct ChainedAuditEntry: Sendable {
    package var number: Int64
    package var json: JSONValue

    init(_ row: AuditRow) {
        number = row.number
        func text(_ bytes: [UInt8]) -> JSONValue { .string(String(decoding: bytes, as: UTF8.self)) }
        json = [
            "number": .int(row.number), "at": .string(Instant(milliseconds: row.at).iso8601),
            "milliseconds": .int(row.at), "actor": text(row.actor), "action": text(row.action),
            "subject": text(row.subject),
            // The text that was hashed, not the value in it.
            "detail": text(row.detail), "hash": .string(AuditChain.hexadecimal(row.hash)),
        ]
    }
}
