import CCrypto

/// The hash chain of the audit log: what was written can't be changed, taken out or put in without every later hash
/// showing it. Whoever notes a head elsewhere can later prove that the log still holds all up to there.
///
/// The hash of an entry is SHA-256 over the hash before it (32 bytes; zeros before the first) and the entry's canonical
/// bytes: its number and its instant (UTC milliseconds) as 8 bytes each, then actor, action, subject and detail in
/// UTF-8, each after its length in bytes as 8 bytes. Integers are big-endian. Databases hold these hashes, so this never
/// changes.
enum AuditChain {
    static let hashBytes = 32
    /// What stands before the first entry.
    static let beginning = [UInt8](repeating: 0, count: hashBytes)

    static func hash(_ entry: AuditRow, after previous: [UInt8]) -> [UInt8] {
        var message = previous
        append(entry.number, to: &message)
        append(entry.at, to: &message)
        for text in [entry.actor, entry.action, entry.subject, entry.detail] {
            append(Int64(text.count), to: &message)
            message += text
        }
        return digest(message)
    }

    /// SHA-256 (FIPS 180-4).
    static func digest(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: hashBytes)
        SHA256(message, message.count, &digest)
        return digest
    }

    static func hexadecimal(_ hash: [UInt8]) -> String {
        hash.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static func append(_ number: Int64, to message: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { message += $0 }
    }
}

/// An entry as it stands in its row. Texts are bytes: what somebody put there by hand may be no UTF-8, and is hashed as
/// it is.
struct AuditRow {
    var number: Int64
    var at: Int64
    var actor: [UInt8]
    var action: [UInt8]
    var subject: [UInt8]
    var detail: [UInt8]
    /// Empty before it is known.
    var hash: [UInt8] = []

    /// The columns of every statement that reads rows, in their order.
    init(columns: PersistentStatement) {
        number = columns.integer(0)
        at = columns.integer(1)
        actor = columns.blob(2)
        action = columns.blob(3)
        subject = columns.blob(4)
        detail = columns.blob(5)
        hash = columns.blob(6)
    }

    init(number: Int64, at: Int64, actor: String, action: String, subject: String, detail: String) {
        self.number = number
        self.at = at
        self.actor = Array(actor.utf8)
        self.action = Array(action.utf8)
        self.subject = Array(subject.utf8)
        self.detail = Array(detail.utf8)
    }
}

/// Where the chain begins and ends, in a row of its own: entries that are missing at the end are noticed.
struct AuditAnchor: Equatable {
    var first: Int64 = 0
    var last: Int64 = 0
    var count: Int64 = 0
    var head = AuditChain.beginning

    mutating func add(_ number: Int64, _ hash: [UInt8]) {
        if count == 0 { first = number }
        last = number
        count += 1
        head = hash
    }
}
