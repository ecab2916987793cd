package import Budgets
package import Enforcement
import Engine
package import WallTime

/// What reports are read from, in memory.
struct ReportTables {
    /// An hour's uses under the tags that those who paid had then.
    struct TaggedSlot: Hashable {
        var hour: Int64
        var tags: CostTags
        var model: String
        var region: String
        var operation: String

        init(_ slot: UsageSlot, _ tags: CostTags) {
            hour = slot.hour
            self.tags = tags
            model = slot.model
            region = slot.region
            operation = slot.operation
        }
    }

    struct TaggedLatencySlot: Hashable {
        var hour: Int64
        var tags: CostTags
        var model: String
    }

    var hours: [UsageSlot: UsageSums] = [:]
    var hoursByTag: [TaggedSlot: UsageSums] = [:]
    /// Since ever, whatever was corrected.
    var totals: [UsageSlot: UsageSums] = [:]
    /// The same by tag, in the order in which values first appeared.
    var tagged: [TaggedSums] = []
    var ingest: [String: Int64] = [:]
    var calls: [CallSlot: CallSums] = [:]
    var countedCalls: Set<String> = []
    var latencies: [LatencySlot: LatencySums] = [:]
    var latenciesByTag: [TaggedLatencySlot: LatencySums] = [:]
}

extension MemoryTransaction: ReportLedger {
    package func addUsageHours(_ hours: [UsageHour]) throws {
        try requireWriting()
        var reports = tables.ledger.reports
        for hour in hours {
            guard tables.ledger.principals[hour.slot.principal] != nil else {
                throw MissingRow(description: "principal \(hour.slot.principal)")
            }
            reports.hours[hour.slot, default: UsageSums()].add(hour.sums)
            reports.hoursByTag[.init(hour.slot, hour.tags), default: UsageSums()].add(hour.sums)
            reports.totals[hour.slot.ofEver, default: UsageSums()].add(hour.sums)
        }
        tables.set(\.ledger.reports, reports)
    }

    package func adjustUsageHour(_ slot: UsageSlot, tags: CostTags, by change: UsageSums) throws {
        try requireWriting()
        var reports = tables.ledger.reports
        reports.hours[slot, default: UsageSums()].add(change)
        reports.hoursByTag[.init(slot, tags), default: UsageSums()].add(change)
        tables.set(\.ledger.reports, reports)
    }

    package func addTaggedSums(_ sums: [TaggedSums]) throws {
        try requireWriting()
        var tagged = tables.ledger.reports.tagged
        for row in sums {
            if let place = tagged.firstIndex(where: { $0.tag == row.tag && $0.value == row.value }) {
                tagged[place].sums.add(row.sums)
            } else {
                tagged.append(row)
            }
        }
        tables.set(\.ledger.reports.tagged, tagged)
    }

    package func hoursWithUsage(from: Int64, to: Int64) throws -> [HourLoad] {
        var loads: [Int64: Int64] = [:]
        for (slot, sums) in tables.ledger.reports.hours where from <= slot.hour && slot.hour < to {
            loads[slot.hour, default: 0] += sums.requests
        }
        return loads.sorted { $0.key < $1.key }.map { HourLoad(hour: $0.key, requests: $0.value) }
    }

    package func usageGroups(_ query: UsageQuery) throws -> [UsageGroup] {
        let summed = try summed(query).map { key, sums in
            var group = key
            group.sums = sums
            return group
        }
        return Array(summed.sorted { query.order.precedes($0, $1) }.prefix(query.limit))
    }

    package func usageSums(of groups: Set<UsageGroup>, _ query: UsageQuery) throws -> [UsageGroup: UsageSums] {
        try summed(query).filter { groups.contains($0.key) }
    }

    private func summed(_ query: UsageQuery) throws -> [UsageGroup: UsageSums] {
        var groups: [UsageGroup: UsageSums] = [:]
        func add(_ slot: ReportTables.TaggedSlot, _ sums: UsageSums, of principal: Principal? = nil) {
            guard query.from <= slot.hour, slot.hour < query.to, query.team == nil || query.team == slot.tags.team,
                query.model == nil || query.model == slot.model, query.region == nil || query.region == slot.region
            else { return }
            groups[slot.group(query.dimensions, principal), default: UsageSums()].add(sums)
        }
        if query.needsPrincipals {
            for (slot, sums) in tables.ledger.reports.hours
            where query.principal == nil || query.principal == slot.principal {
                let record = try principal(slot.principal)
                let tags = CostTags(team: record?.team, purpose: record?.purpose, tier: record?.tier)
                add(ReportTables.TaggedSlot(slot, tags), sums, of: record?.principal)
            }
        } else {
            for (slot, sums) in tables.ledger.reports.hoursByTag { add(slot, sums) }
        }
        return groups
    }

