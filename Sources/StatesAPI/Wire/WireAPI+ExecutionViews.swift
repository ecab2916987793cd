import Engine
import Interpreter
import JSONModel
import StatesLanguage
import WallTime

/// Looking at executions: one, many, a history.
extension WireAPI {
    // MARK: One

    func describeExecution(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("executionArn", max: 256)
        let included = parameters.choice("includedData", IncludedData.self) ?? .all
        try parameters.check()
        if let known = described[text],
            engine.runs(
                known.record.id, arn: text, startedAt: known.record.startedAt, redriveCount: known.record.redriveCount)
        {
            return describe(known, output: nil, refusal: nil, included)
        }
        let arn = try WireARN(text)
        let core = engine.core
        let (found, payloads, given, redrivenAt, refusal) = try await engine.read { transaction in
            let found = try self.execution(arn, in: transaction)
            let payloads = try core.payloads(of: found.record, in: transaction)
            let given = try transaction.inputText(of: found.record.id)
            let refusal = try self.redriveRefusal(of: found.record, in: transaction)
            guard found.record.redriveCount > 0 else { return (found, payloads, given, nil as Instant?, refusal) }
            let events = try core.history(of: found.record, in: transaction)
            let redriven = events.last { if case .executionRedriven = $0.kind { true } else { false } }
            return (found, payloads, given, redriven?.at, refusal)
        }
        if let child = found.child { return describe(child, refusal: refusal, included) }
        let description = DescribedExecutions.Description(
            record: found.record, input: given ?? payloads.input.jsonString, redrivenAt: redrivenAt)
        described.note(description, of: text)
        return describe(description, output: payloads.output, refusal: refusal, included)
    }

    /// Why an execution that did not succeed can't be redriven, in AWS's words; nil when it can, or has not ended.
    private func redriveRefusal(of record: ExecutionRecord, in transaction: Store.Transaction) throws -> String? {
        guard record.status != .running, record.status != .succeeded else { return nil }
        if record.redriveCount >= HistoryLimits.redrives { return "Execution redrive limit exceeded" }
        let end = try transaction.journal(record.id, end: .last).map { try HistoryCodec.decode($0) } ?? []
        let isShown = { (event: HistoryEvent) in event.id > 0 }
        // Notes may follow the end.
        let last = try end.last(where: isShown) ?? engine.core.history(of: record, in: transaction).last(where: isShown)
        return (last?.id ?? 0) >= HistoryLimits.events - 1 ? Self.historyFull : nil
    }

    private static var historyFull: String { "Execution history event limit exceeded" }

    private func describe(
        _ execution: DescribedExecutions.Description, output: JSONValue?, refusal: String?, _ included: IncludedData
    ) -> JSONObject {
        let record = execution.record
        var answer = summary(of: record)
        answer["error"] = record.error.flatMap { $0.isEmpty ? nil : .string($0) }
        answer["cause"] = record.cause.flatMap { $0.isEmpty ? nil : .string($0) }
        answer.addPayloads(input: execution.input, output: output, included: included)
        answer["redriveDate"] = execution.redrivenAt.map { .timestamp($0) }
        answer.addRedriveStatus(record.status.rawValue, refusal: refusal)
        return answer
    }

    private func describe(
        _ child: FoundExecution.Child, refusal: String?, _ included: IncludedData
    ) -> JSONObject {
        var answer = summary(of: child.run, child.mapRun)
        answer["error"] = child.run.failure.map { .string($0.error) }
        answer["cause"] = child.run.failure.map { .string($0.cause) }
        answer.addPayloads(input: (child.run.input ?? .null).jsonString, output: child.run.output, included: included)
        let isFull = child.run.history.count >= HistoryLimits.events - 1
        answer.addRedriveStatus(
            child.run.status.rawValue, refusal: isFull ? Self.historyFull : refusal, redrivable: "REDRIVABLE_BY_MAP_RUN"
        )
        return answer
    }

