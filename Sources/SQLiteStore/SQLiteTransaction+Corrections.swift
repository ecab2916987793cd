package import Budgets
package import Enforcement
package import WallTime

extension SQLiteTransaction {
    /// Where a use stands, and which model it names.
    private struct Place {
        let number: Int64
        let at: Int64
        let model: Int64
    }

    package func chargedUses(_ query: ChargedUseQuery, of isAsked: (ModelID) -> Bool) throws -> ChargedUsePage {
        let places = try query.principal.map { try placesOfPrincipal($0, query) } ?? placesByNumber(query)
        var asked: [Int64: Bool] = [:]
        var uses: [ChargedUse] = []
        var last: Place?
        for place in places where uses.count < query.limit {
            last = place
            guard query.asksFor(Instant(milliseconds: place.at)) else { continue }
            let isWanted = try asked[place.model] ?? isAsked(ModelID(labelText(place.model)))
            asked[place.model] = isWanted
            if isWanted, let use = try chargedUse(place.number) { uses.append(use) }
        }
        let isAll = places.count < query.window && last?.number == places.last?.number
        let next = isAll ? nil : last.map { UsePosition(at: query.principal == nil ? 0 : $0.at, number: $0.number) }
        return ChargedUsePage(uses: uses, next: next)
    }

    private func labelText(_ number: Int64) throws -> String {
        try first("SELECT text FROM usageLabel WHERE id = ?", .integer(number)) { $0.text(0) } ?? ""
    }

    private func placesOfPrincipal(
        _ principal: PrincipalID, _ query: ChargedUseQuery
    ) throws -> [Place] {
        guard let known = try numberOfPrincipal(principal) else { return [] }
        let start = query.after ?? UsePosition(at: query.from?.milliseconds ?? .min, number: .min)
        return try rows(
            Self.placesOfPrincipal,
            [
                .integer(known), .integer(start.at), .integer(start.number),
                .integer(query.to?.milliseconds ?? .max), SQLValue(query.window),
            ]
        ) { Place(number: $0.integer(0), at: $0.integer(1), model: $0.integer(2)) }
    }

    /// Those of closed runs in their order, and in between those of the tail, which are sorted.
    static let placesOfPrincipal = """
        SELECT o.use AS id, o.at AS at, u.model FROM usageOf AS o CROSS JOIN usage AS u
        WHERE u.id = o.use AND o.principal = ?1 AND o.at >= ?2 AND (o.at > ?2 OR o.use > ?3) AND o.at < ?4
        UNION ALL
        SELECT id, at, model FROM usage
        WHERE id > \(lastClosed) AND principal = ?1 AND at >= ?2 AND (at > ?2 OR id > ?3) AND at < ?4
        ORDER BY at, id LIMIT ?5
        """

    private func placesByNumber(_ query: ChargedUseQuery) throws -> [Place] {
        let after = try query.after?.number ?? start(of: query)
        return try all(
            "SELECT id, at, model FROM usage WHERE id > ? ORDER BY id LIMIT ?", .integer(after), SQLValue(query.window)
        ) { Place(number: $0.integer(0), at: $0.integer(1), model: $0.integer(2)) }
    }

    /// The number after which all uses that are asked for lie. None is recorded more than a day before it happened; a
    /// clock that was set back leaves numbers out of order by as much, which another day covers.
    private func start(of query: ChargedUseQuery) throws -> Int64 {
        let bounds = [query.from.map { $0 - .seconds(86_400) }, query.recordedFrom].compactMap(\.self)
        guard let bound = bounds.max() else { return 0 }
        return try lastUse(recordedBefore: (bound - .seconds(86_400)).milliseconds)
    }

    /// The last use before the first that was recorded from `bound` on, found by halving: uses are numbered as they are
    /// recorded.
    private func lastUse(recordedBefore bound: Int64) throws -> Int64 {
        var low: Int64 = 0
        var high = try first("SELECT max(id) FROM usage") { $0.integer(0) } ?? 0
        while low < high {
            let middle = low + (high - low + 1) / 2
            let recordedAt = try first(
                "SELECT recordedAt FROM usage WHERE id >= ? ORDER BY id LIMIT 1", .integer(middle)
            ) { $0.integer(0) }
            if let recordedAt, recordedAt < bound { low = middle } else { high = middle - 1 }
        }
        return low
    }

