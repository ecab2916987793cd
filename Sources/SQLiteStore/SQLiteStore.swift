package import Engine
import Foundation
import GRDB
package import Logging
import WallTime

/// Executions, and everything else that Steward must not lose, in one SQLite database.
///
/// One process at a time holds the directory. Changes run one after the other, on one thread that commits together whatever
/// has queued up, or on their caller's where nothing has (`synchronous = FULL`); reads run on threads of their own and see what was committed when they began. Surveys have
/// threads besides: however many reports are asked for, timers, the outbox and everything else are read on.
///
/// None of `write`, `read` and `survey` heeds cancellation: who has asked for a change hears what became of it.
package final class SQLiteStore: ExecutionStore {
    private let connections: StoreConnections
    private let writer: StoreWriter
    private let readers: StoreReaders
    private let surveyors: StoreReaders
    private let surveyEnd = SurveyEnd()
    private let lock: DirectoryLock
    private let files: OpenFiles?
    let options: SQLiteStoreOptions

    /// Opens the database in `directory`, making both where there is none, and brings it to this version's schema.
    /// Blocks while it does.
    /// - Throws: `StoreError` with the path and what to do about it.
    package static func open(
        directory: String, options: SQLiteStoreOptions = SQLiteStoreOptions(),
        logger: Logger = Logger(label: "steward.store")
    ) throws(StoreError) -> SQLiteStore {
        try open(directory: directory, options: options, migrations: .all, logger: logger)
    }

    /// The same with other migrations, for tests of upgrades.
    static func open(
        directory: String, options: SQLiteStoreOptions, migrations: Migrations, logger: Logger
    ) throws(StoreError) -> SQLiteStore {
        precondition(
            options.readers > 0 && options.surveyors > 0, "a store without readers would never answer a read")
        let data = DataDirectory(path: directory)
        try data.prepare()
        let lock = try DirectoryLock(directory: directory, program: options.program, now: options.clock.now())
        // By then the store's threads hold it, or there is no store.
        defer { lock.release() }
        try DatabaseRestore.finish(in: data, logger: logger)
        try data.makeDatabaseFile()
        try data.requireWritableFiles()
        try data.requireWholeDatabase()
        try data.requireRoomForIndex()
        let path = data.databasePath
        do {
            let connections = StoreConnections(path: path, options: options)
            let writing = try connections.writer()
            // The first read makes the log's index.
            try writing.inDatabase { try $0.execute(sql: "SELECT 1 FROM sqlite_schema LIMIT 1") }
            let files = try OpenFiles(data, keeping: lock)
            try SchemaUpgrade(migrations: migrations, path: path, logger: logger).run(on: writing)
            try connections.prepareForWriting(writing)
            try connections.settleLog(writing)
            let reading = try (0..<options.readers).map { _ in try connections.reader() }
            let surveying = try (0..<options.surveyors).map { _ in try connections.reader() }
            return SQLiteStore(connections, writing, reading, surveying, files, lock, options, logger)
        } catch {
            throw StoreError.ending(with: error, at: path)
        }
    }

    private init(
        _ connections: StoreConnections, _ writing: DatabaseQueue, _ reading: [DatabaseQueue],
        _ surveying: [DatabaseQueue], _ files: OpenFiles?, _ lock: DirectoryLock, _ options: SQLiteStoreOptions,
        _ logger: Logger
    ) {
        self.connections = connections
        self.files = files
        self.lock = lock
        self.options = options
        let path = connections.path
        let counter = CommitCounter(clock: options.clock)
        writer = StoreWriter(
            writing, counter: counter, lock: lock, path: path, options: options, logger: logger)
        readers = StoreReaders(
            reading, name: "steward-read", counter: counter, lock: lock, path: path, options: options, logger: logger)
        let waiting = JobQueue(
            limit: options.surveyQueueLimit,
            reason: "reports take as long as there is much to read; try again when fewer are under way")
        surveyors = StoreReaders(
            surveying, name: "steward-long", queue: waiting, end: surveyEnd, counter: counter, lock: lock, path: path,
            options: options, logger: logger)
    }

    /// Lets the threads end when they have done what was waiting; `close` waits for that.
    deinit {
        surveyors.stop()
        readers.stop()
        writer.stop()
    }

    package func write<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Result
    ) async throws -> Result {
        // Unsafe continuations cost half as much; the threads resume each job's exactly once, whatever happens to it.
        try await withUnsafeThrowingContinuation { writer.submit(StoreJob(body, $0)) }
    }

    package func writeSmall<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Result
    ) async throws -> Result {
        try await withUnsafeThrowingContinuation { writer.submitSmall(StoreJob(body, $0)) }
    }

    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Result
    ) async throws -> Result {
        try await withUnsafeThrowingContinuation { readers.submit(StoreJob(body, $0)) }
    }

    package func survey<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Result
    ) async throws -> Result {
        try await withUnsafeThrowingContinuation { surveyors.submit(StoreJob(body, $0)) }
    }

    /// Writes, reads and backups go on.
    package func endSurveys() { surveyors.cutShort() }

    /// Has what the connection does end with the surveys.
    func endWithSurveys(_ database: Database) {
        if let handle = database.sqliteConnection { surveyEnd.watch(handle) }
    }

    /// Does what is waiting, empties the log into the database, and lets go of the directory. Afterwards `write`,
    /// `read` and `survey` throw. Closing twice is harmless.
    package func close() async {
        surveyors.stop()
        readers.stop()
        await surveyors.waitForEnd()
        await readers.waitForEnd()
        writer.stop()
        await writer.waitForEnd()
    }
}

