import AWSTasks
import Budgets
import Enforcement
import JSONModel
import WallTime

extension Checkers {
    /// Suspended means that IAM refuses; active means that everything is as it was before.
    package static func statusAgreesWithIAM(_ run: RunRecord) -> [Finding] {
        let promise = "status agrees with IAM"
        return run.users.flatMap { user -> [Finding] in
            switch user.status {
            case .suspended:
                return user.mayInvoke
                    ? [Finding(promise, "\(user.name) is suspended, and IAM allows it to invoke")] : []
            case .active, .grace, nil:
                var findings: [Finding] = []
                if Set(user.now.attached) != Set(user.before.attached) {
                    findings.append(Finding(promise, "\(user.name) is active, and has \(user.now.attached)"))
                }
                if user.now.inline != user.before.inline {
                    findings.append(
                        Finding(
                            promise, "\(user.name) is active, with inline policies \(user.now.inline.keys.sorted())"))
                }
                return findings
            case .restoring, .suspensionFailed, .restorationFailed, .closed: return []
            }
        }
    }

    /// Before a policy is detached, or the deny put in place, there is a backup that was not given back yet; and before
    /// one is detached, the backup holds it. What was attached before and is missing now, an open backup holds.
    package static func nothingIsTakenWithoutBackup(_ run: RunRecord) -> [Finding] {
        let promise = "nothing is taken without a backup"
        var findings: [Finding] = []
        for change in run.changes where ["DetachUserPolicy", "PutUserPolicy"].contains(change.action) {
            let open = run.backups.filter { backup in
                backup.backup.principal.name == change.user && backup.backup.takenAt <= change.at + run.setBack
                    && backup.consumedAt.map { $0 + run.setBack >= change.at } != false
            }
            let holds = open.contains { policies(in: $0).contains(change.policy) }
            if open.isEmpty || change.action == "DetachUserPolicy" && !holds {
                findings.append(
                    Finding(promise, "\(change.action) \(change.policy) of \(change.user) at \(change.at.iso8601)"))
            }
        }
        for user in run.users {
            let held = Set(
                run.backups.filter { $0.backup.principal.name == user.name && $0.consumedAt == nil }.flatMap(policies))
            for policy in Set(user.before.attached).subtracting(user.now.attached) where !held.contains(policy) {
                findings.append(Finding(promise, "\(policy) of \(user.name) is gone, and no open backup holds it"))
            }
        }
        return findings
    }

    private static func policies(in backup: PolicyBackup) -> Set<String> {
        Set((backup.backup.snapshot["attachedPolicies"]?.arrayValue ?? []).compactMap { $0["arn"]?.stringValue })
    }
}
