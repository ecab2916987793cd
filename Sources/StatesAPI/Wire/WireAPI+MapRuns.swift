import Engine
import Interpreter
import JSONModel
import StatesLanguage

/// A Map Run that an ARN names.
struct FoundMapRun {
    let run: MapRunHistory
    let record: ExecutionRecord
    /// The state that it is the run of.
    let map: MapDefinition?
    /// Those in force, as far as the definition does not just name them.
    let bounds: MapRunBounds
}

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
    func mapRun(_ text: String) async throws -> FoundMapRun {
        let arn = try WireARN(text)
        guard case .mapRun = arn.resource else { throw arn.misplaced() }
        let core = engine.core
        return try await engine.read { transaction in
            guard let known = try transaction.mapRun(text), let record = try transaction.execution(known.execution)
            else { throw WireError.resourceNotFound(text) }
            let events = try core.history(of: record, in: transaction)
            guard let run = MapRunHistory(MapRun(arn: text), in: events) else { throw WireError.resourceNotFound(text) }
            let machine = try core.machines.machine(record.version, in: transaction)
            let map = machine.scope.maps.first { $0.name == run.state }?.definition
            // What is written down needs no fold of the history to be computed.
            guard map?.hasComputedBounds == true else {
                return FoundMapRun(run: run, record: record, map: map, bounds: run.bounds)
            }
            let identity = try core.load(record.id, in: transaction).facts.identity
            let bounds = try run.bounds(after: events, of: machine, identity: identity)
            return FoundMapRun(run: run, record: record, map: map, bounds: bounds)
        }
    }

    private func starterARN(_ run: MapRunHistory, _ record: ExecutionRecord) -> String {
        switch run.starter {
        case .execution: executionARN(record)
        case .child(let outer, let index): outer.childARN(index)
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
            let known = try transaction.mapRuns(of: found.record.id).map { MapRun(arn: $0.arn) }
            if known.isEmpty { return [] as [MapRunHistory] }
            let events = try core.history(of: found.record, in: transaction)
            let starters = MapRunHistory.starters(in: events)
            return known.filter { starters[$0] == found.starter }.compactMap { MapRunHistory($0, in: events) }
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
        let found = try await mapRun(text)
        let (run, bounds) = (found.run, found.bounds)
        var answer: JSONObject = [
            "mapRunArn": .string(text), "executionArn": .string(starterARN(run, found.record)),
            "status": .string(run.status.rawValue),
            "maxConcurrency":
                (bounds.maxConcurrency.map { .int(Int64($0)) } ?? found.map?.maxConcurrency?.literal) ?? 0,
            "toleratedFailurePercentage":
                (bounds.toleratedFailurePercentage.map { .double($0) }
                ?? found.map?.toleratedFailurePercentage?.literal) ?? 0,
            "toleratedFailureCount":
                (bounds.toleratedFailureCount.map { .int(Int64($0)) } ?? found.map?.toleratedFailureCount?.literal)
                ?? 0,
            "executionCounts": .object(run.counts(total: run.executions, abortsUnstarted: false) { _ in 1 }),
            "itemCounts": .object(
                run.counts(total: run.items, abortsUnstarted: true) { child in
                    found.map?.itemBatcher == nil ? 1 : child.input?["Items"]?.arrayValue?.count ?? 0
                }),
            "redriveCount": .int(Int64(run.redriveCount)),
        ]
        answer["startDate"] = run.startedAt.map { .timestamp($0) }
        answer["stopDate"] = run.stoppedAt.map { .timestamp($0) }
        answer["redriveDate"] = run.redrivenAt.map { .timestamp($0) }
        return answer
    }

    private func updateMapRun(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("mapRunArn", max: 2000)
        let bounds = MapRunBounds(
            maxConcurrency: parameters.integer("maxConcurrency", in: 0...Int64(Int32.max)).map(Int.init),
            toleratedFailureCount: parameters.integer("toleratedFailureCount", in: 0...Int64(Int32.max)).map(Int.init),
            toleratedFailurePercentage: parameters.double("toleratedFailurePercentage", in: 0...100))
        try parameters.check()
        let found = try await mapRun(text)
        if bounds == MapRunBounds() {
            throw WireError.validation(
                "One of maxConcurrency, toleratedFailureCount and "
                    + "toleratedFailurePercentage is needed")
        }
        let refusal = WireError.validation("The Map Run is \(found.run.status.rawValue) and cannot be updated")
        // One that failed and is tried again is still the one that its branch knows.
        guard found.run.status == .running else { throw refusal }
        do {
            try await engine.updateMapRun(found.run.mapRun, of: found.record.id, bounds, by: asker(parameters))
        } catch EngineError.taskGone {
            throw refusal
        }
        return [:]
    }
}

extension MapRunHistory {
    /// How many there are by how they stand, where each child execution counts for so many.
    /// - Parameter abortsUnstarted: whether those that had not started when the Map Run ended count as aborted. Items do;
    ///   child executions were never there to be stopped, and stay pending.
    fileprivate func counts(total: Int, abortsUnstarted: Bool, _ weight: (Child) -> Int) -> JSONObject {
        var sums: [Status: Int] = [:]
        var full = 0
        for child in children.values {
            let weight = weight(child)
            sums[child.status, default: 0] += weight
            if child.status != .succeeded, child.isFull { full += weight }
        }
        let unstarted = max(0, total - sums.values.reduce(0, +))
        let areAborted = abortsUnstarted && status != .running
        let number = { (count: Int) in JSONValue.int(Int64(count)) }
        return [
            "pending": number(areAborted ? 0 : unstarted), "running": number(sums[.running] ?? 0),
            "succeeded": number(sums[.succeeded] ?? 0), "failed": number(sums[.failed] ?? 0), "timedOut": 0,
            "aborted": number((sums[.aborted] ?? 0) + (areAborted ? unstarted : 0)),
            "total": number(total), "resultsWritten": number(status == .succeeded ? sums[.succeeded] ?? 0 : 0),
            "failuresNotRedrivable": number(full), "pendingRedrive": 0,
        ]
    }
}

extension FoundExecution {
    /// What its Map Runs name as the one that has started them.
    fileprivate var starter: MapRunHistory.Starter {
        child.map { .child(of: $0.mapRun, index: $0.run.index) } ?? .execution
    }
}

extension MapDefinition {
    /// Whether one of its bounds is a path or an expression.
    fileprivate var hasComputedBounds: Bool {
        [maxConcurrency, toleratedFailureCount, toleratedFailurePercentage].contains { bound in
            bound.map { $0.literal == nil } ?? false
        }
    }
}

extension Template {
    fileprivate var literal: JSONValue? { if case .literal(let value) = self { value } else { nil } }
}
