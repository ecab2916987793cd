import Engine
import Interpreter
import JSONModel
import WallTime

/// An iteration of a distributed Map. AWS calls it an execution, with an ARN of its own; here it lives inside its
/// parent's history.
struct MapIteration {
    /// The execution that runs the Map.
    let parent: ExecutionRecord
    let run: MapRunHistory
    let child: MapRunHistory.Child

    var arn: String { run.mapRun.childARN(child.index) }
    var parentName: String { "\(parent.stateMachine):\(parent.name)" }

    /// The state that it is or was in last.
    var state: String? {
        for event in child.history.reversed() {
            if case .stateEntered(_, let name, _) = event.kind { return name }
        }
        return nil
    }
}

extension EngineCore {
    /// An iteration's name follows from its Map Run and its index.
    /// - Parameter label: of the Map Run, `MACHINE/LABEL`.
    func iteration(
        named name: String, labelled label: String, in transaction: Transaction
    ) throws -> MapIteration? {
        guard label.contains("/") else { return nil }
        // A Map within a Map has a run for each outer iteration: many of one execution, one after the other.
        var read: (record: ExecutionRecord, events: [HistoryEvent])?
        for known in try transaction.mapRuns(labelled: label) {
            if read?.record.id != known.execution {
                read = try transaction.execution(known.execution).map { ($0, try history(of: $0, in: transaction)) }
            }
            let mapRun = MapRun(arn: known.arn)
            guard let (record, events) = read, let run = MapRunHistory(mapRun, in: events),
                let child = run.children.values.first(where: { mapRun.childName($0.index) == name })
            else { continue }
            return MapIteration(parent: record, run: run, child: child)
        }
        return nil
    }
}

extension Rendering {
    /// What an execution shows, as far as an iteration has it.
    func execution(_ iteration: MapIteration) -> JSONObject {
        let (child, mapRun) = (iteration.child, iteration.run.mapRun)
        var object: JSONObject = [
            "name": .string(mapRun.childName(child.index)), "arn": .string(iteration.arn),
            "stateMachine": .string(mapRun.machineAndLabel), "mapRun": .string(mapRun.arn),
            "parent": .string(iteration.parentName), "item": .int(Int64(child.index)),
            "status": .string(child.status.rawValue), "startedAt": .string(child.startedAt.iso8601),
            "stoppedAt": .optional(child.stoppedAt?.iso8601), "error": .optional(child.failure?.error),
            "cause": .optional(child.failure?.cause), "input": child.input ?? .null,
        ]
        object["output"] = child.output
        object["states"] = .array(child.status == .running ? iteration.state.map { [.string($0)] } ?? [] : [])
        return object
    }

    func explanation(_ iteration: MapIteration) -> JSONObject {
        let child = iteration.child
        let at = (child.stoppedAt ?? child.startedAt).iso8601
        let state = iteration.state.map { " in the state '\($0)'" } ?? ""
        let end =
            switch child.status {
            case .running: "runs since \(at)\(iteration.state.map { " and is in the state '\($0)'" } ?? "")"
            case .succeeded: "succeeded at \(at)"
            case .aborted: "was stopped\(state) at \(at)"
            case .failed: "failed\(state) at \(at)"
            }
        let why = [child.failure?.error, child.failure?.cause].compactMap(\.self).filter { !$0.isEmpty }
        let summary = (["The iteration \(end)"] + why).joined(separator: ": ")
        return [
            "status": .string(child.status.rawValue), "since": .string(at), "run": .string(iteration.arn),
            "summary": .string(summary.hasSuffix(".") ? summary : summary + "."),
            "details": [
                .string(
                    "It is the iteration for item \(child.index) of the Map '\(iteration.run.state)' of the execution "
                        + "\(iteration.parentName), which is stopped and redriven as a whole.")
            ],
            "nextDue": .null, "suggestion": .string("workflowctl run why \(iteration.parentName)"),
        ]
    }
}
