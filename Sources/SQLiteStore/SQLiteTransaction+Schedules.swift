package import Engine
import GRDB
import JSONModel
import WallTime

extension SQLiteTransaction {
    package func scheduleState(_ workflow: String) throws -> ScheduleState? {
        try row(
            """
            SELECT workflow, expression, nextFire, pausedAt, pauseReason, buffered FROM schedule WHERE workflow = ?
            """,
            [workflow]
        ).map(ScheduleState.init(row:))
    }

    package func saveScheduleState(_ state: ScheduleState) throws {
        let buffered = JSONValue.array(state.buffered.map { .int($0.milliseconds) }).jsonString
        try execute(
            """
            INSERT INTO schedule (workflow, expression, nextFire, pausedAt, pauseReason, buffered)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (workflow) DO UPDATE SET expression = excluded.expression, nextFire = excluded.nextFire,
                pausedAt = excluded.pausedAt, pauseReason = excluded.pauseReason, buffered = excluded.buffered
            """,
            [
                state.workflow, state.expression, state.nextFire?.milliseconds, state.pausedAt?.milliseconds,
                state.pauseReason, buffered,
            ])
    }

    package func insertFire(_ fire: ScheduleFire) throws -> Bool {
        let inserted = try execute(
            """
            INSERT INTO scheduleFire (workflow, nominal, firedAt, result, execution, reason) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (workflow, nominal) DO NOTHING
            """,
            [
                fire.workflow, fire.nominal.milliseconds, fire.firedAt.milliseconds, fire.result.rawValue,
                fire.execution, fire.reason,
            ])
        return inserted == 1
    }

    package func fires(of workflow: String, limit: Int) throws -> [ScheduleFire] {
        try rows(
            """
            SELECT workflow, nominal, firedAt, result, execution, reason FROM scheduleFire
            WHERE workflow = ? ORDER BY nominal DESC LIMIT ?
            """,
            [workflow, max(0, limit)]
        ).map(ScheduleFire.init(row:))
    }
}

extension ScheduleState {
    fileprivate init(row: Row) throws {
        let workflow: String = row[0]
        let column = "schedule.buffered of \(workflow)"
        let buffered = try (JSONValue(stored: row[5], in: column).arrayValue ?? []).map { value in
            guard let milliseconds = value.intValue else {
                throw StoreError.damaged("\(column) holds \(value.jsonString), which is no time")
            }
            return Instant(milliseconds: milliseconds)
        }
        self.init(
            workflow: workflow, expression: row[1], nextFire: Instant(row[2] as Int64?),
            pausedAt: Instant(row[3] as Int64?), pauseReason: row[4], buffered: buffered)
    }
}

extension ScheduleFire {
    fileprivate init(row: Row) throws {
        self.init(
            workflow: row[0], nominal: Instant(milliseconds: row[1]), firedAt: Instant(milliseconds: row[2]),
            result: try Result(stored: row[3], in: "scheduleFire.result"), execution: row[4], reason: row[5])
    }
}
