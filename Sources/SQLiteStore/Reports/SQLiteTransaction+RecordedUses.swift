package import Budgets
import Enforcement
import WallTime

extension SQLiteTransaction {
    package func recordedUses(inHour hour: Int64, singly: Bool) throws -> [RecordedUse] {
        var whole = try slots(ofHour: hour)
        guard singly else { return whole.flatMap { $0.value.map(\.use) }.sorted(by: Self.isEarlier) }
        let tail = try tailUses(hour)
        var uses: [RecordedUse] = []
        for (principal, slots) in whole {
            let single = try (keyedUses(principal, hour) + (tail[principal] ?? [])).map { $0.use(like: slots[0].use) }
            // Single uses age out, and corrections change what they cost: then the sums are right and these are not.
            let cost = single.reduce(0) { $0 + $1.cost.rawValue }
            let expected = slots.reduce(0) { $0 + $1.use.cost.rawValue }
            let requests = slots.reduce(0) { $0 + $1.requests }
            guard single.count == requests, cost == expected else { continue }
            uses += single
            whole[principal] = nil
        }
        return (uses + whole.flatMap { $0.value.map(\.use) }).sorted(by: Self.isEarlier)
    }

    private static func isEarlier(_ left: RecordedUse, _ right: RecordedUse) -> Bool {
        left.at == right.at ? left.principal.id < right.principal.id : left.at < right.at
    }

    /// The hour's sums as uses at its end, by the number of their principal.
    private func slots(ofHour hour: Int64) throws -> [Int64: [(use: RecordedUse, requests: Int64)]] {
        let end = Instant(milliseconds: Instant(hour: hour + 1).milliseconds - 1)
        let slots = try all(
            """
            SELECT u.principal, p.account, p.kind, p.name, p.partition, p.path, p.team, u.requests, u.errors, u.cost,
                u.fallbackCost, u.input + u.output + u.cacheRead + u.cacheWrite5m + u.cacheWrite1h
            FROM usageHour AS u JOIN principal AS p ON p.id = u.principal WHERE u.hour = ?
            """, .integer(hour)
        ) { row in
            let id = PrincipalID(
                account: row.text(1), kind: try PrincipalID.Kind(stored: row.text(2), in: "principal.kind"),
                name: row.text(3))
            let use = RecordedUse(
                at: end, principal: Principal(id: id, partition: row.text(4), path: row.text(5)),
                team: row.optionalText(6), cost: NanoDollars(rawValue: row.integer(9)),
                fallbackCost: NanoDollars(rawValue: row.integer(10)), tokens: row.integer(11),
                requests: row.integer(7) - row.integer(8))
            return (number: row.integer(0), use: use, requests: row.integer(7))
        }
        return Dictionary(grouping: slots, by: \.number).mapValues { $0.map { ($0.use, $0.requests) } }
    }

    /// A principal's uses in closed runs.
    private func keyedUses(_ principal: Int64, _ hour: Int64) throws -> [SingleUse] {
        try all(
            """
            SELECT u.principal, o.at, u.amount, u.basis,
                u.input + u.output + u.cacheRead + u.cacheWrite5m + u.cacheWrite1h
            FROM usageOf AS o CROSS JOIN usage AS u
            WHERE u.id = o.use AND o.principal = ? AND o.at >= ? AND o.at < ?
            """,
            .integer(principal), .integer(Instant(hour: hour).milliseconds),
            .integer(Instant(hour: hour + 1).milliseconds)
        ) { try SingleUse($0) }
    }

    /// Everybody's uses after the last closed run, by the number of their principal.
    private func tailUses(_ hour: Int64) throws -> [Int64: [SingleUse]] {
        let uses = try rows(
            """
            SELECT principal, at, amount, basis, input + output + cacheRead + cacheWrite5m + cacheWrite1h
            FROM usage WHERE id > \(Self.lastClosed) AND at >= ? AND at < ?
            """,
            [.integer(Instant(hour: hour).milliseconds), .integer(Instant(hour: hour + 1).milliseconds)]
        ) { try SingleUse($0) }
        return Dictionary(grouping: uses, by: \.principal)
    }
}

/// A row of `usage`, as far as it says what is used again.
private struct SingleUse {
    let principal: Int64
    private let at: Int64
    private let cost: NanoDollars
    private let basis: Charge.Basis
    private let tokens: Int64

    init(_ row: PersistentStatement) throws {
        principal = row.integer(0)
        at = row.integer(1)
        cost = NanoDollars(rawValue: row.integer(2))
        basis = try Charge.Basis(code: row.integer(3))
        tokens = row.integer(4)
    }

    func use(like known: RecordedUse) -> RecordedUse {
        RecordedUse(
            at: Instant(milliseconds: at), principal: known.principal, team: known.team, cost: cost,
            fallbackCost: basis.isUnsure ? cost : .zero, tokens: tokens, requests: basis == .notBillable ? 0 : 1)
    }
}
