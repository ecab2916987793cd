package import Engine
import JSONModel
package import WallTime

extension SQLiteTransaction {
    package func scheduleState(_ workflow: String) throws -> ScheduleState? {
        try first(
            """
            SELECT workflow, expression, nextFire, pausedAt, pauseReason, buffered FROM schedule WHERE workflow = ?
            """,
            .text(workflow), read: ScheduleState.init(columns:))
    }

    package func saveScheduleState(_ state: ScheduleState) throws {
        let buffered = JSONValue.array(state.buffered.map { .int($0.milliseconds) }).jsonString
        try change(
            """
            INSERT INTO schedule (workflow, expression, nextFire, pausedAt, pauseReason, buffered)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (workflow) DO UPDATE SET expression = excluded.expression, nextFire = excluded.nextFire,
                pausedAt = excluded.pausedAt, pauseReason = excluded.pauseReason, buffered = excluded.buffered
            """,
            .text(state.workflow), .text(state.expression), SQLValue(state.nextFire?.milliseconds),
            SQLValue(state.pausedAt?.milliseconds), SQLValue(state.pauseReason), .text(buffered))
    }

    package func scheduledWorkflows() throws -> [String] {
        try all("SELECT workflow FROM schedule ORDER BY workflow") { $0.text(0) }
    }

    package func insertFire(_ fire: ScheduleFire) throws -> Bool {
        let inserted = try change(
            """
            INSERT INTO scheduleFire (workflow, nominal, firedAt, result, execution, reason) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (workflow, nominal) DO UPDATE SET firedAt = excluded.firedAt, result = excluded.result,
                execution = excluded.execution, reason = excluded.reason
            WHERE result = 'skippedMissed' AND firedAt > excluded.firedAt
            """,
            .text(fire.workflow), .integer(fire.nominal.milliseconds), .integer(fire.firedAt.milliseconds),
            .text(fire.result.rawValue), SQLValue(fire.execution), SQLValue(fire.reason))
        return inserted == 1
    }

    package func settleFire(
        of workflow: String, at nominal: Instant, _ result: ScheduleFire.Result, execution: String?, reason: String?
    ) throws {
        try change(
            "UPDATE scheduleFire SET result = ?, execution = ?, reason = ? WHERE workflow = ? AND nominal = ?",
            .text(result.rawValue), SQLValue(execution), SQLValue(reason), .text(workflow),
            .integer(nominal.milliseconds))
    }

    package func fires(of workflow: String, limit: Int) throws -> [ScheduleFire] {
        try all(
            """
            SELECT workflow, nominal, firedAt, result, execution, reason FROM scheduleFire
            WHERE workflow = ? ORDER BY nominal DESC LIMIT ?
            """,
            .text(workflow), SQLValue(max(0, limit)), read: ScheduleFire.init(columns:))
    }
}

extension ScheduleState {
    fileprivate init(columns: PersistentStatement) throws {
        let workflow = columns.text(0)
        let column = "schedule.buffered of \(workflow)"
        let buffered = try (JSONValue(stored: columns.text(5), in: column).arrayValue ?? []).map { value in
            guard let milliseconds = value.intValue else {
                throw StoreError.damaged("\(column) holds \(value.jsonString), which is no time")
            }
            return Instant(milliseconds: milliseconds)
        }
        self.init(
            workflow: workflow, expression: columns.text(1), nextFire: Instant(columns.optionalInteger(2)),
            pausedAt: Instant(columns.optionalInteger(3)), pauseReason: columns.optionalText(4), buffered: buffered)
    }
}

extension ScheduleFire {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            workflow: columns.text(0), nominal: Instant(milliseconds: columns.integer(1)),
            firedAt: Instant(milliseconds: columns.integer(2)),
            result: try Result(stored: columns.text(3), in: "scheduleFire.result"),
            execution: columns.optionalText(4), reason: columns.optionalText(5))
    }
}
