/// What the writer keeps in memory to tell whether it knows a use: the tail's hashes and the filters of closed runs. Empty
/// until a use comes, and rebuilt from the rows whenever it may differ from them.
struct KnownUses {
    /// Whether everything here is as the rows are.
    private(set) var isWhole = false
    var tail = UseTail()
    var filters = RunFilters()
    /// The number that the next use gets. None is given twice, whatever retention removes.
    var next: Int64 = 0
    /// The last use of the last closed run; 0 when none is closed.
    private(set) var lastClosed: Int64 = 0
    /// Whether `filters` and `lastClosed` are as the rows are.
    private(set) var hasRuns = false
    /// The tail is as the rows are up to this use.
    private(set) var covered: Int64 = 0
    /// What `covered` was when the transaction began: all that was committed.
    private var committed: Int64 = 0
    /// Whether the transaction has closed or removed a run.
    private var hasChangedRuns = false

    /// A transaction begins: what is here is committed.
    mutating func begin() {
        committed = covered
        hasChangedRuns = false
    }

    /// Something of the transaction is undone. What it had added before may stay or not: the rows will tell.
    mutating func undo() {
        isWhole = false
        if hasChangedRuns {
            self = KnownUses()
            // Until the next one begins, the transaction goes on.
            hasChangedRuns = true
        } else {
            tail.removeAll(after: committed)
            covered = max(min(covered, committed), lastClosed)
        }
    }

    mutating func set(_ filters: RunFilters, lastClosed: Int64) {
        self.filters = filters
        self.lastClosed = lastClosed
        tail.removeAll()
        covered = lastClosed
        hasRuns = true
    }

    /// The tail has been read to its end.
    mutating func complete(next: Int64) {
        self.next = next
        covered = next - 1
        isWhole = true
    }

    /// The use with the number `next` is in the database.
    mutating func append(_ hash: Int64) {
        tail.append(UseTail.Entry(hash: hash, use: next))
        covered = next
        next += 1
    }

    /// The tail has become a run.
    mutating func close(_ run: Int64, _ filter: RunFilter) {
        filters.add(filter, of: run)
        lastClosed = next - 1
        tail.removeAll()
        hasChangedRuns = true
    }

    /// A run is gone.
    mutating func remove(_ run: Int64) {
        filters.remove(run)
        hasChangedRuns = true
    }
}
