import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import Interpreter
import JSONModel
import WallTime

extension AdminAPI {
    func addExecutionRoutes(to group: Routes) {
        let filters = ["machine", "workflow", "status", "since", "until", "name", "limit", "after"]
        group.get(query: filters) { request, _ in try await listExecutions(request) }
        group.post { request, _ in try await startExecution(request) }
        group.get(":ref") { _, context in try await describeExecution(context.parameter("ref")) }
        group.get(":ref/history", query: ["limit", "after", "data"]) { request, context in
            try await history(context.parameter("ref"), request)
        }
        group.get(":ref/explanation") { _, context in try await explain(context.parameter("ref")) }
        group.post(":ref/stop") { request, context in try await stop(context.parameter("ref"), request) }
        group.post(":ref/redrive") { request, context in
            let record = try await findWhole(context.parameter("ref"))
            let redriven = try await engine.redriveExecution(record.id, by: "operator:\(request.actor)")
            return JSONAnswer(.object(try await rendered(redriven)))
        }
    }

    private func find(_ reference: String) async throws -> FoundReference {
        let reference = try ExecutionReference(reference)
        let core = engine.core
        return try await engine.read { try reference.find(in: $0, core) }
    }

    /// One that is to be stopped or redriven.
    private func findWhole(_ reference: String) async throws -> ExecutionRecord {
        switch try await find(reference) {
        case .execution(let record): return record
        case .iteration(let iteration):
            throw APIError.invalidRequest(
                "\"\(reference)\" is an iteration of a Map",
                hint: "It is stopped and redriven with its execution, \(iteration.parentName).")
        }
    }

    /// With the version that it runs on.
    func rendered(_ record: ExecutionRecord) async throws -> JSONObject {
        let version = try await engine.read { try $0.stateMachineVersion(record.version)?.number }
        return rendering.execution(record, version: version)
    }

    private func listExecutions(_ request: Request) async throws -> JSONAnswer {
        var query = ExecutionQuery(
            stateMachine: request.query("machine"), workflow: request.query("workflow"),
            statuses: try Self.statuses(request.query("status")), startedAfter: try Self.instant(request, "since"),
            startedBefore: try Self.instant(request, "until"), namePrefix: request.query("name"),
            limit: try request.limit())
        if let cursor = request.query("after") {
            guard let id = Int64(cursor) else { throw APIError.invalidRequest("\"\(cursor)\" is no cursor of a list") }
            query.after = ExecutionID(rawValue: id)
        }
        let (page, numbers) = try await engine.read { [query] transaction in
            let page = try transaction.executions(query)
            // A slip in the name would look like a state machine of which nothing failed. One that was deleted may still
            // have executions.
            if page.executions.isEmpty, let name = query.stateMachine, try transaction.stateMachine(named: name) == nil
            {
                throw EngineError.noSuchStateMachine(name)
            }
            var numbers: [StateMachineVersionID: Int] = [:]
            for version in Set(page.executions.map(\.version)) {
                numbers[version] = try transaction.stateMachineVersion(version)?.number
            }
            return (page, numbers)
        }
        return JSONAnswer([
            "executions": .array(
                page.executions.map { .object(rendering.execution($0, version: numbers[$0.version])) }),
            "next": .optional(page.next.map { String($0.rawValue) }),
        ])
    }

    private static func statuses(_ text: String?) throws -> Set<ExecutionStatus> {
        guard let text else { return [] }
        return Set(
            try text.split(separator: ",").map { word in
                let name = word.uppercased().replacing("-", with: "_")
                guard let status = ExecutionStatus(rawValue: name) else {
                    let known = ExecutionStatus.allCases.map { $0.rawValue.lowercased() }.joined(separator: ", ")
                    throw APIError.invalidRequest("\"\(word)\" is no status", hint: "Known: \(known).")
                }
                return status
            })
    }

    private static func instant(_ request: Request, _ name: String) throws -> Instant? {
        guard let text = request.query(name) else { return nil }
        guard let instant = Instant(iso8601: text) else {
            throw APIError.invalidRequest("\(name) must be an instant such as 2026-11-20T10:15:42Z, not \"\(text)\"")
        }
        return instant
    }

    private func startExecution(_ request: Request) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["stateMachine", "name", "input"])
        guard let stateMachine = try body.text("stateMachine") else {
            throw APIError.invalidRequest("stateMachine is missing", hint: "Name the state machine to run.")
        }
        let name = try body.text("name")
        let existed =
            if let name {
                try await engine.read { try $0.execution(named: name, of: stateMachine) != nil }
            } else { false }
        let record = try await engine.startExecution(
            stateMachine: stateMachine, name: name, input: body["input"] ?? [:])
        return JSONAnswer(.object(try await rendered(record)), status: existed ? .ok : .created)
    }

    private func describeExecution(_ reference: String) async throws -> JSONAnswer {
        let record: ExecutionRecord
        switch try await find(reference) {
        case .execution(let found): record = found
        case .iteration(let iteration): return JSONAnswer(.object(rendering.execution(iteration)))
        }
        var object = try await rendered(record)
        let state = try await engine.state(record.id)
        object["input"] = state.input
        if case .succeeded(let output) = state.outcome { object["output"] = output }
        object["states"] = .array(state.currentStates.map { .string($0.name) })
        return JSONAnswer(.object(object))
    }

    private func history(_ reference: String, _ request: Request) async throws -> JSONAnswer {
        var view = HistoryView()
        view.limit = try request.limit(default: view.limit)
        view.includesData = try request.flag("data", default: true)
        view.after = try request.query("after").map { text in
            guard let number = Int(text) else { throw APIError.invalidRequest("\"\(text)\" is no cursor of a history") }
            return number
        }
        let reference = try ExecutionReference(reference)
        let core = engine.core
        let page = try await engine.read { [view] transaction in
            switch try reference.find(in: transaction, core) {
            case .execution(let record): view.page(of: try core.history(of: record, in: transaction))
            case .iteration(let iteration): view.page(of: iteration.child.history)
            }
        }
        return JSONAnswer(["events": .array(page.events), "next": .optional(page.next.map(String.init))])
    }

    private func explain(_ reference: String) async throws -> JSONAnswer {
        switch try await find(reference) {
        case .execution(let record):
            return JSONAnswer(.object(rendering.explanation(try await engine.explain(record.id), of: record)))
        case .iteration(let iteration): return JSONAnswer(.object(rendering.explanation(iteration)))
        }
    }

    private func stop(_ reference: String, _ request: Request) async throws -> JSONAnswer {
        let body = try await request.jsonObject(upTo: Self.bodyLimit, known: ["error", "cause"])
        let record = try await findWhole(reference)
        let stopped = try await engine.stopExecution(
            record.id, error: try body.text("error"), cause: try body.text("cause"),
            by: "operator:\(request.actor)")
        return JSONAnswer(.object(try await rendered(stopped)))
    }
}
