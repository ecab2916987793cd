import Budgets
import Engine
import Enforcement
import Interpreter
import JSONModel
import TestKit
import WallTime

extension World {
    /// Reads what is left of the run out of the closed store, without the engine.
    func collect() throws -> RunRecord {
        let store = try disk.open(afterCrash: false)
        let schedules = installation.schedules
        var record = try SeededExecutor.blocking { [endedAt = clock.now] in
            try await store.read { transaction in
                var record = RunRecord(endedAt: endedAt)
                let executions = try transaction.executions(ExecutionQuery(limit: 1_000_000)).executions
                record.executions = try executions.map { row in
                    RunRecord.Execution(
                        record: row, history: try transaction.journal(row.id).flatMap(HistoryCodec.decode),
                        states: try transaction.stateMachineVersion(row.version).map {
                            statesByName($0.definition.json)
                        } ?? [:])
                }
                record.nested = try transaction.endedNested() + transaction.orphanedNested()
                record.letters = try transaction.deadLetters(DeadLetterQuery(status: nil, limit: 1_000_000))
                record.recorded = try transaction.auditEntries(subject: nil, limit: 1_000_000)
                    .filter { $0.action == RunRecord.recordedAction }.map(\.subject)
                record.schedules = try schedules.map { schedule in
                    var schedule = schedule
                    schedule.fires = try transaction.fires(of: schedule.workflow, limit: 1_000_000)
                    schedule.buffered = try transaction.scheduleState(schedule.workflow)?.buffered ?? []
                    return schedule
                }
                var number: Int64 = 1
                while let backup = try transaction.backup(PolicyBackupID(rawValue: number)) {
                    record.backups.append(backup)
                    number += 1
                }
                record.audit = Array(try transaction.auditEntries(subject: nil, limit: 1_000_000).reversed())
                record.uses = try uses(in: transaction)
                return record
            }
        }
        record.users = try users.map { try user($0, in: store) }
        record.setBack = setBack
        record.starts = log.starts
        record.calls = log.calls
        record.changes = log.changes
        record.pauses = log.pauses
        record.spends = log.spends
        // Claude Sonnet 4.6 at the global price takes $3 for a million tokens in, until somebody says otherwise.
        record.prices = [3000] + log.prices
        record.purses = try users.compactMap { try own($0, in: store) }
        record.purses += try purses.further.compactMap { try further($0, record.uses, in: store) }
        return record
    }

    private func user(_ name: String, in store: Disk.Store) throws -> RunRecord.User {
        let id = PrincipalID(account: "111122223333", kind: .user, name: name)
        let account = try SeededExecutor.blocking {
            try await store.read { try $0.account(BudgetScope.principal(id).budgetID) }
        }
        guard let before = origins[name], let now = around.iam.user(name) else {
            preconditionFailure("users are never deleted")
        }
        return RunRecord.User(
            name: name, before: before, now: now, mayInvoke: around.iam.allowsInvocation(by: name),
            status: account?.standing.access.status, block: account?.block, protection: account?.protection)
    }
}
