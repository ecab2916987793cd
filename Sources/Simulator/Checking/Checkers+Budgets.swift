import Budgets
import Engine
import JSONModel
import WallTime

extension Checkers {
    /// What was used is in the ledger once, however often it was delivered, at the price of the last correction.
    package static func usesAreChargedOnce(_ run: RunRecord) -> [Finding] {
        let promise = "a use is charged exactly once"
        let counted = Dictionary(run.uses.map { ($0.request, 1) }, uniquingKeysWith: +)
        let spends = Dictionary(run.spends.map { ($0.request, $0) }, uniquingKeysWith: { first, _ in first })
        var findings = counted.filter { $0.value > 1 }.keys.sorted().map { Finding(promise, "\($0) is there twice") }
        for use in run.uses {
            guard let spend = spends[use.request], spend.user == use.user, spend.tokens == use.tokens,
                spend.at == use.at
            else {
                findings.append(Finding(promise, "\(use.request) of \(use.user) is not what was used"))
                continue
            }
        }
        for spend in run.spends where spend.isAcknowledged && counted[spend.request] == nil {
            findings.append(Finding(promise, "\(spend.request) was acknowledged and is not there"))
        }
        // One price holds for all: every price that a person named held from the beginning.
        let isPriced = run.prices.contains { price in run.uses.allSatisfy { $0.current == $0.tokens * price } }
        if !run.uses.isEmpty, !isPriced { findings.append(Finding(promise, "no one price explains all charges")) }
        return findings
    }

    /// In each period of each budget stands the sum of the uses that happened in it.
    package static func chargesAddUp(_ run: RunRecord) -> [Finding] {
        run.purses.flatMap { purse -> [Finding] in
            let starts = Set(run.uses.filter { purse.users.contains($0.user) }.map { purse.start(at: $0.at) })
            return starts.union(purse.spent.keys).sorted().compactMap { start in
                let (sum, spent) = (purse.sum(of: run.uses, in: start), purse.spent[start] ?? 0)
                return sum == spent
                    ? nil
                    : Finding(
                        "a budget's charge is the sum of its uses",
                        "\(purse.id) has \(spent) in the period from \(start.iso8601), and its uses make \(sum)")
            }
        }
    }

    /// A suspension names a budget that is used up and enforces, and none that is stricter was used up: none that holds
    /// longer, or as long and is closer to the principal.
    package static func strictestIsTheCause(_ run: RunRecord) -> [Finding] {
        let promise = "the strictest budget is the cause"
        var limits: [String: Int64] = [:]
        var findings: [Finding] = []
        for entry in run.audit {
            if entry.action == "budget.created" || entry.action == "budget.changed" { note(entry, &limits) }
            guard entry.action == "suspension.started", entry.detail["reason"] == "budget-exceeded" else { continue }
            let name = entry.detail["principalName"]?.stringValue ?? ""
            let named = entry.detail["cause"]?["budgetId"]?.stringValue ?? ""
            func isUsedUp(
                _ purse: RunRecord.Purse, _ isKnown: @escaping (Instant) -> Bool,
                correctedBy isCorrected: ((Instant) -> Bool)? = nil
            ) -> Bool {
                let sum = purse.sum(
                    of: run.uses, in: purse.start(at: entry.at), knownBy: isKnown, correctedBy: isCorrected)
                return sum > 0 && sum >= limits[purse.id] ?? .max
            }
            let all = run.purses.filter { $0.users.contains(name) }
            let what = "\(name) is suspended for \(named) at \(entry.at.iso8601)"
            // A correction of the same instant may have come before it or after.
            guard let cause = all.first(where: { $0.id == named }), cause.mode == .enforce,
                isUsedUp(cause, { $0 <= entry.at })
                    || isUsedUp(cause, { $0 <= entry.at }, correctedBy: { $0 < entry.at })
            else {
                findings.append(Finding(promise, "\(what), which is not used up"))
                continue
            }
            // What comes in the same instant may come after.
            for other in all
            where isStricter(other, than: cause, at: entry.at) && isUsedUp(other, { $0 < entry.at }) {
                findings.append(Finding(promise, "\(what), and \(other.id) is stricter"))
            }
        }
        return findings
    }

    private static func isStricter(_ one: RunRecord.Purse, than other: RunRecord.Purse, at now: Instant) -> Bool {
        guard one.mode == .enforce else { return false }
        let (ends, otherEnds) = (one.end(at: now), other.end(at: now))
        return (otherEnds, one.rank, one.id) < (ends, other.rank, other.id)
    }

    /// Limits as the audit log tells them.
    private static func note(_ entry: AuditEntry, _ limits: inout [String: Int64]) {
        let terms = entry.detail["after"] ?? entry.detail
        guard let id = terms["budgetId"]?.stringValue else { return }
        if let nanos = terms["limitNanos"]?.intValue ?? terms["limit"]?.intValue {
            limits[id] = nanos
        } else if let money = terms["limit"]?.stringValue.flatMap({ NanoDollars(dollars: $0) }) {
            limits[id] = money.rawValue
        }
    }
}
