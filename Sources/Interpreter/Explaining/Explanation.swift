package import JSONModel
package import StatesLanguage
package import WallTime

/// Why an execution is where it is, for people: what it waits for, or why it failed.
package struct Explanation: Sendable, Equatable {
    package enum Status: String, Sendable {
        case notStarted = "NOT_STARTED"
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case aborted = "ABORTED"
        case timedOut = "TIMED_OUT"
    }

    /// One thing that the execution waits for. A Parallel or Map and each of its branches are things of their own.
    package struct Wait: Sendable, Equatable {
        package var frame: FrameID
        package var state: String
        package var type: StateType
        package var reason: Reason
        /// When the state was entered.
        package var since: Instant
        /// When the execution goes on by itself, if the world does nothing.
        package var due: Instant?
        /// The same in a sentence.
        package var words: String
    }

    package enum Reason: Sendable, Equatable {
        /// A Wait state.
        case time(until: Instant)
        /// A task that was scheduled; `startedAt` is nil while no worker has taken it; of a task that is done in
        /// the process that is asked, it is when it was scheduled.
        case task(resource: String, scheduledAt: Instant, startedAt: Instant?, attempt: Attempt)
        /// A task whose request was sent, and whose result comes with its token or when the job ends; `child` is the
        /// execution that it has started, where it is one.
        case callback(resource: String, child: String?, since: Instant, attempt: Attempt)
        /// The next try after an error.
        case retry(at: Instant, attempt: Attempt, failure: TaskFailure)
        /// The branches of a Parallel or the iterations of a Map.
        case branches(ended: Int, failed: Int, count: Int)
        /// Nothing: the engine is about to go on.
        case engine
    }

    /// The try that is meant, counted from 1, and how many there can be.
    package struct Attempt: Sendable, Equatable {
        package var number: Int
        package var most: Int
    }

    /// Why the execution ended badly.
    package struct Failure: Sendable, Equatable {
        /// The state that failed, innermost; nil when the execution as a whole was stopped or ran too long.
        package var state: String?
        package var error: String?
        package var cause: String?
        /// The step whose failure was caught on the way there; nil when the state itself is the step.
        package var step: FailedStep?
        /// Of the distributed Map that failed.
        package var iterations: FailedIterations?

        /// An empty text says nothing.
        init(state: String?, error: String?, cause: String?) {
            self.state = state
            self.error = error?.isEmpty == true ? nil : error
            self.cause = cause?.isEmpty == true ? nil : cause
        }
    }

    /// What a redrive of an execution that did not succeed would come to.
    package enum Redrive: Sendable, Equatable {
        /// It goes on from where the execution failed.
        case goesOn
        /// It would end in this state again, which only computes.
        case endsAgain(state: String, type: StateType)
        case refused(reason: String)
    }

    package var status: Status
    /// What the execution was started with.
    package var input: JSONValue
    /// When the execution ended, else when it started; nil before the start.
    package var since: Instant?
    package var waits: [Wait]
    package var failure: Failure?
    /// When it goes on by itself: while it runs, and after it has failed when its dead letter is redriven.
    package var nextDue: Instant?
    /// Nil while it runs, and after it has succeeded.
    package var redrive: Redrive?
    /// The dead letter that redrives it by itself.
    package var deadLetter: Int64?
    /// The whole in plain words, one sentence a line.
    package var lines: [String]

    /// The explanation for programs.
    package var json: JSONValue {
        var object: JSONObject = ["status": .string(status.rawValue)]
        object["since"] = since.map { .string($0.iso8601) }
        object["nextDue"] = nextDue.map { .string($0.iso8601) }
        object["waitsFor"] = waits.isEmpty ? nil : .array(waits.map(\.json))
        if let failure {
            var members = JSONObject()
            members["state"] = failure.state.map { .string($0) }
            members["error"] = failure.error.map { .string($0) }
            members["cause"] = failure.cause.map { .string($0) }
            members["step"] = failure.step.map { .object($0.members) }
            members["iterations"] = failure.iterations.map { .object($0.members) }
            object["failure"] = .object(members)
        }
        object["explanation"] = .array(lines.map { .string($0) })
        return .object(object)
    }
}

extension FailedStep {
    fileprivate var members: JSONObject {
        var object: JSONObject = ["state": .string(state)]
        object["resource"] = resource.map { .string($0) }
        object["error"] = .string(failure.error)
        object["cause"] = .string(failure.cause)
        object["at"] = .string(at.iso8601)
        object["attempts"] = .int(Int64(tries))
        object["iterations"] = iterations.map { .object($0.members) }
        return object
    }
}

extension FailedIterations {
    fileprivate var members: JSONObject {
        [
            "failed": .int(Int64(count)),
            "first": [
                "item": .int(Int64(item)), "state": .string(state), "error": .string(failure.error),
                "cause": .string(failure.cause), "at": .string(at.iso8601),
            ],
        ]
    }
}

extension Explanation.Wait {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "state": .string(state), "type": .string(type.rawValue), "since": .string(since.iso8601),
        ]
        object["due"] = due.map { .string($0.iso8601) }
        switch reason {
        case .time: object["for"] = "time"
        case .task(let resource, _, _, let attempt):
            object["for"] = "task"
            object["resource"] = .string(resource)
            object.add(attempt.members)
        case .callback(let resource, let child, _, let attempt):
            object["for"] = "callback"
            object["resource"] = .string(resource)
            object["execution"] = child.map { .string($0) }
            object.add(attempt.members)
        case .retry(_, let attempt, let failure):
            object["for"] = "retry"
            object["error"] = .string(failure.error)
            object["cause"] = .string(failure.cause)
            object.add(attempt.members)
        case .branches(let ended, let failed, let count):
            object["for"] = "branches"
            object.add(["ended": .int(Int64(ended)), "failed": .int(Int64(failed)), "count": .int(Int64(count))])
        case .engine: object["for"] = "engine"
        }
        return .object(object)
    }
}

extension Explanation.Attempt {
    fileprivate var members: JSONObject {
        ["attempt": .int(Int64(number)), "attempts": .int(Int64(most))]
    }
}
