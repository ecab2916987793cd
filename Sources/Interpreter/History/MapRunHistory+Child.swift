package import JSONModel
package import WallTime

extension MapRunHistory {
    /// One child execution.
    package struct Child: Sendable {
        package let index: Int
        package let startedAt: Instant
        package private(set) var stoppedAt: Instant?
        package private(set) var status = Status.running
        package private(set) var input: JSONValue?
        package private(set) var output: JSONValue?
        package private(set) var failure: TaskFailure?
        package private(set) var redriveCount = 0
        /// When it was redriven last.
        package private(set) var redrivenAt: Instant?
        private let frame: FrameID
        /// Those that were recorded, whose ids are negative, and between them how it ended before a redrive, and the
        /// redrive, under the id that this has in the parent's history.
        private var events: [HistoryEvent] = []

        init(index: Int, startedAt: Instant, frame: FrameID) {
            self.index = index
            self.startedAt = startedAt
            self.frame = frame
        }
    }
}

extension MapRunHistory.Child {
    mutating func read(_ event: HistoryEvent) {
        events.append(event)
        guard event.frame == frame else { return }
        switch event.kind {
        case .stateEntered(_, _, let input): self.input = self.input ?? input
        case .stateExited(_, _, let output, _): self.output = output
        default: break
        }
    }

    mutating func end(_ status: MapRunHistory.Status, _ at: Instant, _ failure: TaskFailure? = nil) {
        (self.status, stoppedAt, self.failure) = (status, at, failure)
        if status != .succeeded { output = nil }
    }

    /// Whether it has ended with a history that has no room for a redrive.
    package var isFull: Bool { stoppedAt != nil && !HistoryLimits.hasRoomForRedrive(events.count) }

    /// - Parameter event: the redrive of the execution around it.
    mutating func redrive(_ event: HistoryEvent) {
        if let end { events.append(end) }
        redriveCount += 1
        redrivenAt = event.at
        events.append(
            HistoryEvent(
                id: event.id, previousID: 0, at: event.at, frame: frame, kind: .executionRedriven(count: redriveCount)))
        (status, stoppedAt, failure) = (.running, nil, nil)
    }

    /// The child's own history, numbered from 1, with the starts and the ends that its parent's history does without.
    package var history: [HistoryEvent] {
        var numbers: [Int: Int] = [:]
        /// The last number of each branch, which follows where the event before is another execution's.
        var last: [FrameID: Int] = [:]
        var own = [
            HistoryEvent(
                id: 1, previousID: 0, at: startedAt, frame: frame,
                kind: .executionStarted(input: input ?? .null, seed: 0))
        ]
        for event in events + (end.map { [$0] } ?? []) {
            var shown = event
            shown.id = own.count + 1
            if event.id < 0 {
                shown.previousID =
                    event.previousID == 0 ? 0 : numbers[event.previousID] ?? last[event.frame] ?? own.count
                shown.kind = event.kind.renumbered { numbers[$0] ?? $0 }
            } else {
                shown.previousID = own.count
            }
            numbers[event.id] = shown.id
            last[event.frame] = shown.id
            own.append(shown)
        }
        return own
    }

    /// How it has ended, without a number.
    private var end: HistoryEvent? {
        guard let stoppedAt else { return nil }
        let kind: HistoryEvent.Kind
        switch status {
        case .running: return nil
        case .succeeded: kind = .executionSucceeded(output: output ?? .null)
        case .failed: kind = .executionFailed(failure ?? TaskFailure(error: "", cause: ""))
        case .aborted: kind = .executionAborted(error: nil, cause: nil)
        }
        return HistoryEvent(id: 0, previousID: 0, at: stoppedAt, frame: frame, kind: kind)
    }
}

extension HistoryEvent.Kind {
    /// The same about the task that has the new number.
    fileprivate func renumbered(_ number: (TaskID) -> TaskID) -> Self {
        switch self {
        case .taskStarted(let task, let worker): .taskStarted(number(task), worker: worker)
        case .taskStartFailed(let task, let failure): .taskStartFailed(number(task), failure)
        case .taskSubmitted(let task, let output): .taskSubmitted(number(task), output: output)
        case .taskSucceeded(let task, let output): .taskSucceeded(number(task), output: output)
        case .taskFailed(let task, let failure): .taskFailed(number(task), failure)
        case .taskTimedOut(let task, let failure): .taskTimedOut(number(task), failure)
        default: self
        }
    }
}