extension SQLiteStore {
    /// Where the database is.
    package var path: String { connections.path }

    /// The file whose lock keeps other processes out of the directory.
    package var lockPath: String {
        (path as NSString).deletingLastPathComponent + "/" + DirectoryLock.fileName
    }

    /// Changes that wait for the writer. Costs next to nothing.
    package var waitingWrites: Int { writer.waiting }

    /// What the store has done since it was opened, and how large it is. Doesn't wait for the writer.
    package var statistics: StoreStatistics {
        var statistics = writer.statistics
        statistics.waitingReads = readers.waiting + surveyors.waiting
        statistics.databaseBytes = Self.size(path)
        statistics.logBytes = Self.size(path + "-wal")
        return statistics
    }

    /// The database file as it is now; nil while that says nothing, and when the store is closed.
    package func look() -> DatabaseLook? {
        guard let files, lock.hold() else { return nil }
        defer { lock.release() }
        return DatabaseLook(database: files.database, index: files.index)
    }

    /// Reads the files through, on a thread of its own, when something in them looks damaged: what the disk doesn't give
    /// looks so. Damage that is found to be no more than that is forgotten.
    /// - Parameter isDoubtful: whether the disk has failed to read of late, so that it may have been that though it reads now.
    /// - Returns: whether the disk fails to read.
    /// - Throws: `CancellationError` soon after the task was cancelled: nothing is known then.
    package func examineDamage(isDoubtful: Bool) async throws -> Bool {
        guard let files, lock.hold() else { return false }
        let (path, lock, end) = (path, lock, SurveyEnd())
        let failure = try await withTaskCancellationHandler {
            try await StoreThread.run(name: "steward-examine") {
                defer { lock.release() }
                return FileReading.failure(reading: files.database, at: path, until: end)
            }
        } onCancel: {
            end.come()
        }
        try Task.checkCancellation()
        if failure != nil || isDoubtful { writer.forgetDamage(because: failure) }
        return failure != nil
    }

    /// Commits something that changes nothing, to find out whether the disk takes it. What comes of it is counted and
    /// logged as any commit's.
    /// - Throws: `StoreError`.
    package func probe() async throws { try await write { try $0.rewriteHeader() } }

    /// Reads the whole database and says what is wrong with it; empty when nothing is. Takes long on a large database,
    /// on a thread of its own.
    package func integrityCheck() async throws -> [String] {
        try await onConnection(name: "steward-check") { connection in
            do {
                return try connection.inDatabase { try DatabaseSoundness.problems($0) }
            } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
                return ["the check stopped at damage: \(error.message ?? "no message")"]
            }
        }
    }

    /// Does `work` with a reading connection of its own, on a thread of its own.
    func onConnection<Result: Sendable>(
        name: String, _ work: @escaping @Sendable (DatabaseQueue) throws -> Result
    ) async throws -> Result {
        let (connections, lock, writer) = (connections, lock, writer)
        guard lock.hold() else { throw StoreError.unavailable("the store is closed") }
        return try await StoreThread.run(name: name) {
            defer { lock.release() }
            do {
                let connection = try connections.reader()
                let result = try work(connection)
                try connection.close()
                return result
            } catch {
                let reason = StoreError.translating(error, at: connections.path)
                if let error = error as? DatabaseError { writer.note(reason, for: error) }
                throw reason
            }
        }
    }

    /// 0 for a file that isn't there, as the log before the first write.
    private static func size(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
