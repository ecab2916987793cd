import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

extension AdminAPI {
    func addHealthRoutes(to router: Router<APIContext>, _ api: Routes) {
        for method in [HTTPRequest.Method.get, .head] {
            router.on("health", method: method) { _, _ in await health() }
        }
        api.get("status") { _, _ in try await status() }
    }

    private func health() async -> JSONAnswer {
        let report = await report()
        switch report.health {
        case .ok: return JSONAnswer(["status": "ok", "version": .string(report.version)])
        case .draining:
            return JSONAnswer(
                ["status": "draining", "version": .string(report.version)], status: .serviceUnavailable)
        case .failing(let reason):
            return JSONAnswer(
                ["status": "failing", "version": .string(report.version), "reason": .string(reason)],
                status: .serviceUnavailable)
        }
    }

    private func status() async throws -> JSONAnswer {
        let report = await report()
        var object: JSONObject = ["version": .string(report.version)]
        for (key, value) in report.details { object[key] = value }
        if case .failing(let reason) = report.health { object["reason"] = .string(reason) }
        let (now, desk) = (engine.now, notifications)
        let (running, letters, pending, mutes) = try await engine.read { transaction in
            (
                try transaction.executions(ExecutionQuery(statuses: [.running], limit: 1000)).executions.count,
                try transaction.openDeadLetters(upTo: 1000), try transaction.earliestOutbox(),
                try desk?.mutes(at: now, in: transaction) ?? []
            )
        }
        object["running"] = .int(Int64(running))
        object["deadLetters"] = .int(Int64(letters))
        object["outbox"] = .string(pending.map { "next at \($0.iso8601)" } ?? "empty")
        object["mutes"] = .array(mutes.map(\.json))
        return JSONAnswer(.object(object))
    }
}
