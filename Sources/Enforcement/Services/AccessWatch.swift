import Budgets
import Engine
import JSONModel
import WallTime

extension Desk {
    /// Somebody else than Steward has changed a policy or a credential of a suspended principal: it is compared with IAM now,
    /// and not only hours later. Once a minute at most, whatever was changed, since a comparison looks at everything; what is
    /// changed after the look of a minute is seen by that of the next.
    func askForComparison(_ event: PrincipalEvent) throws {
        guard let account = try transaction.account(BudgetScope.principal(event.principal.id).budgetID) else { return }
        let access = account.standing.access
        // Logs tell time in whole seconds.
        guard access.status == .suspended, event.at + .seconds(1) > access.since, !isOwn(event.actor) else { return }
        let minute = now.milliseconds / 60_000
        // While its suspension still tells people, say, a comparison would pass it over.
        guard try hasRunningWorkflow(account) || publish(comparison(of: account, in: minute)).isEmpty else { return }
        var later = comparison(of: account, in: minute + 1)
        later.detail = later.detail.setting(
            "lookAt", .string(Instant(milliseconds: (minute + 1) * 60_000).iso8601))
        _ = try publish(later)
    }

    private func comparison(of account: BudgetAccount, in minute: Int64) -> BusEvent {
        event(
            "Suspended Access Changed",
            id: "access-changed/\(account.id)/\(account.standing.access.since.milliseconds)/\(minute)",
            SuspensionRequest(account, reason: .budgetExceeded))
    }

    private func isOwn(_ actor: Principal?) -> Bool {
        guard let actor, let own = settings.policy.own else { return false }
        return actor.id == own
    }
}
