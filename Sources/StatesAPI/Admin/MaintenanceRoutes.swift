import Engine
import HTTPTypes
import Hummingbird
package import JSONModel

/// What operators ask of the database itself.
package struct StoreMaintenance: Sendable {
    let backUp: @Sendable (_ file: String, _ replacing: Bool) async throws -> JSONValue
    let verifyAudit: @Sendable (_ expectedHead: String?) async throws -> JSONValue
    let auditChain: @Sendable (_ after: Int64, _ limit: Int) async throws -> [JSONValue]

    package init(
        backUp: @escaping @Sendable (_ file: String, _ replacing: Bool) async throws -> JSONValue,
        verifyAudit: @escaping @Sendable (_ expectedHead: String?) async throws -> JSONValue,
        auditChain: @escaping @Sendable (_ after: Int64, _ limit: Int) async throws -> [JSONValue]
    ) {
        self.backUp = backUp
        self.verifyAudit = verifyAudit
        self.auditChain = auditChain
    }
}

extension AdminAPI {
    func addMaintenanceRoutes(to api: Routes, _ maintenance: StoreMaintenance) {
        api.post("backup") { request, _ in
            let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["file", "replace"])
            // A relative path would mean something else to the daemon than to whoever asks.
            guard let file = try body.text("file"), file.hasPrefix("/") else {
                throw APIError(
                    .unprocessableContent, "InvalidInput", "file must be an absolute path on the daemon's machine")
            }
            let replacing = body["replace"] == .bool(true)
            return JSONAnswer(try await maintenance.backUp(file, replacing), status: .created)
        }
        api.get("audit/verify", query: ["expectHead"]) { request, _ in
            JSONAnswer(try await maintenance.verifyAudit(request.query("expectHead")))
        }
        api.get("audit/chain", query: ["after", "limit"]) { request, _ in
            let after = request.query("after").flatMap(Int64.init) ?? 0
            let entries = try await maintenance.auditChain(after, try request.limit())
            return JSONAnswer(["entries": .array(entries)])
        }
    }
}

extension APIError {
    /// The file that was named can't be the backup.
    package static func backupRefused(_ reason: String) -> APIError { APIError(.conflict, "BackupRefused", reason) }

    /// The copy's disk is full: nothing goes on by itself when there is space, as the store does.
    package static func backupFoundNoSpace(_ reason: String) -> APIError {
        APIError(.serviceUnavailable, "StoreFull", reason)
    }
}
