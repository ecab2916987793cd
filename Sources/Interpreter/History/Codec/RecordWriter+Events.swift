import JSONModel
import StatesLanguage
import WallTime

extension RecordWriter {
    mutating func event(_ event: HistoryEvent, _ state: inout HeaderState) {
        header(event, kind: event.kind.number.rawValue, &state)
        switch event.kind {
        case .executionStarted(let input, let seed):
            json(input)
            unsigned(seed)
        case .executionSucceeded(let output): json(output)
        case .executionFailed(let failure), .executionTimedOut(let failure), .parallelFailed(let failure),
            .mapFailed(let failure), .mapRunFailed(let failure):
            self.failure(failure)
        case .executionAborted(let error, let cause):
            optional(error) { $0.string($1) }
            optional(cause) { $0.string($1) }
        case .executionRedriven(let count): integer(count)
        case .executionDeadline(let at), .waiting(let at): instant(at)
        case .parallelStarted(let count), .mapStarted(let count), .mapPlanned(let count): integer(count)
        case .mapRunStarted(let run): string(run)
        case .mapRunUpdated(let bounds): json(bounds.json)
        case .parallelSucceeded, .mapSucceeded, .mapRunSucceeded: break
        case .iterationStarted(let name, let index), .iterationSucceeded(let name, let index),
            .iterationFailed(let name, let index, nil), .iterationAborted(let name, let index):
            string(name)
            integer(index)
        case .iterationFailed(let name, let index, let failure?):
            string(name)
            integer(index)
            self.failure(failure)
        case .retryPlanned(let at, let retrier):
            instant(at)
            integer(retrier)
        default: stateOrTask(event.kind)
        }
    }

    private mutating func stateOrTask(_ kind: HistoryEvent.Kind) {
        switch kind {
        case .stateEntered(let type, let name, let input):
            state(type, name)
            json(input)
        case .stateExited(let type, let name, let output, let assigned):
            state(type, name)
            json(output)
            optional(assigned.isEmpty ? nil : assigned) { $0.json(.object($1)) }
        case .stateAborted(let type, let name): state(type, name)
        case .evaluationFailed(let failure, let name, let location):
            self.failure(failure)
            string(name)
            string(location)
        case .taskScheduled(let task):
            string(task.resource)
            json(task.parameters)
            optional(task.timeoutSeconds) { $0.integer($1) }
            optional(task.heartbeatSeconds) { $0.integer($1) }
            if let role = task.roleARN { string(role) }
        case .taskStarted(let task, let worker):
            integer(task)
            optional(worker) { $0.string($1) }
        case .taskSubmitted(let task, let output), .taskSucceeded(let task, let output):
            integer(task)
            json(output)
        case .taskStartFailed(let task, let failure), .taskFailed(let task, let failure),
            .taskTimedOut(let task, let failure):
            integer(task)
            self.failure(failure)
        case .taskHeartbeat(let task): integer(task)
        default: break
        }
    }

    private mutating func state(_ type: StateType, _ name: String) {
        byte(type.number)
        string(name)
    }
}
