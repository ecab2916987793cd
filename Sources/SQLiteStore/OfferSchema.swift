/// Tasks on offer as queues of their activities (ADR 0018): the key is where a task stands, and there is no index beside.
/// Each step that a worker elsewhere does adds a row and takes one away, and every index made another page dirty each
/// time.
enum OfferSchema {
    /// Earlier instants than this, in milliseconds since 1970, are none: they are the row numbers that offers had before
    /// schema 31. Such rows come first in their queues, as they should, and `withdrawTask` looks for them there.
    static let firstInstant: Int64 = 1_000_000_000_000

    static let statements = """
        CREATE TABLE offerQueue (
            activity TEXT NOT NULL,
            since INTEGER NOT NULL,
            execution INTEGER NOT NULL,
            task INTEGER NOT NULL,
            input TEXT NOT NULL,
            PRIMARY KEY (activity, since, execution, task)
        ) STRICT, WITHOUT ROWID;

        INSERT INTO offerQueue SELECT activity, id, execution, task, input FROM offeredTask;
        DROP TABLE offeredTask;
        ALTER TABLE offerQueue RENAME TO offeredTask;
        """
}
