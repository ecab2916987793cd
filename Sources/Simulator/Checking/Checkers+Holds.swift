import Budgets
import Engine
import Interpreter
import JSONModel
import WallTime

extension Checkers {
    /// Nobody who is suspended is suspended again before access was given back.
    package static func suspendedOnce(_ run: RunRecord) -> [Finding] {
        var findings: [Finding] = []
        var suspended: Set<String> = []
        for entry in run.audit {
            switch entry.action {
            case "access.suspended":
                if !suspended.insert(entry.subject).inserted {
                    findings.append(
                        Finding(
                            "nobody is suspended twice at a time",
                            "\(entry.subject) is suspended again at \(entry.at.iso8601)"))
                }
            case "restoration.started", "access.restored", "suspension.ended": suspended.remove(entry.subject)
            default: break
            }
        }
        return findings
    }

    /// Once IAM refuses somebody who is blocked by a person, it goes on refusing until the block is over; and at the end
    /// nobody who is blocked has access.
    package static func blockedStaysOut(_ run: RunRecord) -> [Finding] {
        let promise = "who is blocked has no access"
        return run.users.flatMap { user -> [Finding] in
            var findings: [Finding] = []
            if user.block?.isInForce(at: run.endedAt) == true, user.mayInvoke,
                ![.suspensionFailed, .restorationFailed].contains(user.status)
            {
                findings.append(Finding(promise, "\(user.name) is blocked at the end, and may invoke"))
            }
            for span in blocks(of: user, run) {
                let inside = run.changes.filter { $0.user == user.name && span.from <= $0.at && $0.at < span.to }
                // Until it is taken away, access goes on.
                for change in inside.drop(while: \.mayInvoke) where change.mayInvoke {
                    findings.append(
                        Finding(promise, "\(user.name) gets access back at \(change.at.iso8601) by \(change.action)"))
                }
            }
            return findings
        }
    }

    /// From when to when somebody was blocked. A restoration that was under way when the block was ordered goes on to its
    /// end; the block begins with that.
    private static func blocks(of user: RunRecord.User, _ run: RunRecord) -> [(from: Instant, to: Instant)] {
        var spans: [(from: Instant, to: Instant)] = []
        var open: (from: Instant?, until: Instant)?
        var isRestoring = false
        func close(at end: Instant) {
            if let known = open, let from = known.from, from < min(end, known.until) {
                spans.append((from, min(end, known.until)))
            }
            open = nil
        }
        for entry in run.audit where entry.subject == user.id.description {
            switch entry.action {
            case "principal.blocked":
                close(at: entry.at)
                let until = entry.detail["until"]?.stringValue.flatMap { Instant(iso8601: $0) }
                open = (isRestoring ? nil : entry.at, until ?? .distantFuture)
            case "principal.unblocked", "block.ended": close(at: entry.at)
            case "restoration.started": isRestoring = true
            case "access.restored", "restoration.failed", "access.suspended":
                isRestoring = false
                if let known = open, known.from == nil { open = (entry.at, known.until) }
            default: break
            }
        }
        close(at: .distantFuture)
        return spans
    }

    /// Who is suspended at the end has something against it: a block, or a budget that is used up and enforces. Not judged
    /// is who waits for the next refresh, because a period has ended since the last one, and whose restoration has failed:
    /// that waits for a person.
    package static func freeHasAccess(_ run: RunRecord) -> [Finding] {
        let refreshed = run.executions.filter {
            $0.record.stateMachine == "daily-refresh" && $0.record.status == .succeeded
        }.map(\.record.startedAt)
        return run.users.compactMap { user in
            guard user.status == .suspended, user.block?.isInForce(at: run.endedAt) != true,
                !hasFailedRestoration(user, run)
            else { return nil }
            let suspended = run.audit.filter { $0.action == "access.suspended" && $0.subject == user.id.description }
            guard let since = (refreshed + suspended.map(\.at)).max() else { return nil }
            let purses = run.purses.filter { $0.users.contains(user.name) }
            guard purses.allSatisfy({ $0.start(at: since) == $0.start(at: run.endedAt) }) else { return nil }
            let isHeld = purses.contains { purse in
                purse.mode == .enforce && purse.spent[purse.start(at: run.endedAt)] ?? 0 >= purse.limit
            }
            return isHeld
                ? nil
                : Finding("who is below all budgets has access", "\(user.name) is suspended, and nothing is against it")
        }
    }

    private static func hasFailedRestoration(_ user: RunRecord.User, _ run: RunRecord) -> Bool {
        run.executions.contains { execution in
            guard execution.record.stateMachine == "restoration", execution.record.status != .succeeded,
                case .executionStarted(let input, _) = execution.history.first?.kind
            else { return false }
            return input["principalName"]?.stringValue == user.name
        }
    }
}
