import CSQLite

/// What is set once for SQLite in this process, before it opens a database.
enum SQLiteLibrary {
    /// Whether SQLite keeps no account of its memory. It would take one lock, the same for all threads, at each of some
    /// twenty allocations a step and at each release. False when the library was in use before: then all is as it was.
    static let countsNoMemory = cs_count_no_memory() == SQLITE_OK
}
