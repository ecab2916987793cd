import Interpreter
import JSONModel
import StatesLanguage
import WallTime

/// How an execution ended that a Task of another waits for (AWS, `states:startExecution.sync`).
package struct NestedEnd: Sendable {
    var record: ExecutionRecord
    var executionARN: String
    var stateMachineARN: String
    var input: JSONValue
    var output: JSONValue?

    /// The task's result: what `DescribeExecution` says, with input and output as texts that hold JSON, or with
    /// `.sync:2` as they are.
    func stimulus(for order: TaskOrder) -> Stimulus {
        let isParsed = order.resource.pattern == .sync2
        let payload = { (value: JSONValue) in isParsed ? value : .string(value.jsonString) }
        var object = JSONObject()
        object["Cause"] = record.cause.map { .string($0) }
        object["Error"] = record.error.map { .string($0) }
        object["ExecutionArn"] = .string(executionARN)
        object["Input"] = payload(input)
        object["InputDetails"] = ["Included": true]
        object["Name"] = .string(ExecutionNames.given(record.name))
        if let output {
            object["Output"] = payload(output)
            object["OutputDetails"] = ["Included": true]
        }
        object["StartDate"] = .int(record.startedAt.milliseconds)
        object["StateMachineArn"] = .string(stateMachineARN)
        object["Status"] = .string(record.status.rawValue)
        object["StopDate"] = record.stoppedAt.map { .int($0.milliseconds) }
        if record.status == .succeeded { return .taskSucceeded(order.task, output: .object(object)) }
        let cause = JSONValue.object(object).jsonString
        return .taskFailed(order.task, TaskFailure(error: "States.TaskFailed", cause: cause))
    }
}

extension EngineCore {
    /// - Returns: nil while it runs.
    func end(of child: ExecutionID, in transaction: Transaction) throws -> NestedEnd? {
        guard let record = try transaction.execution(child), record.status != .running else { return nil }
        let state = try load(child, in: transaction).state
        var output: JSONValue?
        if case .succeeded(let value) = state.outcome { output = value }
        return NestedEnd(
            record: record, executionARN: executionARN(record.name, of: record.stateMachine),
            stateMachineARN: machineARN(record.stateMachine), input: state.input, output: output)
    }

    /// Who waits for this execution is told of its end, and what it waits for and no longer wants is to end.
    ///
    /// A child can end before its parent has recorded that it was started; so both commits look at the other.
    func settleNested(_ turn: Turn, hasEnded: Bool, in work: Work<Transaction>) throws {
        let id = turn.execution.id
        if hasEnded, let nested = try work.transaction.nested(id) {
            if nested.isAwaited, try work.transaction.execution(nested.parent)?.status == .running {
                work.effects.append(.nestedEnded(nested))
            } else {
                try work.transaction.removeNested(id)
            }
        }
        guard hasEnded || !turn.cancelled.isEmpty || !turn.submitted.isEmpty else { return }
        for nested in try work.transaction.nested(of: id) where nested.isAwaited {
            if hasEnded || turn.cancelled.contains(nested.task) {
                try giveUp(nested, in: work)
            } else if turn.submitted.contains(nested.task),
                try work.transaction.execution(nested.child)?.status != .running
            {
                work.effects.append(.nestedEnded(nested))
            }
        }
    }
}
