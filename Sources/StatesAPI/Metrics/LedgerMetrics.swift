import Budgets
import Enforcement
import WallTime

/// What the database holds, as metrics. Counters come from tables that only grow, so they go on over a restart.
struct LedgerMetrics {
    let gauges: LedgerGauges
    let now: Instant

    var families: [MetricFamily] {
        [usage, tagged, bill, ingestion, budgets, further, principals, [audit, notices], enforcement].flatMap(\.self)
    }

    // MARK: Usage

    private var usage: [MetricFamily] {
        var requests = MetricFamily(
            "steward_usage_requests_total", .counter, "Bedrock calls recorded, failed ones included.")
        var errors = MetricFamily("steward_usage_errors_total", .counter, "Bedrock calls recorded that had failed.")
        var tokens = MetricFamily("steward_usage_tokens_total", .counter, "Tokens recorded, by price class.")
        var images = MetricFamily("steward_usage_images_total", .counter, "Images recorded.")
        var cost = MetricFamily(
            "steward_usage_cost_dollars_total", .counter, "Charged in US dollars; later corrections are not in it.")
        var fallback = MetricFamily(
            "steward_usage_fallback_cost_dollars_total", .counter,
            "The part of it that was charged at safe rates for want of a price.")
        var fallbackRequests = MetricFamily(
            "steward_usage_fallback_requests_total", .counter, "Calls charged at safe rates for want of a price.")
        var unmetered = MetricFamily(
            "steward_usage_unmetered_requests_total", .counter,
            "Calls whose record had no counts: their cost is unknown.")
        for (model, sums) in summed(by: \.model) {
            let label = [("model", model)]
            images.add(sums.images, label)
            fallback.add(sums.fallbackCost.description, label)
            fallbackRequests.add(sums.fallbackRequests, label)
            unmetered.add(sums.unmetered, label)
            let classes = [
                ("input", sums.tokens.input), ("output", sums.tokens.output), ("cache_read", sums.tokens.cacheRead),
                ("cache_write_5m", sums.tokens.cacheWrite5m), ("cache_write_1h", sums.tokens.cacheWrite1h),
            ]
            for (name, count) in classes { tokens.add(count, label + [("class", name)]) }
        }
        for group in gauges.models {
            let labels = [
                ("model", group.model ?? ""), ("region", group.region ?? ""), ("operation", group.operation ?? ""),
            ]
            requests.add(group.sums.requests, labels)
            errors.add(group.sums.errors, labels)
            cost.add(group.sums.cost.description, labels)
        }
        return [requests, errors, tokens, images, cost, fallback, fallbackRequests, unmetered]
    }

    private func summed(by key: (UsageGroup) -> String?) -> [(String, UsageSums)] {
        var sums: [(String, UsageSums)] = []
        for group in gauges.models {
            let name = key(group) ?? ""
            if let index = sums.firstIndex(where: { $0.0 == name }) {
                sums[index].1.add(group.sums)
            } else {
                sums.append((name, group.sums))
            }
        }
        return sums
    }

    /// By team, by purpose and by tier, each in metrics of its own: added up over all, one use would count three times.
    private var tagged: [MetricFamily] {
        CostTag.allCases.flatMap { tag in
            let name = tag.rawValue
            var cost = MetricFamily(
                "steward_\(name)_cost_dollars_total", .counter,
                "Charged in US dollars by \(name); later corrections are not in it.")
            var requests = MetricFamily(
                "steward_\(name)_requests_total", .counter, "Bedrock calls recorded by \(name), failed ones included.")
            var tokens = MetricFamily(
                "steward_\(name)_tokens_total", .counter, "Tokens recorded by \(name), of all price classes.")
            for row in gauges.tagged where row.tag == tag {
                let label = [(name, row.value)]
                cost.add(row.sums.cost.description, label)
                requests.add(row.sums.requests, label)
                tokens.add(row.sums.allTokens, label)
            }
            return [cost, requests, tokens]
        }
    }

    private var bill: [MetricFamily] {
        var day = MetricFamily(
            "steward_bill_day_timestamp_seconds", .gauge, "The day that was last compared with AWS's bill.")
        var billed = MetricFamily("steward_bill_billed_dollars", .gauge, "What AWS has billed for Bedrock on that day.")
        var charged = MetricFamily("steward_bill_charged_dollars", .gauge, "What the ledger has charged for it.")
        if let bill = gauges.bill {
            day.add(Self.seconds(bill.day))
            billed.add(bill.billed.description)
            charged.add(bill.charged.description)
        }
        return [day, billed, charged]
    }

    // MARK: Ingestion

    private var ingestion: [MetricFamily] {
        var records = MetricFamily(
            "steward_ingest_records_total", .counter, "Usage records taken in, by what became of them.")
        for tally in tallies(.ingest) { records.add(tally.count, [("outcome", tally.key)]) }
        var heard = MetricFamily(
            "steward_ingest_last_batch_timestamp_seconds", .gauge, "When a source was last heard.")
        var latest = MetricFamily(
            "steward_ingest_latest_use_timestamp_seconds", .gauge, "When the newest use that a source has brought was.")
        for source in gauges.sources {
            heard.add(Self.seconds(source.heardAt), [("source", source.name)])
            if let use = source.latestUse { latest.add(Self.seconds(use), [("source", source.name)]) }
        }
        var freshness = MetricFamily(
            "steward_ingest_freshness_seconds", .gauge,
            "Since any source was last heard; nothing while none ever was.")
        if let last = gauges.sources.map(\.heardAt).max() {
            freshness.add(max(0, now.milliseconds - last.milliseconds) / 1000)
        }
        return [records, heard, latest, freshness]
    }

