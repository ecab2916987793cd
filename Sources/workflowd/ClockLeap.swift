import WallTime

/// Tells when the wall clock has got far ahead of the time that has really gone by, as after a wrong answer of a time
/// server or on a machine that began with a wrong date. Everything looks old then, and what is removed for its age does not
/// come back.
struct ClockLeap {
    /// So much ahead is no leap yet: a clock that is mended, a machine that slept over night.
    static let tolerance = Duration.seconds(86_400)

    private var wall: Instant
    private var ticks: UInt64

    /// - Parameters:
    ///   - wall: an instant that is known to have been, such as that of the newest record.
    ///   - ticks: the nanoseconds of the monotonic clock now.
    init(wall: Instant, ticks: UInt64) {
        self.wall = wall
        self.ticks = ticks
    }

    /// By how much the clock has leapt since the last look; nil when it has not.
    mutating func look(wall now: Instant, ticks nowTicks: UInt64) -> Duration? {
        let gone = Duration.nanoseconds(Int64(clamping: nowTicks &- ticks))
        let leap = (now - wall) - gone
        (wall, ticks) = (now, nowTicks)
        return leap > Self.tolerance ? leap : nil
    }
}
