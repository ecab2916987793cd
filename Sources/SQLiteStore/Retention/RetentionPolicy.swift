/// How long rows are kept once they have served; nil keeps them for ever. Audit entries have no age: they stay.
package struct RetentionPolicy: Sendable, Equatable {
    /// Ended executions with their history, counted from their end (AWS: 90 days).
    package var executions: Duration? = .days(90)
    /// Dead letters that were redriven or discarded, counted from then.
    package var deadLetters: Duration? = .days(90)
    /// Notices that were delivered or given up, counted from then.
    package var outbox: Duration? = .days(30)
    /// Single uses of a model, counted from the use. The sums of budgets stay.
    ///
    /// A use that is older is never charged again: what was removed can't be told from what was never seen. So this
    /// has to be longer than any delivery may be late.
    package var usage: Duration? = .days(400)
    /// What reports add up: hours of principals (what they used, who called from where, how long it took) and by tags,
    /// counted from the hour, and ended periods of budgets, counted from their end. Never shorter than `usage`: a correction of a use
    /// moves its hour and its period. Hours of a model over all principals stay.
    package var sums: Duration? = .days(800)
    /// What schedules did, which records could not be read, and which of CloudTrail's calls are counted, counted from then.
    /// A call that is older is never counted again, nor late.
    package var traces: Duration? = .days(90)

    package init() {}

    package func age(of kind: RetentionKind) -> Duration? {
        switch kind {
        case .deadLetters: deadLetters
        case .executions: executions
        case .outbox: outbox
        case .usage, .useKeys, .labels: usage
        case .hours, .hoursByTag, .periods, .furtherPeriods, .calls, .latencies, .latenciesByTag: sums
        case .fires, .unreadable, .callEvents: traces
        }
    }
}

/// What ages out, in the order in which it is removed: a dead letter keeps its execution.
package enum RetentionKind: String, Sendable, CaseIterable {
    case deadLetters, executions, outbox, usage
    /// Keys of uses that are gone, a whole run of them at a time.
    case useKeys
    /// Sessions, error codes and sources that only uses named which are gone, however old they are themselves.
    case labels
    /// Sums of a principal's hour and of an hour by tags, and ended periods of principals' own budgets and of further ones.
    case hours, hoursByTag, periods, furtherPeriods
    /// Sums of a principal's hour: who called from where, and how long uses took; the latter by tags, too.
    case calls, latencies, latenciesByTag
    /// What schedules did, records that could not be read, and which calls are counted.
    case fires, unreadable, callEvents
}

/// What a run has removed, or would remove.
package struct RetentionReport: Sendable, Equatable {
    package struct Line: Sendable, Equatable {
        package var removed = 0
        /// Rows of all tables that went with them.
        package var rows = 0
        /// Those that are old enough and stay, by reason.
        package var kept: [Reason: Int] = [:]
    }

    package enum Reason: String, Sendable, CaseIterable {
        /// A dead letter, open or not yet old enough, refers to it.
        case hasDeadLetter
        /// It was started by an execution that has not been told of its end, or waits for ones that it started.
        case isNested
        /// Its message may still be redriven: the dead letter about it is open.
        case mayBeRedriven
        /// The newest of all: its number must not be given again.
        case isNewest
    }

    package var lines: [RetentionKind: Line] = [:]
    /// Bytes that were given back to the file system.
    package var bytesFreed: Int64 = 0
    /// False where the database was made before it could shrink by itself: `workflowd compact` converts it.
    package var canShrink = true

    package var removed: Int { lines.values.reduce(0) { $0 + $1.removed } }
}

extension Duration {
    fileprivate static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
