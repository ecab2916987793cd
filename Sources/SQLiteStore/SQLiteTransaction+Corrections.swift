package import Budgets
package import Enforcement
package import WallTime

extension SQLiteTransaction {
    package func chargedUses(_ query: ChargedUseQuery) throws -> ChargedUsePage {
        let places: [(number: Int64, at: Int64)]
        if let principal = query.principal {
            places = try placesOfPrincipal(principal, query)
        } else {
            places = try placesByNumber(query)
        }
        var uses: [ChargedUse] = []
        for place in places where query.asksFor(Instant(milliseconds: place.at)) {
            if let use = try chargedUse(place.number) { uses.append(use) }
        }
        guard places.count == query.window, let last = places.last else {
            return ChargedUsePage(uses: uses, looked: places.count, next: nil)
        }
        let next = UsePosition(at: query.principal == nil ? 0 : last.at, number: last.number)
        return ChargedUsePage(uses: uses, looked: places.count, next: next)
    }

    private func placesOfPrincipal(
        _ principal: PrincipalID, _ query: ChargedUseQuery
    ) throws -> [(number: Int64, at: Int64)] {
        let known = try first(
            "SELECT id FROM principal WHERE name = ? AND kind = ? AND account = ?", .text(principal.name),
            .text(principal.kind.rawValue), .text(principal.account)
        ) { $0.integer(0) }
        guard let known else { return [] }
        let start = query.after ?? UsePosition(at: query.from?.milliseconds ?? .min, number: .min)
        return try all(
            """
            SELECT id, at FROM usage INDEXED BY usageByPrincipal
            WHERE principal = ?1 AND at >= ?2 AND (at > ?2 OR id > ?3) AND at < ?4 ORDER BY at, id LIMIT ?5
            """, .integer(known), .integer(start.at), .integer(start.number),
            .integer(query.to?.milliseconds ?? .max), SQLValue(query.window)
        ) { ($0.integer(0), $0.integer(1)) }
    }

    private func placesByNumber(_ query: ChargedUseQuery) throws -> [(number: Int64, at: Int64)] {
        let after = try query.after?.number ?? lastUse(recordedBefore: query.from)
        return try all(
            "SELECT id, at FROM usage WHERE id > ? ORDER BY id LIMIT ?", .integer(after), SQLValue(query.window)
        ) {
            ($0.integer(0), $0.integer(1))
        }
    }

    /// The number of a use such that all that happened from `instant` on have higher ones, found by halving: uses are
    /// numbered as they are recorded, and none is recorded more than a day before it happened.
    private func lastUse(recordedBefore instant: Instant?) throws -> Int64 {
        guard let instant else { return 0 }
        // A clock that was set back leaves numbers out of order by as much: a second day covers that.
        let bound = (instant - .seconds(2 * 86_400)).milliseconds
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
        guard let (key, current) = found, let usage = try usage(key) else { return nil }
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
        try all(
            """
            SELECT c.usage, c.amount, c.basis, c.at, actor.text, priceSource.text
            FROM usageCorrection AS c
            JOIN usage AS u ON u.id = c.usage
            JOIN usageLabel AS account ON account.id = u.account
            JOIN usageLabel AS region ON region.id = u.region
            JOIN usageLabel AS actor ON actor.id = c.actor
            JOIN usageLabel AS priceSource ON priceSource.id = c.priceSource
            WHERE u.requestID = ? AND region.text = ? AND account.text = ? ORDER BY c.id
            """, .blob(Self.stored(requestID: key.requestID)), .text(key.region), .text(key.account)
        ) { row in
            UsageCorrection(
                use: row.integer(0), amount: NanoDollars(rawValue: row.integer(1)),
                basis: try Charge.Basis(code: row.integer(2)), at: Instant(milliseconds: row.integer(3)),
                actor: row.text(4), priceSource: row.text(5))
        }
    }

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
