import Budgets
import Engine
import JSONModel
import WallTime

extension StepRun {
    /// `end-block`: the time of the block that the input names by `blockedAt` is over. Gives access back unless a budget
    /// stands against it; one that was lifted or replaced meanwhile is left alone. Returns `ended`, and `restoration`.
    func endBlock() throws -> JSONValue {
        var account = try account()
        let since = try reader.instant("blockedAt")
        guard let block = account.block, block.since == since, !block.isInForce(at: now) else {
            return status(account).setting("ended", false).setting("restoration", false)
        }
        try desk.endHolds(of: &account, by: actor, reset: nil)
        try desk.save(account)
        let isRestored = try desk.restoreIfEligible(
            &account, reason: .blockLifted, isOverride: account.isProtected(at: now))
        return status(account).setting("ended", true).setting("restoration", .bool(isRestored))
    }
}
