import Engine
import Interpreter
import JSONModel
import StatesLanguage

/// Map Runs of distributed Maps.
extension WireAPI {
    func mapRunOperation(_ name: String) -> Operation? {
        switch name {
        case "ListMapRuns": listMapRuns
        case "DescribeMapRun": describeMapRun
        case "UpdateMapRun": updateMapRun
        default: nil
        }
    }

    /// A Map Run as its execution's history shows it.
    /// - Throws: `InvalidArn`, `ResourceNotFound`.
    func mapRun(_ text: String) async throws -> (run: MapRunHistory, record: ExecutionRecord, machine: StateMachine) {
        let arn = try WireARN(text)
        guard case .mapRun = arn.resource else { throw arn.misplaced() }
        let core = engine.core
        return try await engine.read { transaction in
            guard let known = try transaction.mapRun(text), let record = try transaction.execution(known.execution),
                let run = try MapRunHistory(MapRun(arn: text), in: core.history(of: record, in: transaction))
            else { throw WireError.resourceNotFound(text) }
            return (run, record, try core.machines.machine(record.version, in: transaction))
        }
    }

    private func listMapRuns(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("executionArn", max: 256)
        let size = Self.pageSize(parameters)
        let token = parameters.optionalString("nextToken", min: 1, max: 1024)
        try parameters.check()
        let arn = try WireARN(text)
        let pages = PageToken(list: "ListMapRuns \(text)")
        let position = try pages.position(in: token)
        let core = engine.core
        let runs = try await engine.read { transaction in
            let found = try self.execution(arn, in: transaction)
            let events = try core.history(of: found.record, in: transaction)
            return try transaction.mapRuns(of: found.record.id).compactMap {
                MapRunHistory(MapRun(arn: $0.arn), in: events)
            }
        }
        let order = Dictionary(uniqueKeysWithValues: runs.enumerated().map { ($1.mapRun.arn, $0) })
        let page = runs.page(
            after: position, limit: size, key: { $0.mapRun.arn },
            precedes: { (order[$0] ?? .max) < (order[$1] ?? .max) })
        var answer: JSONObject = [
            "mapRuns": .array(
                page.elements.map { run in
                    var object: JSONObject = [
                        "executionArn": .string(text), "mapRunArn": .string(run.mapRun.arn),
                        "stateMachineArn": .string(run.mapRun.stateMachineARN),
                    ]
                    object["startDate"] = run.startedAt.map { .timestamp($0) }
                    object["stopDate"] = run.stoppedAt.map { .timestamp($0) }
                    return .object(object)
                })
        ]
        answer["nextToken"] = page.next.map { .string(pages.text(after: $0)) }
        return answer
    }

    private func describeMapRun(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("mapRunArn", max: 2000)
        try parameters.check()
        let (run, record, machine) = try await mapRun(text)
        let definition = machine.scope.map(named: run.state)
        var answer: JSONObject = [
            "mapRunArn": .string(text), "executionArn": .string(executionARN(record)),
            "status": .string(run.status.rawValue),
            "maxConcurrency":
                (run.bounds.maxConcurrency.map { .int(Int64($0)) }
                ?? definition?.maxConcurrency?.literal) ?? 0,
            "toleratedFailurePercentage":
                (run.bounds.toleratedFailurePercentage.map { .double($0) }
                ?? definition?.toleratedFailurePercentage?.literal) ?? 0,
            "toleratedFailureCount":
                (run.bounds.toleratedFailureCount.map { .int(Int64($0)) }
                ?? definition?.toleratedFailureCount?.literal) ?? 0,
            "executionCounts": .object(run.counts(total: run.executions) { _ in 1 }),
            "itemCounts": .object(
                run.counts(total: run.items) { child in
                    definition?.itemBatcher == nil ? 1 : child.input?["Items"]?.arrayValue?.count ?? 0
                }),
            "redriveCount": .int(Int64(run.redriveCount)),
        ]
        answer["startDate"] = run.startedAt.map { .timestamp($0) }
        answer["stopDate"] = run.stoppedAt.map { .timestamp($0) }
        return answer
    }

    private func updateMapRun(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("mapRunArn", max: 2000)
        let bounds = MapRunBounds(
            maxConcurrency: parameters.integer("maxConcurrency", in: 0...Int64(Int32.max)).map(Int.init),
            toleratedFailureCount: parameters.integer("toleratedFailureCount", in: 0...Int64(Int32.max)).map(Int.init),
            toleratedFailurePercentage: parameters.double("toleratedFailurePercentage", in: 0...100))
        try parameters.check()
        let (run, record, _) = try await mapRun(text)
        if bounds == MapRunBounds() {
            throw WireError.validation(
                "One of maxConcurrency, toleratedFailureCount and "
                    + "toleratedFailurePercentage is needed")
        }
        do {
            try await engine.updateMapRun(run.mapRun, of: record.id, bounds, by: asker(parameters))
        } catch EngineError.taskGone {
            throw WireError.validation("The Map Run is \(run.status.rawValue) and cannot be updated")
        }
        return [:]
    }
}

extension MapRunHistory {
    /// How many there are by how they stand, where each child execution counts for so many.
    fileprivate func counts(total: Int, _ weight: (Child) -> Int) -> JSONObject {
        var sums: [Status: Int] = [:]
        for child in children.values { sums[child.status, default: 0] += weight(child) }
        let started = sums.values.reduce(0, +)
        let pending = status == .running ? max(0, total - started) : 0
        let number = { (count: Int) in JSONValue.int(Int64(count)) }
        return [
            "pending": number(pending), "running": number(sums[.running] ?? 0),
            "succeeded": number(sums[.succeeded] ?? 0), "failed": number(sums[.failed] ?? 0), "timedOut": 0,
            "aborted": number((sums[.aborted] ?? 0) + (status == .running ? 0 : max(0, total - started))),
            "total": number(total), "resultsWritten": number(status == .succeeded ? sums[.succeeded] ?? 0 : 0),
            "failuresNotRedrivable": 0, "pendingRedrive": 0,
        ]
    }
}

extension StateScope {
    /// The Map of a name, here or further in.
    fileprivate func map(named name: String) -> MapDefinition? {
        if case .map(let map)? = states[name]?.kind { return map }
        for state in states.values {
            switch state.kind {
            case .map(let map): if let found = map.processor.map(named: name) { return found }
            case .parallel(let branches):
                for branch in branches { if let found = branch.map(named: name) { return found } }
            case .pass, .task, .choice, .wait, .succeed, .fail: break
            }
        }
        return nil
    }
}

extension Template {
    fileprivate var literal: JSONValue? { if case .literal(let value) = self { value } else { nil } }
}
