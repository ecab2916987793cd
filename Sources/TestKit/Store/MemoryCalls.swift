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
        for hour in hours {
            try requireWriting()
            try requireCaller(hour.slot.principal)
            var sums = tables.ledger.reports.latencies[hour.slot] ?? LatencySums()
            sums.add(hour.sums)
            tables.set(\.ledger.reports.latencies[hour.slot], sums)
        }
    }

    package func latencies(_ query: UsageQuery) throws -> [LatencyKey: LatencySums] {
        guard query.tellsLatencies else { return [:] }
        var found: [LatencyKey: LatencySums] = [:]
        for (slot, sums) in tables.ledger.reports.latencies where query.from <= slot.hour && slot.hour < query.to {
            let team = try principal(slot.principal)?.team
            guard query.principal == nil || query.principal == slot.principal, query.team == nil || query.team == team,
                query.model == nil || query.model == slot.model
            else { continue }
            let key = LatencyKey(
                principal: query.dimensions.contains(.principal) ? slot.principal : nil,
                team: query.dimensions.contains(.team) ? team : nil,
                model: query.dimensions.contains(.model) ? slot.model : nil)
            found[key, default: LatencySums()].add(sums)
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
