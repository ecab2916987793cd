package import AWSClient
package import Engine
import Foundation
import JSONModel
package import WallTime

/// Where keys are kept. The daemon connects it to its store.
package struct KeyStorage: Sendable {
    package var load: @Sendable () async throws -> [AccessKey]
    /// Adds the key with its audit entry. False when a key in use has the name.
    package var insert: @Sendable (AccessKey, AuditEntry) async throws -> Bool
    /// Revokes the key with its audit entry. False when there is no such key in use.
    package var revoke: @Sendable (_ id: String, AuditEntry) async throws -> Bool
    package var noteUse: @Sendable (_ id: String, Instant) async throws -> Void

    package init(
        load: @escaping @Sendable () async throws -> [AccessKey],
        insert: @escaping @Sendable (AccessKey, AuditEntry) async throws -> Bool,
        revoke: @escaping @Sendable (_ id: String, AuditEntry) async throws -> Bool,
        noteUse: @escaping @Sendable (_ id: String, Instant) async throws -> Void
    ) {
        self.load = load
        self.insert = insert
        self.revoke = revoke
        self.noteUse = noteUse
    }
}

/// All keys in memory: every request looks there.
package final class KeyRing: @unchecked Sendable {
    // Sendable because everything that varies is touched only while `lock` is held.
    private let lock = NSLock()
    /// How many times all keys were asked for, and which of these answers stands.
    private var asked = 0
    private var standing = 0
    private var keys: [String: AccessKey] = [:]
    /// Ids of bearer tokens by the digest of the token.
    private var tokens: [[UInt8]: String] = [:]
    private let storage: KeyStorage
    private let box: SecretBox
    let clock: WallClock

    package init(storage: KeyStorage, box: SecretBox, clock: WallClock) {
        self.storage = storage
        self.box = box
        self.clock = clock
    }

    /// Reads all keys anew.
    package func reload() async throws {
        let number = lock.withLock {
            asked += 1
            return asked
        }
        let all = try await storage.load()
        let tokens = all.filter { $0.kind == .bearer }.map { ($0.secret, $0.id) }
        lock.withLock {
            // An answer asked for earlier may come later, and know nothing of a key made or revoked meanwhile.
            guard number > standing else { return }
            standing = number
            keys = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
            self.tokens = Dictionary(tokens, uniquingKeysWith: { $1 })
        }
    }

    /// The oldest first.
    package var all: [AccessKey] {
        lock.withLock { Array(keys.values) }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// A signing key that is not revoked, with its secret.
    func signingKey(_ id: String) -> (key: AccessKey, secret: [UInt8])? {
        let found = lock.withLock { keys[id] }
        guard let found, found.kind == .signature, found.revokedAt == nil,
            let secret = box.open(found.secret, context: id)
        else { return nil }
        return (found, secret)
    }

    /// The key of a bearer token that is not revoked.
    func bearer(_ token: String) -> AccessKey? {
        let digest = sha256(token.utf8)
        let found = lock.withLock { tokens[digest].flatMap { keys[$0] } }
        return found?.revokedAt == nil ? found : nil
    }

    /// Writes down that the key was used, once an hour.
    func noteUse(of key: AccessKey) async throws {
        let now = clock.now()
        let due = lock.withLock {
            guard let last = keys[key.id]?.lastUsedAt, now - last < .seconds(3600) else {
                keys[key.id]?.lastUsedAt = now
                return true
            }
            return false
        }
        if due { try await storage.noteUse(key.id, now) }
    }

    /// Makes a key and keeps it.
    /// - Returns: the key and what its holder is shown once; nil when a key in use has the name.
    package func create(
        name: String, role: AccessKey.Role, kind: AccessKey.Kind, by actor: String
    ) async throws -> NewKey? {
        let made = NewKey(name: name, role: role, kind: kind, box: box, at: clock.now())
        let entry = AuditEntry(
            at: made.key.createdAt, actor: actor, action: "key.created", subject: made.key.id,
            detail: ["name": .string(name), "role": .string(role.rawValue), "kind": .string(kind.rawValue)])
        guard try await storage.insert(made.key, entry) else { return nil }
        try await reload()
        return made
    }

    /// - Returns: the key; nil when there is no such key in use.
    package func revoke(_ id: String, by actor: String) async throws -> AccessKey? {
        let entry = AuditEntry(at: clock.now(), actor: actor, action: "key.revoked", subject: id, detail: [:])
        guard try await storage.revoke(id, entry) else { return nil }
        try await reload()
        return lock.withLock { keys[id] }
    }
}

/// A key just made, with the secret in clear.
package struct NewKey: Sendable {
    package let key: AccessKey
    /// The secret access key of 40 characters, or the bearer token.
    package let secret: String

    package init(name: String, role: AccessKey.Role, kind: AccessKey.Kind, box: SecretBox, at now: Instant) {
        let id = "STWD" + Self.random(16, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let text = Self.random(40, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        secret = kind == .bearer ? "steward_\(text)" : text
        key = AccessKey(
            id: id, kind: kind, name: name, role: role,
            secret: kind == .bearer ? sha256(secret.utf8) : box.seal(Array(secret.utf8), context: id), createdAt: now)
    }

    /// Alphabets of 32 or 64 characters, so that every one is as likely.
    private static func random(_ count: Int, of alphabet: String) -> String {
        let characters = Array(alphabet)
        return String(randomBytes(count).map { characters[Int($0) % characters.count] })
    }

    /// Names that the audit log and ARNs can hold.
    package static func isName(_ name: String) -> Bool {
        name.wholeMatch(of: /[A-Za-z0-9._@-]{1,64}/) != nil
    }
}
