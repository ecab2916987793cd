import Budgets
import Enforcement
import WallTime

extension Doctor {
    /// Every budget can be read, as one that can't keeps the monitor, and lists, from all the others; and stands in a period
    /// that has begun.
    func checkLedger(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let page = 1000
        // As `Period.isLeft` has it.
        let latest = clock.now() + .seconds(2 * 86_400)
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
        let now = clock.now()
        let mark = try transaction.first("SELECT before FROM retentionMark WHERE kind = 'usage'") { $0.integer(0) }
        if let mark, mark > now.milliseconds {
            report.add(
                "ledger", .problem,
                "\(found); but retention ran when the clock was ahead: until \(Instant(milliseconds: mark).iso8601) every use"
                    + " counts as a duplicate, and is not charged",
                "set the clock right (NTP), restore the backup from before, and feed the usage since then again")
        } else if ahead > 0 {
            report.add(
                "ledger", .warning, "\(found); \(ahead) stand in a period that has not begun: the clock was ahead",
                "set the clock right (NTP); each goes back to the period of now with its next use")
        } else {
            report.add("ledger", .ok, found)
        }
    }
}
