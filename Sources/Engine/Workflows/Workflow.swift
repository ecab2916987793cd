import WallTime

/// A state machine bound to what starts it and to how it is operated: a file in `workflows/`.
package struct Workflow: Sendable {
    package var name: String
    package var description: String?
    package var stateMachine: String
    /// Starts it by the clock.
    package var schedule: WorkflowSchedule?
    /// Starts it for every event that matches. With neither it is started by hand.
    package var event: EventPattern?
    /// The input of its executions; nil gives them the event itself.
    package var input: InputTemplate?
    /// Makes the name of an execution from the event; nil derives it from the event's id or the slot's time.
    package var executionName: InputTemplate?
    package var overlap: OverlapPolicy
    package var catchUp: CatchUpPolicy
    /// How long an execution may take before it ends as timed out.
    package var deadline: Duration?
    package var deadLetter: DeadLetterPolicy
    package var enabled: Bool
    package var file: String?

    package init(
        name: String, description: String? = nil, stateMachine: String, schedule: WorkflowSchedule? = nil,
        event: EventPattern? = nil, input: InputTemplate? = nil, executionName: InputTemplate? = nil,
        overlap: OverlapPolicy? = nil, catchUp: CatchUpPolicy = CatchUpPolicy(), deadline: Duration? = nil,
        deadLetter: DeadLetterPolicy = DeadLetterPolicy(), enabled: Bool = true, file: String? = nil
    ) {
        self.name = name
        self.description = description
        self.stateMachine = stateMachine
        self.schedule = schedule
        self.event = event
        self.input = input
        self.executionName = executionName
        self.overlap = overlap ?? (schedule == nil ? .allowAll : .skip)
        self.catchUp = catchUp
        self.deadline = deadline
        self.deadLetter = deadLetter
        self.enabled = enabled
        self.file = file
    }
}

/// When a scheduled workflow starts.
package struct WorkflowSchedule: Sendable, Hashable {
    package var expression: ScheduleExpression
    /// An IANA name.
    package var timeZone: String
    /// A fire is put off by up to this long, by an amount that depends only on the workflow's name and the slot.
    package var jitter: Duration

    package init(expression: ScheduleExpression, timeZone: String = "UTC", jitter: Duration = .zero) {
        self.expression = expression
        self.timeZone = timeZone
        self.jitter = jitter
    }
}

extension Workflow {
    /// The fields of a workflow file.
    static let fieldNames = [
        "name", "description", "stateMachine", "on", "input", "executionName", "overlap", "catchUp", "deadline",
        "deadLetter", "enabled",
    ]

    /// Whether a schedule starts it.
    var isScheduled: Bool { enabled && schedule != nil }
}

/// What a start does while an execution of the same workflow is still running.
package enum OverlapPolicy: String, Sendable, Hashable, CaseIterable {
    /// The new one is not started. The default of a schedule.
    case skip
    /// One start waits until the running execution has ended; further ones are skipped.
    case bufferOne = "buffer_one"
    /// Starts wait in order until the running executions have ended.
    case bufferAll = "buffer_all"
    /// The running execution is stopped; the new one starts when it has ended.
    case cancelOther = "cancel_other"
    /// The new one starts at once, and the running execution is stopped right after.
    case terminateOther = "terminate_other"
    /// Both run. The default of an event.
    case allowAll = "allow_all"
}

/// What becomes of the fires that a schedule missed while the daemon was down.
package struct CatchUpPolicy: Sendable, Hashable {
    package enum Policy: String, Sendable, Hashable, CaseIterable {
        /// None is made up for.
        case skip
        /// Only the latest.
        case latest
        /// Each, oldest first.
        case all
    }

    package var policy: Policy
    /// How late a fire may be and still be made up for.
    package var window: Duration
    /// How many are made up for at most: the latest ones.
    package var max: Int

    package init(policy: Policy = .latest, window: Duration = .seconds(3600), max: Int = 10) {
        self.policy = policy
        self.window = window
        self.max = max
    }
}

/// What becomes of the dead letter of an execution that failed for good.
package struct DeadLetterPolicy: Sendable, Hashable {
    package enum Policy: String, Sendable, Hashable, CaseIterable {
        /// It waits for a person.
        case wait
        /// It is redriven by itself, with growing delay, until the attempts are used up; then it waits for a person.
        case redrive
    }

    package var policy: Policy
    package var attempts: Int
    /// The delay before the first redrive; it doubles with each.
    package var backoff: Duration
    package var maxDelay: Duration

    package init(
        policy: Policy = .wait, attempts: Int = 3, backoff: Duration = .seconds(60),
        maxDelay: Duration = .seconds(3600)
    ) {
        self.policy = policy
        self.attempts = attempts
        self.backoff = backoff
        self.maxDelay = maxDelay
    }
}
