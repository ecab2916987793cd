package import WallTime

/// Where a scheduled workflow stands, for people.
package struct ScheduleStatus: Sendable, Equatable {
    package var workflow: String
    package var expression: String
    /// An IANA name.
    package var timeZone: String
    package var enabled: Bool
    package var pausedAt: Instant?
    package var pauseReason: String?
    /// The next fires, soonest first; empty when there is none, or while it is disabled. A paused schedule shows them.
    package var nextFires: [Instant]
    /// Newest first.
    package var lastFires: [ScheduleFire]
    /// Slots that wait for a running execution to end.
    package var buffered: [Instant]

    package init(
        workflow: String, expression: String, timeZone: String, enabled: Bool, pausedAt: Instant?,
        pauseReason: String?, nextFires: [Instant], lastFires: [ScheduleFire], buffered: [Instant]
    ) {
        self.workflow = workflow
        self.expression = expression
        self.timeZone = timeZone
        self.enabled = enabled
        self.pausedAt = pausedAt
        self.pauseReason = pauseReason
        self.nextFires = nextFires
        self.lastFires = lastFires
        self.buffered = buffered
    }
}
