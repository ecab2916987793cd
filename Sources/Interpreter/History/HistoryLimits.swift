/// What a history may not exceed.
package enum HistoryLimits {
    /// Events of a standard execution that the API shows (AWS quota); the last one says that it failed.
    package static let events = 25_000
    /// Redrives of one execution (AWS quota).
    package static let redrives = 1000
    /// Branches of one Parallel: more would exceed `events` before the first had ended.
    static let branches = events

    /// Whether a child execution that has ended has room for a redrive (AWS: fewer than 24,999 events, of which its start and
    /// its end are two).
    /// - Parameter between: its events without those two.
    static func hasRoomForRedrive(_ between: Int) -> Bool { between + 2 < events - 1 }
}
