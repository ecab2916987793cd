package import Engine
package import WallTime

// Which executions are live, parked, and when they are due. `execution.wakeAt` says where the execution's row in `wake`
// is, so that it can be removed without a search.

extension SQLiteTransaction {
    package func parkExecution(_ id: ExecutionID, wakeAt: Instant?) throws {
        try removeWake(of: id)
        let changed = try change(
            "UPDATE execution SET parked = 1, wakeAt = ?2 WHERE id = ?1 AND status = 0",
            .integer(id.rawValue), SQLValue(wakeAt?.milliseconds))
        try require(changed == 1, id, isRunning: true, for: "be parked")
        if let wakeAt {
            try change(
                "INSERT INTO wake (due, execution) VALUES (?, ?)", .integer(wakeAt.milliseconds),
                .integer(id.rawValue))
        }
    }

    package func unparkExecution(_ id: ExecutionID) throws {
        try removeWake(of: id)
        let changed = try change(
            "UPDATE execution SET parked = 0, wakeAt = NULL WHERE id = ?1 AND status = 0", .integer(id.rawValue))
        try require(changed == 1, id, isRunning: true, for: "be woken")
    }

    package func liveExecutions() throws -> [ExecutionID] {
        try all(Self.liveInOrder) { ExecutionID(rawValue: $0.integer(0)) }
    }

    /// Without a look at those that are parked, who may be a million.
    static let liveInOrder: StaticString = """
        SELECT e.id FROM stateMachine m CROSS JOIN execution e INDEXED BY executionByMachine
            ON e.stateMachine = m.id AND e.status = 0 AND e.parked = 0
        ORDER BY e.id
        """

    package func dueExecutions(at now: Instant, limit: Int) throws -> [ExecutionID] {
        try all(
            "SELECT execution FROM wake WHERE due <= ? ORDER BY due, execution LIMIT ?", .integer(now.milliseconds),
            .integer(Int64(max(0, limit)))
        ) { ExecutionID(rawValue: $0.integer(0)) }
    }

    package func earliestWake() throws -> Instant? {
        try first("SELECT due FROM wake ORDER BY due LIMIT 1") { Instant(milliseconds: $0.integer(0)) }
    }

    /// Removes the execution's wake time, if it has one. The caller changes the execution's own row.
    func removeWake(of id: ExecutionID) throws {
        let due = try first("SELECT wakeAt FROM execution WHERE id = ?", .integer(id.rawValue)) {
            $0.optionalInteger(0)
        }
        guard case .some(.some(let due)) = due else { return }
        try change("DELETE FROM wake WHERE due = ? AND execution = ?", .integer(due), .integer(id.rawValue))
    }
}