    package func recordedUses(inHour hour: Int64, singly: Bool) throws -> [RecordedUse] {
        let slots = tables.ledger.reports.hours.filter { $0.key.hour == hour }
        var uses: [RecordedUse] = []
        for (id, slots) in Dictionary(grouping: slots, by: \.key.principal) {
            guard let record = try principal(id) else { continue }
            let single = tables.ledger.usage.values.filter {
                $0.event.principal.id == id && $0.event.at.hour == hour
            }
            let cost = single.reduce(0) { $0 + $1.charge.amount.rawValue }
            let isWhole =
                Int64(single.count) == slots.reduce(0) { $0 + $1.value.requests }
                && cost == slots.reduce(0) { $0 + $1.value.cost.rawValue }
            uses +=
                singly && isWhole
                ? single.map { RecordedUse($0, record) } : slots.map { RecordedUse($0.key, $0.value, record) }
        }
        return uses.sorted { ($0.at, $0.principal.id) < ($1.at, $1.principal.id) }
    }
}

extension MemoryTransaction {
    package func countIngest(_ report: IngestReport) throws {
        try requireWriting()
        var reports = tables.ledger.reports
        for (key, count) in report.outcomes where count > 0 { reports.ingest[key, default: 0] += Int64(count) }
        tables.set(\.ledger.reports, reports)
    }

    package func topAccounts(_ order: AccountOrder, limit: Int, at now: Instant) throws -> [BudgetAccount] {
        func spent(_ account: BudgetAccount) -> NanoDollars {
            let isOver = !account.standing.access.status.keepsPeriod && account.standing.period.end <= now
            return isOver ? .zero : account.standing.spending.total
        }
        let sorted = tables.ledger.accounts.values.sorted { left, right in
            let (a, b) = (spent(left), spent(right))
            if order == .percent {
                let (x, y) = (a.perMille(of: left.budget.limit), b.perMille(of: right.budget.limit))
                if x != y { return x > y }
            }
            return a == b ? left.id.rawValue < right.id.rawValue : a > b
        }
        return Array(sorted.prefix(limit))
    }

    package func gauges(_ limits: GaugeLimits) throws -> LedgerGauges {
        var gauges = LedgerGauges()
        let ledger = tables.ledger
        gauges.models = ledger.reports.totals.sorted { $0.key.model < $1.key.model }.prefix(limits.models).map {
            UsageGroup(model: $0.key.model, region: $0.key.region, operation: $0.key.operation, sums: $0.value)
        }
        gauges.tagged = ledger.reports.tagged.bounded(limits.tagValues)
        gauges.tallies = Array(
            tallies.sorted { ($0.kind.rawValue, $0.key) < ($1.kind.rawValue, $1.key) }
                .prefix(limits.tallies))
        gauges.endings = endings
        let running = tables.executions.values.filter { $0.record.status == .running }
        gauges.runningExecutions = Int64(running.count)
        gauges.parkedExecutions = Int64(running.count - tables.live.count)
        gauges.openDeadLetters = DeadLetterKind.allCases.map { kind in
            LedgerGauges.Count(
                kind, Int64(tables.deadLetters.values.filter { $0.status == .open && $0.letter.kind == kind }.count))
        }
        gauges.budgets = AccessStatus.allCases.map { status in
            LedgerGauges.Count(
                status, Int64(ledger.accounts.values.filter { $0.standing.access.status == status }.count))
        }
        gauges.thresholds = Threshold.allCases.map { threshold in
            LedgerGauges.Count(
                threshold,
                Int64(
                    ledger.accounts.values.filter { account in
                        account.standing.access.status != .closed
                            && Threshold.allCases.last(where: account.standing.announced.contains) == threshold
                    }.count))
        }
        gauges.top = try topAccounts(.percent, limit: limits.principals, at: Instant(milliseconds: .min))
        gauges.further = try furtherBudgetsSharedFirst(limit: limits.furtherBudgets)
        let waiting = ledger.outbox.values.filter { $0.status == .waiting }
        gauges.waitingNotices = Int64(waiting.count)
        gauges.oldestNotice = waiting.map(\.notice.at).min()
        let heard = tables.ingest.sources.values.compactMap { source in
            source.lastReceivedAt.map {
                LedgerGauges.Source(name: source.origin.name, heardAt: $0, latestUse: source.lastRecordAt)
            }
        }
        gauges.sources = Array(heard.sorted { $0.heardAt > $1.heardAt }.prefix(limits.sources))
        return gauges
    }

