import Budgets
import Enforcement
import WallTime

extension Doctor {
    /// Every budget can be read, as one that can't keeps the monitor, and lists, from all the others; and stands in a period
    /// that has begun.
    func checkLedger(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let page = 1000
        // Of a zone ahead of UTC, or of a clock that is mended, a period may begin a little early.
        let latest = clock.now() + .seconds(86_400)
        var (own, further, ahead) = (0, 0, 0)
        var last: BudgetID?
        repeat {
            let accounts = try transaction.accounts(AccountQuery(after: last, limit: page))
            own += accounts.count
            ahead += accounts.filter { $0.standing.period.start > latest }.count
            last = accounts.count == page ? accounts.last?.id : nil
        } while last != nil
        repeat {
            let accounts = try transaction.furtherBudgets(FurtherQuery(after: last, limit: page))
            further += accounts.count
            ahead += accounts.filter { $0.standing.period.start > latest }.count
            last = accounts.count == page ? accounts.last?.id : nil
        } while last != nil
        let found = "\(own) budgets of principals and \(further) others can be read"
        guard ahead > 0 else { return report.add("ledger", .ok, found) }
        report.add(
            "ledger", .problem,
            "\(found); \(ahead) of them stand in a period that has not begun, and what is used until then is not held against"
                + " them: the clock was ahead",
            "set the clock right (NTP); then restore the backup from before, and feed the usage since then again")
    }
}
