import JSONModel
import StatesLanguage
import WallTime

/// Stimuli that concern the execution as a whole.
extension Advance {
    mutating func start(input: JSONValue, seed: UInt64) throws(InterpreterError) {
        guard !state.isStarted else { throw .alreadyStarted }
        record(.executionStarted(input: input, seed: seed), in: 0)
        recordDeadline()
        resume(0)
    }

    mutating func stop(error: String?, cause: String?) throws(InterpreterError) {
        try expectRunning()
        end(.executionAborted(error: error, cause: cause))
    }

    /// Everything that is due happens, the longest due first; what is not due waits on.
    mutating func wake() throws(InterpreterError) {
        try expectRunning()
        if let deadline = state.deadline, deadline <= now {
            return end(.executionTimedOut(TaskFailure(error: ErrorName.timeout, cause: "")))
        }
        let frames = state.frames.all
        for frame in frames where state.frames.isReady(frame) { resume(frame.id) }
        let due = frames.filter { frame in frame.due.map { $0 <= now } ?? false }
        for frame in due.sorted(by: Frame.isDueEarlier) {
            // The rest stays due.
            guard hasTime() else { break }
            // What happened to another branch may have ended this one.
            guard state.outcome == nil, let visit = state.frames[frame.id]?.visit,
                visit.activity == frame.visit?.activity
            else { continue }
            try timePassed(frame.id, visit)
        }
    }

    private mutating func timePassed(_ frame: FrameID, _ visit: StateVisit) throws(InterpreterError) {
        let definition = try definition(of: visit.name, in: frame)
        switch visit.activity {
        case .waiting:
            do {
                try waited(frame, definition, visit)
                resume(frame)
            } catch {
                handle(error, in: frame, definition)
            }
        case .retrying:
            try step(frame)
            resume(frame)
        case .task(let open): taskTimedOut(open, in: frame)
        case .running, .joining, .stopped: break
        }
    }

    mutating func redrive() throws(InterpreterError) {
        guard state.isStarted else { throw .notStarted }
        if let reason = state.redriveRefusal { throw .notRedrivable(reason) }
        record(.executionRedriven(count: state.redriveCount + 1), in: 0, after: state.lastEventID)
        recordDeadline()
        for frame in state.frames.all.map(\.id) {
            // A Map that fails at once ends what is in it, and perhaps the execution.
            guard state.outcome == nil, let frame = state.frames[frame] else { continue }
            if state.frames.isReady(frame) { resume(frame.id) }
            if frame.visit?.activity == .joining { try rejoin(frame.id) }
        }
    }

    private mutating func recordDeadline() {
        guard let seconds = machine.timeoutSeconds else { return }
        record(.executionDeadline(now.adding(seconds: seconds)), in: 0)
    }

    func expectRunning() throws(InterpreterError) {
        guard state.isStarted else { throw .notStarted }
        guard state.outcome == nil else { throw .alreadyEnded }
    }
}

extension Frame {
    fileprivate static func isDueEarlier(_ left: Frame, _ right: Frame) -> Bool {
        (left.due ?? .distantFuture, left.id) < (right.due ?? .distantFuture, right.id)
    }
}
