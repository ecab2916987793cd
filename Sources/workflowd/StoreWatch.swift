import Engine
import Foundation
import Logging
import SQLiteStore
import WallTime

/// Looks at the disk once a second: keeps a reserve for work under way, and tries a store that refuses until it works.
///
/// Without it a store that nobody writes to would be ill for ever: what says that it works is a commit.
struct StoreWatch: Sendable {
    let store: SQLiteStore
    let engine: Engine<SQLiteStore>
    let directory: String
    /// The database that the store has open, its log, and the log's index: they are there as long as it is open.
    let files: [FileIdentity]
    /// What keeps a second daemon out.
    let lock: FileIdentity?
    /// Free bytes below which clients' starts are refused, as it is now.
    let reserve: @Sendable () -> Int64
    let clock: WallClock
    let logger: Logger

    private static let pause: Duration = .seconds(1)

    /// What is wrong now and what to do about it; nil when all is well.
    var trouble: String? { store.statistics.trouble.map(explain) ?? engine.startRefusalReason }

    /// Watches until the task is cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch() }
            // Beside it: reading a large database through takes long.
            group.addTask { try await settleDoubts() }
            for try await _ in group {}
        }
    }

    private func settleDoubts() async throws {
        var doubt = Doubt()
        while true {
            try await doubt.settle(store)
            try await clock.pause(for: Self.pause)
        }
    }

    private func watch() async throws {
        var last: String?
        var look = store.look()
        var isOverwritten = false
        while true {
            let statistics = store.statistics
            if statistics.lastFailure != nil, statistics.damage == nil {
                // Whether it worked is in the store's statistics; why it didn't, in the log.
                do { try await store.probe() } catch {}
            }
            if let now = store.look() {
                if let look, now.isForeign(to: look) { isOverwritten = true }
                look = now
            }
            engine.refuseStarts(because: loss ?? (isOverwritten ? overwriting : nil) ?? lowSpace)
            let trouble = trouble
            if (trouble == nil) != (last == nil) { tell(trouble) }
            last = trouble
            try await clock.pause(for: Self.pause)
        }
    }

    /// Whether what looks damaged is, or the disk fails to read: then all goes on when it reads again.
    private struct Doubt {
        private var isDiskFailing = false
        private var isSettled = false
        private var looksToSkip = 0

        /// Reading all of a large database takes long, and a disk that fails is not to be read without a pause.
        private static let pause = 10

        mutating func settle(_ store: SQLiteStore) async throws {
            guard store.statistics.damage != nil, !isSettled else { return }
            guard looksToSkip == 0 else { return looksToSkip -= 1 }
            let wasFailing = isDiskFailing
            isDiskFailing = try await store.examineDamage(isDoubtful: wasFailing)
            isSettled = !isDiskFailing && !wasFailing
            if isDiskFailing { looksToSkip = Self.pause }
        }
    }

    private func tell(_ trouble: String?) {
        if let trouble {
            let takesWork = engine.startRefusalReason == nil
            logger.error(
                takesWork ? "Steward is not well" : "Steward does not take new work", metadata: ["reason": "\(trouble)"]
            )
        } else {
            logger.notice("Steward is well, and takes new work")
        }
    }

    /// What is written to a file that has lost its name is gone with the process, though every commit succeeds.
    private var loss: String? {
        guard let file = files.first(where: \.isLost) else { return lockLoss }
        let what =
            "\(file.path) was moved, removed or replaced while it is in use: what is written now is lost when this process"
        guard file.path == store.path else {
            return
                "\(what) is killed; stop it with SIGTERM, which writes all that it has into the database, then start it again"
        }
        return "\(what) ends; put it back where it was, with its -wal and -shm, or stop the daemon and restore a backup"
    }

    private var lockLoss: String? {
        guard let lock, lock.isLost else { return nil }
        return
            "\(lock.path) was removed or replaced while it is in use: nothing keeps a second daemon out of the directory, and two"
            + " of them answer wrongly; see that no other runs on it, then start this one anew"
    }

    /// The pages that the log lacks are gone already.
    private var overwriting: String {
        "\(store.path) was written over, or cut off, by another program while it is in use: what was in it is lost, and what is"
            + " written now may be; stop the daemon and restore a backup"
    }

    private var lowSpace: String? {
        let reserve = reserve()
        guard let free = freeBytes, free < reserve else { return nil }
        return
            "\(free >> 20) MiB are free for \(directory), less than the reserve of \(reserve >> 20) MiB: free some space"
            + " (or lower disk.reserveMiB); until then no new executions are taken, and those under way go on"
    }

    /// An error of reading or writing on a disk without space is want of space, whatever it is called.
    private func explain(_ failure: String) -> String {
        guard let free = freeBytes, free < 1 << 20, !failure.contains("no space") else { return failure }
        return "\(failure); \(free) bytes are free for \(directory): free some space"
    }

    /// What this user may still write; nil when the file system doesn't say.
    private var freeBytes: Int64? {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return nil }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }
}
