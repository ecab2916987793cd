import JSONModel
import StatesLanguage
import WallTime

/// What a distributed Map does besides running its iterations: it has its items read, and its results written (AWS,
/// "Using Map state in Distributed mode"). Both are tasks in the state of the Map itself.
extension Advance {
    /// Asks for the items; nothing runs before they are there.
    mutating func requestItems(
        _ frame: FrameID, _ map: MapDefinition, _ evaluation: StateEvaluation
    ) throws(StateFailure) {
        guard let reader = map.itemReader else { return }
        let request = ScheduledTask(resource: reader.resource, parameters: try evaluation.request(of: reader))
        dispatch(record(.taskScheduled(request), in: frame))
    }

    /// Hands the results on: to S3, or in the shape that is asked for to the state's output.
    mutating func export(_ frame: FrameID, _ definition: State, _ writer: ResultWriter) {
        guard let branch = state.frames[frame], let visit = branch.visit, let join = branch.join else { return }
        guard let resource = writer.resource else {
            let results = state.childResults(of: branch, join, writer.transformation)
            return concludeMap(frame, definition, .array(results.succeeded))
        }
        do {
            let evaluation = evaluation(frame, definition, visit, at: join.startedAt)
            let request = ScheduledTask(resource: resource, parameters: try evaluation.request(of: writer))
            dispatch(record(.taskScheduled(request), in: frame))
        } catch {
            handle(error, in: frame, definition)
        }
    }

    /// The items are there, or the results are written.
    mutating func mapTaskSucceeded(
        _ open: OpenTask, _ output: JSONValue, in frame: FrameID, _ definition: State, _ map: MapDefinition
    ) {
        guard !open.resource.readsItems || output.arrayValue != nil else {
            let cause = "The items that were read are no array but \(output.typeName)."
            return mapTaskFailed(open, TaskFailure(error: ErrorName.itemReaderFailed, cause: cause), in: frame)
        }
        record(.taskSucceeded(open.id, output: output), in: frame)
        do {
            if open.resource.readsItems {
                try itemsRead(frame, definition, map)
            } else if try isTolerable(frame, definition, map) {
                concludeMap(frame, definition, output)
            } else {
                fail(frame, .toleranceExceeded)
            }
        } catch {
            handle(error, in: frame, definition)
        }
    }

    mutating func mapTaskFailed(_ open: OpenTask, _ failure: TaskFailure, in frame: FrameID) {
        record(.taskFailed(open.id, failure), in: frame)
        fail(frame, StateFailure(failure))
    }

    /// The new bounds hold at once: more iterations start, or those that have failed are too many now.
    mutating func mapRunUpdated(_ run: MapRun, _ bounds: MapRunBounds) throws(InterpreterError) {
        try expectRunning()
        guard let branch = state.frames.all.first(where: { $0.join?.mapRun == run }), let visit = branch.visit,
            visit.activity != .stopped
        else { throw .mapRunNotOpen(run.arn) }
        let definition = try definition(of: visit.name, in: branch.id)
        guard case .map(let map) = definition.kind else { throw .mapRunNotOpen(run.arn) }
        record(.mapRunUpdated(bounds), in: branch.id)
        // While its items are read or its results written, nothing can follow from it yet.
        guard visit.activity == .joining else { return }
        do {
            if try isTolerable(branch.id, definition, map) {
                continueMap(branch.id, definition, map, freed: nil)
            } else {
                exceeded(branch.id, definition, map)
            }
        } catch {
            handle(error, in: branch.id, definition)
        }
    }

    /// Too many child executions have failed.
    mutating func exceeded(_ frame: FrameID, _ definition: State, _ map: MapDefinition, after previous: Int? = nil) {
        if let writer = map.resultWriter, writer.resource != nil {
            stopBranches(of: frame)
            export(frame, definition, writer)
        } else {
            fail(frame, .toleranceExceeded, after: previous)
        }
    }

    private mutating func itemsRead(
        _ frame: FrameID, _ definition: State, _ map: MapDefinition
    ) throws(StateFailure) {
        guard let visit = state.frames[frame]?.visit, let join = state.frames[frame]?.join, let read = join.read
        else { return }
        let evaluation = evaluation(frame, definition, visit, at: join.startedAt)
        try plan(evaluation.items(read: read, by: map), frame, map, evaluation)
        continueMap(frame, definition, map, freed: nil)
    }

    /// AWS's form: `arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID`.
    func mapRunARN(_ frame: FrameID, _ visit: StateVisit, _ map: MapDefinition) -> String {
        var random = SplitMix64(seed: state.seed, salts: visit.enteredID, visit.retryCount, frame, 1)
        let parts = identity.stateMachineARN.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let label = map.label ?? random.uuid()
        let run = "mapRun:\(identity.stateMachineName)/\(label):\(random.uuid())"
        return parts.prefix(5).joined(separator: ":") + ":" + run
    }
}

extension Resource {
    /// Whether the task reads the items of a distributed Map; the other task of a Map writes its results.
    var readsItems: Bool {
        switch kind {
        case .integration("s3", "getObject"), .integration("s3", "listObjectsV2"): true
        default: false
        }
    }
}

extension StateEvaluation {
    /// The most items that a Map reads (AWS quota).
    static let mostItems = 100_000_000.0

    /// What the reader of items is asked: `Parameters` for the service, and `ReaderConfig`.
    fileprivate func request(of reader: ItemReader) throws(StateFailure) -> JSONValue {
        var config = JSONObject()
        for (name, template) in reader.config {
            config[name] = try value(template, input: selectedInput(), field: "ItemReader/ReaderConfig/\(name)")
        }
        if let template = reader.maxItems {
            let number = try number(template, "MaxItems", kind: "integer")
            guard number >= 0 else {
                throw failure(error: ErrorName.itemReaderFailed, cause: "field MaxItems must be positive")
            }
            config["MaxItems"] = .int(Int64(min(number, Self.mostItems)))
        }
        let arguments = try arguments(reader.arguments, field: "ItemReader")
        return .object(["Parameters": arguments, "ReaderConfig": .object(config)])
    }

    /// What the writer of results is asked, without the results.
    fileprivate func request(of writer: ResultWriter) throws(StateFailure) -> JSONValue {
        .object([
            "Parameters": try arguments(writer.arguments, field: "ResultWriter"),
            "OutputType": .string(writer.outputType.rawValue),
            "Transformation": .string(writer.transformation.rawValue),
        ])
    }

    /// Where the items come from, in the words of the context object.
    func source(of reader: ItemReader) throws(StateFailure) -> String {
        let arguments = try arguments(reader.arguments, field: "ItemReader")
        let key = arguments["Key"]?.stringValue.map { "/" + $0 } ?? ""
        return "S3://" + (arguments["Bucket"]?.stringValue ?? "") + key
    }

    private func arguments(_ template: Template?, field: String) throws(StateFailure) -> JSONValue {
        guard let template else { return [:] }
        return try value(
            template, input: selectedInput(),
            field: "\(field)/\(definition.queryLanguage == .jsonata ? "Arguments" : "Parameters")")
    }
}