    func executionARN(_ record: ExecutionRecord) -> String {
        engine.core.executionARN(record.name, of: record.stateMachine)
    }

    /// What lists show of an execution.
    private func summary(of record: ExecutionRecord) -> JSONObject {
        let machine = machineARN(record.stateMachine)
        var object: JSONObject = [
            "executionArn": .string(executionARN(record)), "stateMachineArn": .string(machine),
            "name": .string(ExecutionNames.given(record.name)), "status": .string(record.status.rawValue),
            "startDate": .timestamp(record.startedAt), "redriveCount": .int(Int64(record.redriveCount)),
        ]
        object["stopDate"] = record.stoppedAt.map { .timestamp($0) }
        object["redriveDate"] = record.redrivenAt.map { .timestamp($0) }
        object["stateMachineVersionArn"] = record.qualifier.version.map { .string("\(machine):\($0)") }
        object["stateMachineAliasArn"] = record.qualifier.alias.map { .string("\(machine):\($0)") }
        return object
    }

    private func summary(of child: MapRunHistory.Child, _ run: MapRun) -> JSONObject {
        var object: JSONObject = [
            "executionArn": .string(run.childARN(child.index)), "stateMachineArn": .string(run.stateMachineARN),
            "name": .string(run.childName(child.index)), "status": .string(child.status.rawValue),
            "startDate": .timestamp(child.startedAt), "mapRunArn": .string(run.arn),
            "redriveCount": .int(Int64(child.redriveCount)),
        ]
        object["stopDate"] = child.stoppedAt.map { .timestamp($0) }
        object["redriveDate"] = child.redrivenAt.map { .timestamp($0) }
        return object
    }

    // MARK: Many

    func listExecutions(_ parameters: WireParameters) async throws -> JSONObject {
        let machine = parameters.optionalString("stateMachineArn", min: 1, max: 256)
        let mapRun = parameters.optionalString("mapRunArn", min: 1, max: 2000)
        let status = parameters.choice("statusFilter", StatusFilter.self)
        let redriven = parameters.choice("redriveFilter", RedriveFilter.self)
        let size = Self.pageSize(parameters)
        let token = parameters.optionalString("nextToken", min: 1, max: 3096)
        try parameters.check()
        guard (machine == nil) != (mapRun == nil) else {
            throw WireError.validation("Must specify exactly one of stateMachineArn and mapRunArn")
        }
        let filter = "\(status?.rawValue ?? "") \(redriven?.rawValue ?? "")"
        let pages = PageToken(list: "ListExecutions \(machine ?? mapRun ?? "") \(filter)")
        let position = try pages.position(in: token)
        if let mapRun { return try await listChildren(mapRun, status, redriven, pages, position, size) }
        guard redriven == nil else {
            throw WireError.validation("redriveFilter can only be used with mapRunArn")
        }
        let arn = try WireARN(machine ?? "")
        guard let name = arn.machine else { throw arn.misplaced() }
        let after = try position.map { text in
            guard let number = Int64(text) else { throw WireError.invalidToken }
            return ExecutionID(rawValue: number)
        }
        return try await engine.read { transaction in
            guard self.isLocal(arn), let record = try transaction.stateMachine(named: name) else {
                throw WireError.noStateMachine(arn.text)
            }
            guard record.current.settings.type == .standard else { throw WireError.typeNotSupported }
            guard status != .pendingRedrive else { return ["executions": []] }
            var query = ExecutionQuery(stateMachine: name, after: after, limit: size)
            if let status = status.flatMap({ ExecutionStatus(rawValue: $0.rawValue) }) { query.statuses = [status] }
            // A machine that was made anew has nothing to do with those of its name before.
            query.startedAfter = record.createdAt - .milliseconds(1)
            switch arn.resource {
            case .version(_, let number):
                guard try transaction.publishedVersion(number, of: name) != nil else {
                    throw WireError.resourceNotFound(arn.text)
                }
                query.version = number
            case .alias(_, let alias):
                guard try transaction.alias(named: alias, of: name) != nil else {
                    throw WireError.resourceNotFound(arn.text)
                }
                query.alias = alias
            default: break
            }
            let page = try transaction.executions(query)
            var answer: JSONObject = ["executions": .array(page.executions.map { .object(self.summary(of: $0)) })]
            answer["nextToken"] = page.next.map { .string(pages.text(after: String($0.rawValue))) }
            return answer
        }
    }

