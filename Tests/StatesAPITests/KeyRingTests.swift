import AWSClient
import Engine
import TestKit
import Testing
import WallTime

@testable import StatesAPI

@Suite struct KeyRingTests {
    /// Keys in memory; the first read after `holdNext` is answered with what it saw only once the gate is open.
    private actor Kept {
        private var keys: [AccessKey] = []
        private var held: Gate?

        func holdNext(_ gate: Gate) { held = gate }

        var isHolding: Bool { held == nil }

        func load() async -> [AccessKey] {
            let seen = keys
            if let gate = held {
                held = nil
                await gate.wait()
            }
            return seen
        }

        func insert(_ key: AccessKey) -> Bool {
            keys.append(key)
            return true
        }

        func revoke(_ id: String, at moment: Instant) -> Bool {
            guard let index = keys.firstIndex(where: { $0.id == id }) else { return false }
            keys[index].revokedAt = moment
            return true
        }
    }

    private let kept = Kept()
    private let ring: KeyRing

    init() {
        ring = KeyRing(
            storage: KeyStorage(
                load: { [kept] in await kept.load() },
                insert: { [kept] key, _ in await kept.insert(key) },
                revoke: { [kept] id, entry in await kept.revoke(id, at: entry.at) },
                noteUse: { _, _ in }),
            box: SecretBox(secret: Array(repeating: 7, count: 32), purpose: "keys"),
            clock: .system)
    }

    private func create(_ name: String, _ kind: AccessKey.Kind = .signature) async throws -> NewKey {
        try #require(try await ring.create(name: name, role: .operator, kind: kind, by: "test"))
    }

    /// Makes a key whose answer from storage comes only after `meanwhile` is done.
    private func createSlowly(_ name: String, meanwhile: () async throws -> Void) async throws -> NewKey {
        let gate = Gate()
        await kept.holdNext(gate)
        async let slow = create(name)
        try await eventually("the keys are read") { await kept.isHolding }
        try await meanwhile()
        gate.open()
        return try await slow
    }

    @Test("a key made while another is made stays known")
    func twoAtOnce() async throws {
        var second: NewKey?
        let first = try await createSlowly("first") { second = try await create("second") }
        let id = try #require(second).key.id
        #expect(ring.signingKey(first.key.id) != nil)
        #expect(ring.signingKey(id) != nil)
        #expect(ring.all.count == 2)
    }

    @Test("a key revoked while another is made stays revoked", arguments: AccessKey.Kind.allCases)
    func revokedMeanwhile(kind: AccessKey.Kind) async throws {
        let lost = try await create("lost", kind)
        _ = try await createSlowly("other") {
            let revoked = try await ring.revoke(lost.key.id, by: "test")
            #expect(revoked?.revokedAt != nil)
        }
        #expect(ring.signingKey(lost.key.id) == nil)
        #expect(ring.bearer(lost.secret) == nil)
    }
}
