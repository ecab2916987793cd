import Budgets
import Enforcement

extension Doctor {
    /// Every budget can be read: one that can't keeps the monitor, and lists, from all the others.
    func checkLedger(_ transaction: SQLiteTransaction, _ report: inout DoctorReport) throws {
        let page = 1000
        var (own, further) = (0, 0)
        var last: BudgetID?
        repeat {
            let accounts = try transaction.accounts(AccountQuery(after: last, limit: page))
            own += accounts.count
            last = accounts.count == page ? accounts.last?.id : nil
        } while last != nil
        repeat {
            let accounts = try transaction.furtherBudgets(FurtherQuery(after: last, limit: page))
            further += accounts.count
            last = accounts.count == page ? accounts.last?.id : nil
        } while last != nil
        report.add("ledger", .ok, "\(own) budgets of principals and \(further) others can be read")
    }
}
