package import JSONModel
package import WallTime

/// The row number of an execution; `ExecutionRecord.name` is its public name.
package struct ExecutionID: RawRepresentable, Sendable, Hashable, Comparable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package static func < (left: ExecutionID, right: ExecutionID) -> Bool { left.rawValue < right.rawValue }
}

package struct StateMachineVersionID: RawRepresentable, Sendable, Hashable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

package struct DeadLetterID: RawRepresentable, Sendable, Hashable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

package enum ExecutionStatus: String, Sendable, Hashable, CaseIterable {
    case running = "RUNNING"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case timedOut = "TIMED_OUT"
    case aborted = "ABORTED"
}

/// A definition as it is stored: the text that a person wrote and the same as JSON.
package struct MachineDefinition: Sendable, Equatable {
    package var source: String
    package var json: JSONValue
    /// SHA-256 of the canonical JSON, in hexadecimal.
    package var hash: String
    /// The file it was read from, if any.
    package var file: String?

    package init(source: String, json: JSONValue, hash: String, file: String? = nil) {
        self.source = source
        self.json = json
        self.hash = hash
        self.file = file
    }
}

package struct StateMachineRecord: Sendable, Equatable {
    package var name: String
    package var createdAt: Instant
    package var current: StateMachineVersion
    /// The number of the version that it was made with: higher than 1 when it was deleted and made anew.
    package var firstNumber: Int

    package init(name: String, createdAt: Instant, current: StateMachineVersion, firstNumber: Int = 1) {
        self.name = name
        self.createdAt = createdAt
        self.current = current
        self.firstNumber = firstNumber
    }
}

package struct StateMachineVersion: Sendable, Equatable {
    package var id: StateMachineVersionID
    package var stateMachine: String
    /// From 1.
    package var number: Int
    package var definition: MachineDefinition
    package var settings: MachineSettings
    package var createdAt: Instant

    package init(
        id: StateMachineVersionID, stateMachine: String, number: Int, definition: MachineDefinition,
        settings: MachineSettings = .standard, createdAt: Instant
    ) {
        self.id = id
        self.stateMachine = stateMachine
        self.number = number
        self.definition = definition
        self.settings = settings
        self.createdAt = createdAt
    }
}

package struct NewExecution: Sendable, Equatable {
    package var stateMachine: String
    package var version: StateMachineVersionID
    package var name: String
    /// The workflow that started it; nil when started by hand or through the API.
    package var workflow: String?
    package var startedAt: Instant
    /// How the version was named at the start.
    package var qualifier: ExecutionQualifier

    package init(
        stateMachine: String, version: StateMachineVersionID, name: String, workflow: String?, startedAt: Instant,
        qualifier: ExecutionQualifier = ExecutionQualifier()
    ) {
        self.stateMachine = stateMachine
        self.version = version
        self.name = name
        self.workflow = workflow
        self.startedAt = startedAt
        self.qualifier = qualifier
    }
}

/// How the version of an execution was named when it was started: not at all, by its published number, or by an alias,
/// which leads to a number too.
package struct ExecutionQualifier: Sendable, Hashable {
    package var version: Int?
    package var alias: String?

    package init(version: Int? = nil, alias: String? = nil) {
        self.version = version
        self.alias = alias
    }
}

/// The projection of an execution that lists show; its history holds everything else.
package struct ExecutionRecord: Sendable, Equatable {
    package var id: ExecutionID
    package var stateMachine: String
    package var version: StateMachineVersionID
    package var name: String
    package var workflow: String?
    package var status: ExecutionStatus
    package var startedAt: Instant
    /// Nil while it runs.
    package var stoppedAt: Instant?
    package var error: String?
    package var cause: String?
    package var redriveCount: Int
    /// The last redrive; nil, too, of one by a version that did not keep it.
    package var redrivenAt: Instant?
    /// Whether it has left memory and waits to be woken.
    package var isParked: Bool
    package var wakeAt: Instant?
    package var qualifier: ExecutionQualifier

    package init(
        id: ExecutionID, stateMachine: String, version: StateMachineVersionID, name: String, workflow: String?,
        status: ExecutionStatus, startedAt: Instant, stoppedAt: Instant? = nil, error: String? = nil,
        cause: String? = nil, redriveCount: Int = 0, redrivenAt: Instant? = nil, isParked: Bool = false,
        wakeAt: Instant? = nil, qualifier: ExecutionQualifier = ExecutionQualifier()
    ) {
        self.id = id
        self.stateMachine = stateMachine
        self.version = version
        self.name = name
        self.workflow = workflow
        self.status = status
        self.startedAt = startedAt
        self.stoppedAt = stoppedAt
        self.error = error
        self.cause = cause
        self.redriveCount = redriveCount
        self.redrivenAt = redrivenAt
        self.isParked = isParked
        self.wakeAt = wakeAt
        self.qualifier = qualifier
    }
}

