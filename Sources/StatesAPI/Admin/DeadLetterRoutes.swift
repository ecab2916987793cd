import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel

extension AdminAPI {
    func addDeadLetterRoutes(to group: Routes) {
        group.get(query: ["kind", "status", "limit"]) { request, _ in try await listDeadLetters(request) }
        group.get(":id") { _, context in try await describeDeadLetter(Self.id(context)) }
        group.post(":id/redrive") { request, context in
            let id = try Self.id(context)
            try await engine.redriveDeadLetter(id, by: "operator:\(request.actor)")
            return try await describeDeadLetter(id)
        }
        group.post(":id/discard") { request, context in
            let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["reason"])
            guard let reason = try body.text("reason"), !reason.isEmpty else {
                throw APIError.invalidRequest("reason is missing", hint: "Say why the dead letter may be dropped.")
            }
            let id = try Self.id(context)
            try await engine.discardDeadLetter(id, reason: reason, by: "operator:\(request.actor)")
            return try await describeDeadLetter(id)
        }
    }

    private static func id(_ context: some RequestContext) throws -> DeadLetterID {
        let text = try context.parameter("id")
        guard let id = Int64(text) else {
            throw APIError.invalidRequest("\"\(text)\" is no dead letter's number")
        }
        return DeadLetterID(rawValue: id)
    }

    private func listDeadLetters(_ request: Request) async throws -> JSONAnswer {
        var query = DeadLetterQuery(limit: try request.limit())
        if let text = request.query("kind") {
            guard let kind = DeadLetterKind(rawValue: text) else {
                throw APIError.invalidRequest(
                    "\"\(text)\" is no kind of dead letter",
                    hint: "Known: \(DeadLetterKind.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            query.kind = kind
        }
        if let text = request.query("status") {
            query.status = DeadLetterStatus(rawValue: text)
            guard text == "all" || query.status != nil else {
                throw APIError.invalidRequest(
                    "\"\(text)\" is no status of a dead letter",
                    hint: "Known: \(DeadLetterStatus.allCases.map(\.rawValue).joined(separator: ", ")), all.")
            }
        }
        let letters = try await engine.read { [query] in try $0.deadLetters(query) }
        return JSONAnswer([
            "deadLetters": .array(letters.map { .object(rendering.deadLetter($0, withPayload: false)) })
        ])
    }

    private func describeDeadLetter(_ id: DeadLetterID) async throws -> JSONAnswer {
        guard let letter = try await engine.read({ try $0.deadLetter(id) }) else {
            throw EngineError.noSuchDeadLetter(id.rawValue)
        }
        return JSONAnswer(.object(rendering.deadLetter(letter, withPayload: true)))
    }
}
