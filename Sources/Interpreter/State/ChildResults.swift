import JSONModel
import StatesLanguage
import WallTime

/// The results of a distributed Map as its `ResultWriter` gives them out, by how the child executions ended (AWS,
/// "ResultWriter (Map)").
struct ChildResults {
    var succeeded: [JSONValue] = []
    /// Those that were aborted are among them.
    var failed: [JSONValue] = []
    /// Those that were not started, because the Map had failed before.
    var pending: [JSONValue] = []

    var json: JSONValue {
        ["SUCCEEDED": .array(succeeded), "FAILED": .array(failed), "PENDING": .array(pending)]
    }
}

extension ExecutionState {
    /// Of a Map's child executions that have succeeded, what `transformation` leaves; of the others, all that is known.
    func childResults(
        of frame: Frame, _ join: Join, _ transformation: ResultWriter.Transformation
    ) -> ChildResults {
        guard let mapRun = join.mapRun else { return ChildResults() }
        var results = ChildResults()
        for index in 0..<join.count {
            if let output = frame.results[index] {
                switch (transformation, output) {
                case (.none, _):
                    let run = frame.childRuns[index]
                    results.succeeded.append(describe(index, mapRun, run, "SUCCEEDED", output: output))
                case (.flatten, .array(let elements)): results.succeeded += elements
                default: results.succeeded.append(output)
                }
            } else if let run = frame.children[index].flatMap({ frames[$0] })?.run {
                let status = join.failed.contains(index) ? "FAILED" : "ABORTED"
                results.failed.append(describe(index, mapRun, run, status))
            } else {
                results.pending.append(describe(index, mapRun, nil, "PENDING"))
            }
        }
        return results
    }

    /// Inputs and outputs are texts that hold JSON, as in AWS's files.
    private func describe(
        _ index: Int, _ mapRun: MapRun, _ run: ChildRun?, _ status: String, output: JSONValue? = nil
    ) -> JSONValue {
        var object: JSONObject = [
            "ExecutionArn": .string(mapRun.childARN(index)), "Name": .string(mapRun.childName(index)),
            "StateMachineArn": .string(mapRun.stateMachineARN), "Status": .string(status),
        ]
        object["StartDate"] = (run?.startedAt).map { .string($0.iso8601) }
        object["StopDate"] = (run?.endedAt).map { .string($0.iso8601) }
        for (name, value) in [("Input", run?.input), ("Output", output)] {
            guard let value else { continue }
            object[name] = .string(value.jsonString)
            object[name + "Details"] = ["Included": true]
        }
        if let failure = run?.failure {
            object["Error"] = .string(failure.error)
            object["Cause"] = .string(failure.cause)
        }
        object["RedriveCount"] = .int(Int64(redriveCount))
        let isFull = run?.hasRoomForRedrive == false
        let isRedrivable = status != "SUCCEEDED" && !isFull
        object["RedriveStatus"] = .string(isRedrivable ? "REDRIVABLE_BY_MAP_RUN" : "NOT_REDRIVABLE")
        if status == "SUCCEEDED" {
            object["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
        } else if isFull {
            object["RedriveStatusReason"] = "Execution history event limit exceeded"
        }
        return .object(object)
    }
}
