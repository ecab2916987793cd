package import Budgets
package import Enforcement
package import WallTime

extension MemoryTransaction {
    package func insertCall(_ id: String, at: Instant) throws -> Bool {
        try requireWriting()
        guard !tables.ledger.reports.countedCalls.contains(id) else { return false }
        tables.insert(\.ledger.reports.countedCalls, id)
        return true
    }

    package func addCalls(_ hours: [CallHour]) throws {
        try requireWriting()
        for hour in hours {
            try requireCaller(hour.slot.principal)
            var slot = hour.slot
            let calls = tables.ledger.reports.calls
            let known = calls.keys.filter { $0.hour == slot.hour && $0.principal == slot.principal }
            if calls[slot] == nil, known.count >= CallSlot.mostOfPrincipal - 1 {
                (slot.agent, slot.address) = (CallSlot.other, CallSlot.other)
            }
            var sums = hour.sums
            if let before = calls[slot] { sums.add(before) }
            tables.set(\.ledger.reports.calls[slot], sums)
        }
    }

    package func callGroups(_ query: CallQuery) throws -> [CallGroup] {
        let none = CallSums(requests: 0, errors: 0, firstAt: .distantFuture, lastAt: Instant(milliseconds: .min))
        var groups: [CallGroup: CallSums] = [:]
        for (slot, sums) in tables.ledger.reports.calls where query.from <= slot.hour && slot.hour < query.to {
            let record = try principal(slot.principal)
            guard query.principal == nil || query.principal == slot.principal,
                query.team == nil || query.team == record?.team
            else { continue }
            let asked = query.dimensions
            let group = CallGroup(
                principal: asked.contains(.principal) ? record?.principal : nil,
                team: asked.contains(.team) ? record?.team : nil, agent: asked.contains(.userAgent) ? slot.agent : nil,
                address: asked.contains(.address) ? slot.address : nil,
                operation: asked.contains(.operation) ? slot.operation : nil, sums: none)
            groups[group, default: none].add(sums)
        }
        let summed = groups.map { key, sums in
            var group = key
            group.sums = sums
            return group
        }
        let sorted = summed.sorted { left, right in
            left.sums.requests == right.sums.requests
                ? left.names.lexicographicallyPrecedes(right.names) : left.sums.requests > right.sums.requests
        }
        return Array(sorted.prefix(max(0, query.limit)))
    }

    package func addLatencies(_ hours: [LatencyHour]) throws {
        guard !hours.isEmpty else { return }
        try requireWriting()
        var reports = tables.ledger.reports
        for hour in hours {
            try requireCaller(hour.slot.principal)
            let slot = ReportTables.TaggedLatencySlot(
                hour: hour.slot.hour, tags: hour.tags, model: hour.slot.model)
            reports.latencies[hour.slot, default: LatencySums()].add(hour.sums)
            reports.latenciesByTag[slot, default: LatencySums()].add(hour.sums)
        }
        tables.set(\.ledger.reports, reports)
    }

    package func latencies(_ query: UsageQuery, of keys: Set<LatencyKey>?) throws -> [LatencyKey: LatencySums] {
        guard query.tellsLatencies else { return [:] }
        let reports = tables.ledger.reports
        var found: [LatencyKey: LatencySums] = [:]
        func add(_ slot: ReportTables.TaggedLatencySlot, _ sums: LatencySums, of principal: PrincipalID? = nil) {
            let asked = query.dimensions
            let key = LatencyKey(
                principal: asked.contains(.principal) ? principal : nil,
                team: asked.contains(.team) ? slot.tags.team : nil,
                purpose: asked.contains(.purpose) ? slot.tags.purpose : nil,
                tier: asked.contains(.tier) ? slot.tags.tier : nil, model: asked.contains(.model) ? slot.model : nil)
            guard query.from <= slot.hour, slot.hour < query.to, query.team == nil || query.team == slot.tags.team,
                query.model == nil || query.model == slot.model, keys?.contains(key) ?? true
            else { return }
            found[key, default: LatencySums()].add(sums)
        }
        guard query.needsPrincipals else {
            for (slot, sums) in reports.latenciesByTag { add(slot, sums) }
            return found
        }
        for (slot, sums) in reports.latencies where query.principal == nil || query.principal == slot.principal {
            let record = try principal(slot.principal)
            let tags = CostTags(team: record?.team, purpose: record?.purpose, tier: record?.tier)
            add(
                ReportTables.TaggedLatencySlot(hour: slot.hour, tags: tags, model: slot.model), sums, of: slot.principal
            )
        }
        return found
    }

    private func requireCaller(_ id: PrincipalID) throws {
        guard tables.ledger.principals[id] != nil else { throw MissingRow(description: "principal \(id)") }
    }
}

extension CallGroup {
    /// What orders groups of equal sums.
    fileprivate var names: [String] {
        [principal?.id.description, team, agent, address, operation].map { $0 ?? "" }
    }
}