    private var tallies: [LedgerGauges.Tally] {
        func counted(_ kind: LedgerGauges.Tally.Kind, _ keys: [String]) -> [LedgerGauges.Tally] {
            Dictionary(grouping: keys, by: \.self).map {
                LedgerGauges.Tally(kind: kind, key: $0.key, count: Int64($0.value.count))
            }
        }
        return counted(.audit, tables.audit.map(\.action))
            + counted(.notice, tables.ledger.notices.map(\.kind.rawValue))
            + counted(.deadLetter, tables.deadLetters.values.map(\.letter.kind.rawValue))
            + tables.ledger.reports.ingest.map { LedgerGauges.Tally(kind: .ingest, key: $0.key, count: $0.value) }
    }

    private var endings: [LedgerGauges.Endings] {
        struct Key: Hashable {
            var machine: String
            var status: ExecutionStatus
        }
        var endings: [Key: LedgerGauges.Endings] = [:]
        for execution in tables.executions.values.map(\.record) {
            guard let stopped = execution.stoppedAt, execution.status != .running else { continue }
            let key = Key(machine: execution.stateMachine, status: execution.status)
            let milliseconds = max(0, stopped.milliseconds - execution.startedAt.milliseconds)
            var ending =
                endings[key] ?? LedgerGauges.Endings(stateMachine: execution.stateMachine, status: execution.status)
            ending.counts[LedgerGauges.Endings.bucket(milliseconds: milliseconds)] += 1
            ending.milliseconds += milliseconds
            endings[key] = ending
        }
        return endings.values.sorted { ($0.stateMachine, $0.status.rawValue) < ($1.stateMachine, $1.status.rawValue) }
    }
}

extension ReportTables.TaggedSlot {
    /// The group that it belongs to, without sums.
    fileprivate func group(_ dimensions: Set<UsageDimension>, _ principal: Principal?) -> UsageGroup {
        UsageGroup(
            principal: dimensions.contains(.principal) ? principal : nil,
            team: dimensions.contains(.team) ? tags.team : nil,
            purpose: dimensions.contains(.purpose) ? tags.purpose : nil,
            tier: dimensions.contains(.tier) ? tags.tier : nil, model: dimensions.contains(.model) ? model : nil,
            region: dimensions.contains(.region) ? region : nil,
            operation: dimensions.contains(.operation) ? operation : nil, sums: UsageSums())
    }
}

extension UsageSlot {
    /// The slot of all hours and principals.
    fileprivate var ofEver: UsageSlot {
        UsageSlot(
            hour: 0, principal: PrincipalID(account: "", kind: .root, name: ""), model: model, region: region,
            operation: operation)
    }
}

extension UsageQuery.Order {
    fileprivate func precedes(_ left: UsageGroup, _ right: UsageGroup) -> Bool {
        let (a, b) = (left.sums, right.sums)
        let keys: [(Int64, Int64)] =
            switch self {
            case .cost: [(a.cost.rawValue, b.cost.rawValue), (a.requests, b.requests)]
            case .requests: [(a.requests, b.requests), (a.cost.rawValue, b.cost.rawValue)]
            case .tokens: [(a.allTokens, b.allTokens), (a.cost.rawValue, b.cost.rawValue)]
            }
        for (x, y) in keys where x != y { return x > y }
        return left.name < right.name
    }
}

extension RecordedUse {
    fileprivate init(_ usage: ChargedUsage, _ record: PrincipalRecord) {
        self.init(
            at: usage.event.at, principal: record.principal, team: record.team, cost: usage.charge.amount,
            fallbackCost: usage.charge.basis.isUnsure ? usage.charge.amount : .zero,
            tokens: usage.event.tokens.all, requests: usage.charge.basis == .notBillable ? 0 : 1)
    }

    fileprivate init(_ slot: UsageSlot, _ sums: UsageSums, _ record: PrincipalRecord) {
        self.init(
            at: Instant(milliseconds: Instant(hour: slot.hour + 1).milliseconds - 1), principal: record.principal,
            team: record.team, cost: sums.cost, fallbackCost: sums.fallbackCost, tokens: sums.allTokens,
            requests: sums.requests - sums.errors)
    }
}
