import AWSClient
import Engine
import Foundation
package import Logging
import WallTime

/// Who calls.
struct Caller: Sendable, Equatable {
    var name: String
    var role: AccessKey.Role

    /// The caller of the request that is being answered; nil where authentication is off.
    @TaskLocal static var current: Caller?
}

/// Finds out who calls, and remembers signatures and failures.
package final class Authenticator: @unchecked Sendable {
    // Sendable because `replays` and `failures` are touched only while `lock` is held.
    private let lock = NSLock()
    private var replays = ReplayWindow()
    private var failures = FailureLimiter()
    private let ring: KeyRing
    private let logger: Logger

    package init(ring: KeyRing, logger: Logger) {
        self.ring = ring
        self.logger = logger
    }

    /// The key that a signed request names: looked at before its body is read.
    func signer(_ request: SignedRequest, peer: String) throws(Refusal) -> Signer {
        var keyID: String?
        do throws(Refusal) {
            let verifier = try SignatureVerifier(headers: request)
            keyID = verifier.header.keyID
            guard let (key, secret) = ring.signingKey(verifier.header.keyID) else { throw .unknownKey }
            return Signer(verifier: verifier, key: key, secret: secret)
        } catch {
            throw refused(error, keyID: keyID, peer: peer)
        }
    }

    func verify(_ request: SignedRequest, _ signer: Signer, peer: String) throws(Refusal) -> Caller {
        let now = ring.clock.now()
        do throws(Refusal) {
            try signer.verifier.verify(request, secret: signer.secret, now: now)
            let isNew = lock.withLock { replays.admits(signer.verifier.header.signature, at: now) }
            guard isNew else { throw .signature("Signature was used before: sign each request anew.") }
        } catch {
            throw refused(error, keyID: signer.key.id, peer: peer)
        }
        noteUse(of: signer.key)
        return Caller(name: signer.key.name, role: signer.key.role)
    }

    /// - Parameter authorization: the header's value.
    func bearer(_ authorization: String?, peer: String) throws(Refusal) -> Caller {
        let words = (authorization ?? "").split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw .missingToken }
        guard let key = ring.bearer(String(words[1])) else { throw refused(.unknownKey, keyID: nil, peer: peer) }
        noteUse(of: key)
        return Caller(name: key.name, role: key.role)
    }

    /// What somebody is told who pushes usage with a wrong key.
    func wrongPushKey(peer: String) -> Refusal { refused(.wrongPushKey, keyID: nil, peer: peer) }

    /// Who fails too often is told to wait. A right signature is never kept waiting, whoever else fails with its key id.
    private func refused(_ refusal: Refusal, keyID: String?, peer: String) -> Refusal {
        // Who shows nothing has guessed nothing.
        if refusal == .missingToken { return refusal }
        // An id that is no key's is whatever a stranger wrote: its address is enough.
        let known = keyID.flatMap { ring.signingKey($0) }.map { "key \($0.key.id)" }
        let subjects = ["peer \(peer)"] + (known.map { [$0] } ?? [])
        let wait = lock.withLock { failures.fails(subjects, at: ring.clock.now()) }
        if let wait { return .throttled(retryAfter: wait) }
        logger.notice(
            "a caller was refused",
            metadata: ["code": "\(refusal.code)", "peer": "\(peer)", "key": "\(known ?? "unknown")"])
        return refusal
    }

    private func noteUse(of key: AccessKey) {
        Task { [ring, logger] in
            do {
                try await ring.noteUse(of: key)
            } catch {
                logger.warning("the use of a key was not noted", metadata: ["key": "\(key.id)", "error": "\(error)"])
            }
        }
    }
}

/// A key with what it is said to have signed.
struct Signer {
    let verifier: SignatureVerifier
    let key: AccessKey
    let secret: [UInt8]
}
