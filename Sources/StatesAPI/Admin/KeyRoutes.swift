import Engine
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

extension AdminAPI {
    func addKeyRoutes(to group: Routes, _ ring: KeyRing) {
        group.get { _, _ in JSONAnswer(["keys": .array(ring.all.map { .object(rendering.key($0)) })]) }
        group.post { request, _ in try await createKey(request, ring) }
        group.post(":id/revoke") { request, context in
            let id = try context.parameter("id")
            guard let key = try await ring.revoke(id, by: "operator:\(request.actor)") else {
                throw APIError(.notFound, "NoSuchKey", "no key in use has the id \(id)")
            }
            return JSONAnswer(.object(rendering.key(key)))
        }
    }

    private func createKey(_ request: Request, _ ring: KeyRing) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["name", "role", "kind"])
        guard let name = try body.text("name"), NewKey.isName(name) else {
            throw APIError(.unprocessableContent, "InvalidInput", "name must have 1 to 64 of A-Z a-z 0-9 . _ @ -")
        }
        let role: AccessKey.Role = try Self.choice("role", try body.text("role")) ?? .viewer
        let kind: AccessKey.Kind = try Self.choice("kind", try body.text("kind")) ?? .signature
        guard let made = try await ring.create(name: name, role: role, kind: kind, by: "operator:\(request.actor)")
        else {
            throw APIError(
                .conflict, "KeyExists", "a key in use is named \(name)", hint: "Revoke it, or choose another name.")
        }
        var object = rendering.key(made.key)
        object[kind == .bearer ? "token" : "secretAccessKey"] = .string(made.secret)
        return JSONAnswer(.object(object), status: .created)
    }

    private static func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ text: String?
    ) throws -> Value? where Value.RawValue == String {
        guard let text else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIError(.unprocessableContent, "InvalidInput", "\(name) must be one of \(known), not \"\(text)\"")
        }
        return value
    }
}

extension Rendering {
    /// Never with its secret.
    func key(_ key: AccessKey) -> JSONObject {
        [
            "id": .string(key.id), "kind": .string(key.kind.rawValue), "name": .string(key.name),
            "role": .string(key.role.rawValue), "createdAt": .string(key.createdAt.iso8601),
            "lastUsedAt": key.lastUsedAt.map { .string($0.iso8601) } ?? .null,
            "revokedAt": key.revokedAt.map { .string($0.iso8601) } ?? .null,
        ]
    }
}