    private func chargedUse(_ number: Int64) throws -> ChargedUse? {
        let found = try first(
            """
            SELECT region.text, account.text, requestID, u.charge, u.chargeBasis
            FROM usageCharge AS u
            JOIN usageLabel AS account ON account.id = u.account
            JOIN usageLabel AS region ON region.id = u.region
            WHERE u.id = ?
            """, .integer(number)
        ) { row in
            (
                UsageKey(
                    account: row.text(1), region: row.text(0), requestID: Self.requestID(stored: row.blob(2))),
                Charge(amount: NanoDollars(rawValue: row.integer(3)), basis: try Charge.Basis(code: row.integer(4)))
            )
        }
        guard let (key, current) = found, let usage = try usage(number, key) else { return nil }
        return ChargedUse(number: number, usage: usage, current: current)
    }

    /// What `stored(requestID:)` was given.
    static func requestID(stored bytes: [UInt8]) -> String {
        guard bytes.first == 1, bytes.count == 17 else { return String(decoding: bytes.dropFirst(), as: UTF8.self) }
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.dropFirst().enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    package func insertCorrection(_ correction: UsageCorrection) throws {
        try change(
            "INSERT INTO usageCorrection (usage, amount, basis, at, actor, priceSource) VALUES (?, ?, ?, ?, ?, ?)",
            .integer(correction.use), .integer(correction.amount.rawValue), .integer(correction.basis.code),
            .integer(correction.at.milliseconds), .integer(try label(correction.actor)),
            .integer(try label(correction.priceSource)))
    }

    package func corrections(of key: UsageKey) throws -> [UsageCorrection] {
        guard let number = try useNumber(key) else { return [] }
        return try all(
            """
            SELECT c.usage, c.amount, c.basis, c.at, actor.text, priceSource.text
            FROM usageCorrection AS c
            JOIN usageLabel AS actor ON actor.id = c.actor
            JOIN usageLabel AS priceSource ON priceSource.id = c.priceSource
            WHERE c.usage = ? ORDER BY c.id
            """, .integer(number)
        ) { row in
            UsageCorrection(
                use: row.integer(0), amount: NanoDollars(rawValue: row.integer(1)),
                basis: try Charge.Basis(code: row.integer(2)), at: Instant(milliseconds: row.integer(3)),
                actor: row.text(4), priceSource: row.text(5))
        }
    }

    package func sumOfUses(by principal: PrincipalID, from: Instant, to: Instant) throws -> UsageSums {
        var sums = UsageSums()
        guard from < to, let known = try numberOfPrincipal(principal) else { return sums }
        let uses = try rows(
            Self.chargesOfPrincipal,
            [.integer(known), .integer(from.milliseconds), .integer(to.milliseconds)]
        ) { row in
            UsageSums(
                charge: Charge(
                    amount: NanoDollars(rawValue: row.integer(0)), basis: try Charge.Basis(code: row.integer(1))),
                isFailed: row.integer(2) == 1,
                tokens: TokenCounts(
                    input: row.integer(3), output: row.integer(4), cacheRead: row.integer(5),
                    cacheWrite5m: row.integer(6), cacheWrite1h: row.integer(7)),
                images: row.integer(8))
        }
        for use in uses { sums.add(use) }
        return sums
    }

    /// Those of closed runs, and those of the tail.
    static let chargesOfPrincipal = """
        SELECT \(charged) FROM usageOf AS o CROSS JOIN usageCharge AS u
        WHERE u.id = o.use AND o.principal = ?1 AND o.at >= ?2 AND o.at < ?3
        UNION ALL
        SELECT \(charged) FROM usageCharge AS u
        WHERE u.id > \(lastClosed) AND u.principal = ?1 AND u.at >= ?2 AND u.at < ?3
        """

    private static let charged = """
        u.charge, u.chargeBasis, u.errorCode IS NOT NULL, u.input, u.output, u.cacheRead, u.cacheWrite5m,
        u.cacheWrite1h, u.images
        """

    package func spending(of budget: BudgetID, at instant: Instant) throws -> PeriodSpending? {
        let start = try first(
            """
            SELECT start FROM budgetPeriod JOIN budget ON budget.id = budgetPeriod.budget
            WHERE budget.name = ?1 AND start <= ?2 AND end > ?2 ORDER BY start DESC LIMIT 1
            """, .text(budget.rawValue), .integer(instant.milliseconds)
        ) { $0.integer(0) }
        return try start.flatMap { try spending(of: budget, periodStart: Instant(milliseconds: $0)) }
    }
}
