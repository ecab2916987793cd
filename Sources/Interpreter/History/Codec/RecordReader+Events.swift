import JSONModel
import StatesLanguage
import WallTime

extension RecordReader {
    mutating func event(_ state: inout HeaderState) throws(HistoryCodecError) -> HistoryEvent {
        let (number, header) = try header(&state)
        guard let kind = KindNumber(rawValue: number) else { throw damage("there is no event kind \(number)") }
        let event = HistoryEvent(
            id: header.id, previousID: header.previousID, at: Instant(milliseconds: header.at), frame: header.frame,
            kind: try self.kind(kind))
        state.follow(event)
        return event
    }

    private mutating func kind(_ number: KindNumber) throws(HistoryCodecError) -> HistoryEvent.Kind {
        switch number {
        case .executionStarted: .executionStarted(input: try json(), seed: try unsigned())
        case .executionSucceeded: .executionSucceeded(output: try json())
        case .executionFailed: .executionFailed(try failure())
        case .executionAborted: .executionAborted(error: try optionalString(), cause: try optionalString())
        case .executionTimedOut: .executionTimedOut(try failure())
        case .executionRedriven: .executionRedriven(count: try integer())
        case .executionDeadline: .executionDeadline(try instant())
        case .stateEntered, .stateExited, .stateAborted, .evaluationFailed: try stateKind(number)
        case .taskScheduled, .taskStarted, .taskStartFailed, .taskSubmitted, .taskSucceeded, .taskFailed, .taskTimedOut,
            .taskScheduledWithRole:
            try taskKind(number)
        case .waiting: .waiting(until: try instant())
        case .retryPlanned: .retryPlanned(at: try instant(), retrier: try integer())
        case .taskHeartbeat: .taskHeartbeat(try integer())
        case .parallelStarted, .parallelSucceeded, .parallelFailed, .mapStarted, .mapSucceeded, .mapFailed,
            .iterationStarted, .iterationSucceeded, .iterationFailed, .iterationAborted, .mapRunStarted,
            .mapRunSucceeded, .mapRunFailed, .childFailed, .mapPlanned,
            .mapRunUpdated:
            try joinKind(number)
        }
    }

    private mutating func stateKind(_ number: KindNumber) throws(HistoryCodecError) -> HistoryEvent.Kind {
        switch number {
        case .stateEntered: .stateEntered(try type(), name: try string(), input: try json())
        case .stateExited:
            .stateExited(try type(), name: try string(), output: try json(), assigned: try assigned())
        case .stateAborted: .stateAborted(try type(), name: try string())
        default: .evaluationFailed(try failure(), state: try string(), location: try string())
        }
    }

    private mutating func taskKind(_ number: KindNumber) throws(HistoryCodecError) -> HistoryEvent.Kind {
        switch number {
        case .taskScheduled: .taskScheduled(try scheduledTask(withRole: false))
        case .taskScheduledWithRole: .taskScheduled(try scheduledTask(withRole: true))
        case .taskStarted: .taskStarted(try integer(), worker: try optionalString())
        case .taskStartFailed: .taskStartFailed(try integer(), try failure())
        case .taskSubmitted: .taskSubmitted(try integer(), output: try json())
        case .taskSucceeded: .taskSucceeded(try integer(), output: try json())
        case .taskFailed: .taskFailed(try integer(), try failure())
        default: .taskTimedOut(try integer(), try failure())
        }
    }

    private mutating func scheduledTask(withRole: Bool) throws(HistoryCodecError) -> ScheduledTask {
        ScheduledTask(
            resource: try string(), parameters: try json(), timeoutSeconds: try optionalInteger(),
            heartbeatSeconds: try optionalInteger(), roleARN: withRole ? try string() : nil)
    }

    private mutating func joinKind(_ number: KindNumber) throws(HistoryCodecError) -> HistoryEvent.Kind {
        switch number {
        case .parallelStarted: .parallelStarted(branches: try integer())
        case .parallelSucceeded: .parallelSucceeded
        case .parallelFailed: .parallelFailed(try failure())
        case .mapStarted: .mapStarted(length: try integer())
        case .mapSucceeded: .mapSucceeded
        case .mapFailed: .mapFailed(try failure())
        case .iterationStarted: .iterationStarted(state: try string(), index: try integer())
        case .iterationSucceeded: .iterationSucceeded(state: try string(), index: try integer())
        case .iterationFailed: .iterationFailed(state: try string(), index: try integer(), nil)
        case .childFailed: .iterationFailed(state: try string(), index: try integer(), try failure())
        case .mapPlanned: .mapPlanned(iterations: try integer())
        case .mapRunUpdated: .mapRunUpdated(MapRunBounds(json: try json()))
        case .iterationAborted: .iterationAborted(state: try string(), index: try integer())
        case .mapRunStarted: .mapRunStarted(mapRun: try string())
        case .mapRunSucceeded: .mapRunSucceeded
        default: .mapRunFailed(try failure())
        }
    }

    private mutating func optionalString() throws(HistoryCodecError) -> String? {
        guard try byte() == 1 else { return nil }
        return try string()
    }

    private mutating func optionalInteger() throws(HistoryCodecError) -> Int? {
        guard try byte() == 1 else { return nil }
        return try integer()
    }

    private mutating func assigned() throws(HistoryCodecError) -> JSONObject {
        guard try byte() == 1 else { return [:] }
        guard let object = try json().objectValue else { throw damage("assigned variables are no object") }
        return object
    }

    private mutating func type() throws(HistoryCodecError) -> StateType {
        let number = Int(try byte())
        guard StateType.numbered.indices.contains(number) else { throw damage("there is no state type \(number)") }
        return StateType.numbered[number]
    }
}