    // MARK: Budgets

    private var budgets: [MetricFamily] {
        var status = MetricFamily("steward_budgets", .gauge, "Budgets of principals, by access.")
        for count in gauges.budgets { status.add(count.count, [("status", count.key.rawValue)]) }
        var thresholds = MetricFamily(
            "steward_budgets_beyond_threshold", .gauge,
            "Budgets of principals, none of whom is gone, whose highest announced threshold this is.")
        for count in gauges.thresholds { thresholds.add(count.count, [("threshold", count.key.rawValue)]) }
        return [status, thresholds]
    }

    private var further: [MetricFamily] {
        var spent = MetricFamily(
            "steward_shared_budget_spent", .gauge,
            "Spent of a team's, the pool's, everyone's or a further budget in its period: dollars, tokens or requests.")
        var limit = MetricFamily("steward_shared_budget_limit", .gauge, "The limit of such a budget.")
        for account in gauges.further {
            let budget = account.budget
            let labels = [
                ("scope", budget.scope.description), ("unit", budget.unit.rawValue),
                ("period", budget.periodRule.description),
            ]
            spent.add(Self.amount(account.standing.spent, budget.unit), labels)
            limit.add(Self.amount(budget.limit, budget.unit), labels)
        }
        return [spent, limit]
    }

    private var principals: [MetricFamily] {
        var spent = MetricFamily(
            "steward_principal_spent_dollars", .gauge,
            "Spent in their periods by the principals that have used the most of their limit.")
        var limit = MetricFamily("steward_principal_limit_dollars", .gauge, "The limits of the same principals.")
        for account in gauges.top {
            let labels = [("principal", account.principal.id.description), ("team", account.team ?? "")]
            spent.add(account.standing.spending.total.description, labels)
            limit.add(account.budget.limit.description, labels)
        }
        return [spent, limit]
    }

    // MARK: Decisions

    private var audit: MetricFamily {
        var family = MetricFamily(
            "steward_audit_entries_total", .counter, "Decisions and changes in the audit log, by action.")
        for tally in tallies(.audit) { family.add(tally.count, [("action", tally.key)]) }
        return family
    }

    private var notices: MetricFamily {
        var family = MetricFamily("steward_notices_total", .counter, "Notices written for people, by kind.")
        // All kinds, so that an alert on one that has never happened has something to look at.
        let known = Dictionary(tallies(.notice).map { ($0.key, $0.count) }, uniquingKeysWith: { $1 })
        for kind in Notice.Kind.allCases { family.add(known[kind.rawValue] ?? 0, [("kind", kind.rawValue)]) }
        return family
    }

    /// What both earlier systems counted by names of their own.
    private var enforcement: [MetricFamily] {
        let actions = Dictionary(tallies(.audit).map { ($0.key, $0.count) }, uniquingKeysWith: { $1 })
        let notices = Dictionary(tallies(.notice).map { ($0.key, $0.count) }, uniquingKeysWith: { $1 })
        let ingest = Dictionary(tallies(.ingest).map { ($0.key, $0.count) }, uniquingKeysWith: { $1 })
        func counter(_ name: String, _ help: String, _ count: Int64?) -> MetricFamily {
            MetricFamily(name, .counter, help, count ?? 0)
        }
        return [
            counter(
                "steward_suspensions_started_total", "Suspension workflows started.", actions["suspension.started"]),
            counter(
                "steward_suspensions_total", "Access taken away, verified.", notices[Notice.Kind.suspended.rawValue]),
            counter(
                "steward_suspensions_failed_total", "Suspensions that need a person.",
                notices[Notice.Kind.suspensionFailed.rawValue]),
            counter(
                "steward_restorations_total", "Access given back, verified.", notices[Notice.Kind.restored.rawValue]),
            counter(
                "steward_restorations_failed_total", "Restorations that need a person.",
                notices[Notice.Kind.restorationFailed.rawValue]),
            counter("steward_budgets_created_total", "Budgets made.", actions["budget.created"]),
            counter("steward_budgets_refreshed_total", "Runs of the daily refresh.", actions["budgets.refreshed"]),
            counter(
                "steward_principals_discovered_total", "Principals found by their spending.", ingest["new-principal"]),
            counter("steward_budget_crossings_total", "Thresholds crossed.", ingest["crossing"]),
            counter(
                "steward_unknown_models_total", "Models that were used and have no price.",
                notices[Notice.Kind.unknownModel.rawValue]),
            counter(
                "steward_enforcement_leaks_total", "Suspensions during which spending went on.",
                notices[Notice.Kind.enforcementLeak.rawValue]),
            counter(
                "steward_access_differences_total", "Differences between the ledger and IAM that were found.",
                actions["access.drift"]),
            counter(
                "steward_access_repairs_total", "Of those, repaired: access taken again, a forgotten deny removed.",
                (actions["access.repaired"] ?? 0) + (actions["access.orphan-removed"] ?? 0)),
            counter(
                "steward_bill_differences_total", "Days whose bill differed from the ledger by more than a tenth.",
                notices[Notice.Kind.costDrift.rawValue]),
        ]
    }

    private func tallies(_ kind: LedgerGauges.Tally.Kind) -> [LedgerGauges.Tally] {
        gauges.tallies.filter { $0.kind == kind }
    }

    static func seconds(_ instant: Instant) -> String {
        let (seconds, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: 1000)
        let digits = String(rest.magnitude)
        return rest == 0 ? "\(seconds)" : "\(seconds).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }

    private static func amount(_ amount: Int64, _ unit: BudgetUnit) -> String {
        unit == .money ? NanoDollars(rawValue: amount).description : "\(amount)"
    }
}
