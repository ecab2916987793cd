package import WallTime

/// How a store works. The defaults fit one daemon; durability has no option.
package struct SQLiteStoreOptions: Sendable {
    /// Who holds the data directory, as a second process is told.
    package var program: String
    package var clock: WallClock
    /// Reading connections, each with a thread. Two are enough for pages and recovery, and leave the writer its disk.
    package var readers = 2
    /// Reading connections besides, each with a thread, for what may look through very much.
    package var surveyors = 2
    /// Surveys that may wait: fewer than the requests that are answered at one time, so that other requests have room.
    package var surveyQueueLimit = 64
    /// Writes that one commit may hold: bounds how long the last of them waits for the first.
    package var commitJobs = 2000
    /// Payload bytes after which a commit takes no further write.
    package var commitBytes = 4 << 20
    /// Writes or reads that may wait. Beyond, they are refused: the disk has stopped keeping up.
    package var queueLimit = 100_000
    package var writerCacheKiB = 64 << 10
    package var readerCacheKiB = 16 << 10
    /// How long a statement waits for a lock that a foreign program holds, such as someone's `sqlite3`.
    package var busyTimeoutMilliseconds = 5000
    /// Pages in the write-ahead log after which a commit moves them to the database. A batch of uses dirties about one
    /// for each, since their keys are random: with more room, pages that come again are moved once.
    package var checkpointPages = 4000
    /// The size that the log is cut back to after that.
    package var journalSizeLimit = 64 << 20

    package init(program: String = "workflowd", clock: WallClock = .system) {
        self.program = program
        self.clock = clock
    }
}
