import Budgets
import Engine
import JSONModel
import WallTime

extension Desk {
    /// Somebody else than Steward has changed a policy or a credential of a suspended principal: it is compared with IAM now,
    /// and not only hours later. Once a minute at most, whatever was changed: a comparison looks at everything.
    func askForComparison(_ event: PrincipalEvent) throws {
        guard let account = try transaction.account(BudgetScope.principal(event.principal.id).budgetID) else { return }
        let access = account.standing.access
        // Logs tell time in whole seconds.
        guard access.status == .suspended, event.at + .seconds(1) > access.since, !isOwn(event.actor) else { return }
        let minute = now.milliseconds / 60_000
        let id = "access-changed/\(account.id)/\(access.since.milliseconds)/\(minute)"
        _ = try publish(
            self.event("Suspended Access Changed", id: id, SuspensionRequest(account, reason: .budgetExceeded)))
    }

    private func isOwn(_ actor: Principal?) -> Bool {
        guard let actor, let own = settings.policy.own else { return false }
        return actor.id == own
    }
}