/// Which executions to list, newest first.
package struct ExecutionQuery: Sendable, Equatable {
    package var stateMachine: String?
    package var workflow: String?
    package var statuses: Set<ExecutionStatus>
    package var startedAfter: Instant?
    package var startedBefore: Instant?
    /// A name, or the beginning of one.
    package var namePrefix: String?
    /// The published version's number that it was started with.
    package var version: Int?
    package var alias: String?
    /// Continue after this execution (older ones).
    package var after: ExecutionID?
    package var limit: Int

    package init(
        stateMachine: String? = nil, workflow: String? = nil, statuses: Set<ExecutionStatus> = [],
        startedAfter: Instant? = nil, startedBefore: Instant? = nil, namePrefix: String? = nil,
        version: Int? = nil, alias: String? = nil, after: ExecutionID? = nil, limit: Int = 100
    ) {
        self.stateMachine = stateMachine
        self.workflow = workflow
        self.statuses = statuses
        self.startedAfter = startedAfter
        self.startedBefore = startedBefore
        self.namePrefix = namePrefix
        self.version = version
        self.alias = alias
        self.after = after
        self.limit = limit
    }
}

package struct ExecutionPage: Sendable, Equatable {
    package var executions: [ExecutionRecord]
    /// Give it as `after` for the next page; nil on the last.
    package var next: ExecutionID?

    package init(executions: [ExecutionRecord], next: ExecutionID?) {
        self.executions = executions
        self.next = next
    }
}

/// Where a scheduled workflow stands.
package struct ScheduleState: Sendable, Equatable {
    package var workflow: String
    /// The expression and zone that `nextFire` was computed from; when a file changes them, it is computed anew.
    package var expression: String
    package var nextFire: Instant?
    package var pausedAt: Instant?
    package var pauseReason: String?
    /// A fire that waits for the running execution to end (overlap policy `buffer_one` and `buffer_all`).
    package var buffered: [Instant]

    package init(
        workflow: String, expression: String, nextFire: Instant?, pausedAt: Instant? = nil, pauseReason: String? = nil,
        buffered: [Instant] = []
    ) {
        self.workflow = workflow
        self.expression = expression
        self.nextFire = nextFire
        self.pausedAt = pausedAt
        self.pauseReason = pauseReason
        self.buffered = buffered
    }
}

/// One slot of a schedule and what became of it.
package struct ScheduleFire: Sendable, Equatable {
    package enum Result: String, Sendable {
        case started, skippedOverlap, skippedMissed, skippedPaused, buffered, manual
        /// It could not be started; a dead letter says so, too.
        case failed
    }

    package var workflow: String
    /// The time the schedule names.
    package var nominal: Instant
    /// When it was acted upon.
    package var firedAt: Instant
    package var result: Result
    package var execution: String?
    package var reason: String?

    package init(
        workflow: String, nominal: Instant, firedAt: Instant, result: Result, execution: String? = nil,
        reason: String? = nil
    ) {
        self.workflow = workflow
        self.nominal = nominal
        self.firedAt = firedAt
        self.result = result
        self.execution = execution
        self.reason = reason
    }
}

package enum DeadLetterKind: String, Sendable, CaseIterable { case execution, event, notification, usage }

package enum DeadLetterStatus: String, Sendable, CaseIterable { case open, redriven, discarded }

package struct NewDeadLetter: Sendable, Equatable {
    package var kind: DeadLetterKind
    /// What failed: an execution's name, an event's id, a notice's id, a file and line.
    package var subject: String
    /// Where it came from: a state machine, a workflow, a channel, an ingest source.
    package var source: String
    package var error: String
    package var cause: String
    /// The raw bytes that could not be handled, or what is needed to try again.
    package var payload: [UInt8]
    package var execution: ExecutionID?
    package var at: Instant
    /// When it is redriven by itself; nil waits for a person.
    package var nextRedrive: Instant?

    package init(
        kind: DeadLetterKind, subject: String, source: String, error: String, cause: String, payload: [UInt8],
        execution: ExecutionID? = nil, at: Instant, nextRedrive: Instant? = nil
    ) {
        self.kind = kind
        self.subject = subject
        self.source = source
        self.error = error
        self.cause = cause
        self.payload = payload
        self.execution = execution
        self.at = at
        self.nextRedrive = nextRedrive
    }
}

package struct DeadLetter: Sendable, Equatable {
    package var id: DeadLetterID
    package var letter: NewDeadLetter
    package var status: DeadLetterStatus
    /// Redrives so far.
    package var attempts: Int
    package var updatedAt: Instant

    package init(
        id: DeadLetterID, letter: NewDeadLetter, status: DeadLetterStatus, attempts: Int, updatedAt: Instant
    ) {
        self.id = id
        self.letter = letter
        self.status = status
        self.attempts = attempts
        self.updatedAt = updatedAt
    }
}

package struct DeadLetterQuery: Sendable, Equatable {
    package var kind: DeadLetterKind?
    package var status: DeadLetterStatus?
    package var execution: ExecutionID?
    package var limit: Int

    package init(
        kind: DeadLetterKind? = nil, status: DeadLetterStatus? = .open, execution: ExecutionID? = nil, limit: Int = 100
    ) {
        self.kind = kind
        self.status = status
        self.execution = execution
        self.limit = limit
    }
}

/// A decision or change by a person or a workflow.
package struct AuditEntry: Sendable, Equatable {
    package var at: Instant
    /// Who: `workflow:suspension/NAME`, `operator:NAME`.
    package var actor: String
    /// What was done, such as `access.suspended`.
    package var action: String
    /// To whom: a principal, an execution, a budget.
    package var subject: String
    package var detail: JSONValue

    package init(at: Instant, actor: String, action: String, subject: String, detail: JSONValue) {
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}
