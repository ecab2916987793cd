package import Budgets

/// What becomes of a difference between IAM and the ledger.
package enum ReconcilePolicy: String, Sendable, Hashable, CaseIterable {
    case repair
    case report
}

/// What enforcement is told about IAM.
package struct AccessSettings: Sendable {
    /// Roles in which several people or programs act, by name or ARN; `*` for all roles. Only the sessions that spent
    /// are denied there, never the role.
    package var sharedRoles: Set<String>
    package var reconcile: ReconcilePolicy

    package init(sharedRoles: Set<String> = [], reconcile: ReconcilePolicy = .repair) {
        self.sharedRoles = sharedRoles
        self.reconcile = reconcile
    }

    package func isShared(_ principal: Principal) -> Bool {
        guard principal.id.kind == .role else { return false }
        // Invocation logs show a role without its path, so that the ARN in the settings may have one more.
        return sharedRoles.contains { entry in
            if entry == "*" || entry == principal.id.name { return true }
            guard entry.hasPrefix("arn:") else { return false }
            let named: Principal?
            // An entry that is no ARN of a role names nobody: the configuration refuses it.
            do { named = try Principal(arn: entry) } catch { named = nil }
            return named?.id == principal.id
        }
    }
}
