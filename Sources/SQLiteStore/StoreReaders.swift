import Engine
import GRDB
import Logging

/// Threads that read, each over a connection of its own. A read sees what was committed when it began, whatever the
/// writer does meanwhile.
final class StoreReaders: Sendable {
    private let queue: JobQueue
    private let threads: [StoreThread]
    private let end: SurveyEnd?

    /// Owns `connections` from now on, and holds `lock` for as long as they are open.
    /// - Parameters:
    ///   - name: what its threads are called, before their number.
    ///   - queue: where reads wait; nil for one as long as the options allow.
    ///   - end: what cuts short reads that may take long; nil for reads that are always waited for.
    init(
        _ connections: [DatabaseQueue], name: String = "steward-read", queue given: JobQueue? = nil,
        end: SurveyEnd? = nil, counter: CommitCounter, lock: DirectoryLock, path: String, options: SQLiteStoreOptions,
        logger: Logger
    ) {
        self.end = end
        let queue = given ?? JobQueue(limit: options.queueLimit)
        self.queue = queue
        threads = connections.enumerated().map { number, connection in
            precondition(lock.hold(), "a store is made by a holder of its directory")
            return StoreThread(name: "\(name)-\(number)") {
                defer { lock.release() }
                ReadLoop(queue: queue, end: end, counter: counter, path: path, logger: logger).run(on: connection)
            }
        }
    }

    var waiting: Int { queue.count }

    func submit(_ job: StoreJob) { queue.submit(job) }

    /// Takes no further job.
    func stop() { queue.close() }

    /// Takes no further job, and ends those that wait or are under way with an error.
    func cutShort() {
        end?.come()
        queue.close(because: SurveyEnd.reason)
    }

    /// Returns when what was waiting is read and the connections are closed. Call `stop` before.
    func waitForEnd() async {
        for thread in threads { await thread.waitForEnd() }
    }
}

/// What a reader's thread does.
private struct ReadLoop {
    let queue: JobQueue
    let end: SurveyEnd?
    let counter: CommitCounter
    let path: String
    let logger: Logger

    /// Reads until the queue is closed and empty, then closes the connection.
    func run(on connection: DatabaseQueue) {
        do {
            try connection.inDatabase { database in
                let transaction = try SQLiteTransaction(database, isReadOnly: true)
                defer { transaction.close() }
                if let end, let handle = database.sqliteConnection { end.watch(handle) }
                while let job = queue.takeFirst() { answer(job, transaction) }
            }
        } catch {
            logger.error("a reader can't read", metadata: ["path": "\(path)", "error": "\(error)"])
            // An error is better than no answer.
            while let job = queue.takeFirst() { job.fail(StoreError.from(error, at: path)) }
        }
        do {
            try connection.close()
        } catch {
            logger.warning("reader not closed cleanly", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }

    private func answer(_ job: StoreJob, _ transaction: SQLiteTransaction) {
        if end?.hasCome == true { return job.fail(StoreError.unavailable(SurveyEnd.reason)) }
        do {
            let resume = try snapshot(transaction) { try job.perform(transaction) }
            resume()
        } catch {
            let reason = StoreError.translating(error, at: path)
            if let error = error as? DatabaseError { counter.note(reason, for: error) }
            job.fail(reason)
        }
    }

    private func snapshot<Result>(_ transaction: SQLiteTransaction, _ body: () throws -> Result) throws -> Result {
        try transaction.prepared("BEGIN").run()
        do {
            // Without a first look the snapshot would be taken at whatever `body` happens to read first.
            try transaction.prepared("SELECT 1 FROM sqlite_schema LIMIT 1").run()
            let result = try body()
            try transaction.prepared("COMMIT").run()
            return result
        } catch {
            if transaction.isOpen { try transaction.prepared("ROLLBACK").run() }
            throw error
        }
    }
}