    private func listChildren(
        _ text: String, _ status: StatusFilter?, _ redriven: RedriveFilter?, _ pages: PageToken, _ position: String?,
        _ size: Int
    ) async throws -> JSONObject {
        let run = try await mapRun(text).run
        let children = run.children.values.sorted { $0.index < $1.index }
            .filter { status == nil || $0.status.rawValue == status?.rawValue }
            .filter { redriven == nil || (redriven == .redriven) == ($0.redriveCount > 0) }
        let page = children.page(
            after: position, limit: size, key: { String($0.index) }, precedes: { (Int($0) ?? 0) < (Int($1) ?? 0) })
        var answer: JSONObject = [
            "executions": .array(page.elements.map { .object(summary(of: $0, run.mapRun)) })
        ]
        answer["nextToken"] = page.next.map { .string(pages.text(after: $0)) }
        return answer
    }

    // MARK: History

    func getExecutionHistory(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("executionArn", max: 256)
        let size = Self.pageSize(parameters)
        let isReversed = parameters.flag("reverseOrder") ?? false
        let includesData = parameters.flag("includeExecutionData") ?? true
        let token = parameters.optionalString("nextToken", min: 1, max: 1024)
        try parameters.check()
        let arn = try WireARN(text)
        let pages = PageToken(list: "GetExecutionHistory \(text) \(isReversed)")
        var view = HistoryView()
        view.after = try pages.position(in: token).map { text in
            guard let number = Int(text) else { throw WireError.invalidToken }
            return number
        }
        (view.limit, view.isReversed, view.includesData) = (size, isReversed, includesData)
        view.region = options.region
        let core = engine.core
        let page = try await engine.read { [view] transaction in
            var view = view
            let found = try self.execution(arn, in: transaction)
            let role = try core.machines.revision(found.record.version, in: transaction).settings.roleARN
            view.roleARN = role ?? self.options.roleARN
            if let child = found.child { return view.page(of: child.run.history) }
            view.input = try transaction.inputText(of: found.record.id)
            return view.page(of: try core.history(of: found.record, in: transaction))
        }
        var answer: JSONObject = ["events": .array(page.events)]
        answer["nextToken"] = page.next.map { .string(pages.text(after: String($0))) }
        return answer
    }
}

enum StatusFilter: String, CaseIterable {
    case running = "RUNNING"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case timedOut = "TIMED_OUT"
    case aborted = "ABORTED"
    case pendingRedrive = "PENDING_REDRIVE"
}

private enum RedriveFilter: String, CaseIterable { case redriven = "REDRIVEN", notRedriven = "NOT_REDRIVEN" }

extension JSONObject {
    /// Whether the execution can be redriven, and why not.
    fileprivate mutating func addRedriveStatus(
        _ status: String, refusal: String?, redrivable: String = "REDRIVABLE"
    ) {
        if status == "RUNNING" || status == "SUCCEEDED" {
            self["redriveStatus"] = "NOT_REDRIVABLE"
            self["redriveStatusReason"] = .string("Execution is \(status) and cannot be redriven")
        } else if let refusal {
            self["redriveStatus"] = "NOT_REDRIVABLE"
            self["redriveStatusReason"] = .string(refusal)
        } else {
            self["redriveStatus"] = .string(redrivable)
        }
    }
}
