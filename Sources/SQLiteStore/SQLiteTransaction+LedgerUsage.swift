package import Budgets
package import Enforcement
import Engine
package import WallTime

extension SQLiteTransaction: BudgetLedger {
    package func insertUsage(_ usage: ChargedUsage) throws -> Bool {
        let (event, charge) = (usage.event, usage.charge)
        // Old ones that are not there may have been removed by retention, and count as known.
        if event.at.milliseconds < (try usageMark()) { return false }
        let principal = event.principal
        let labels = try labels(of: event)
        let key = StoredKey(
            requestID: Self.stored(requestID: event.key.requestID), region: labels.regionNumber,
            account: labels.accountNumber)
        let hash = useHash(key.requestID, key.region, key.account)
        guard let number = try numberOfNewUse(key, hash) else { return false }
        let source = try passingLabel(event.source)
        let session = try principal.session.map { try passingLabel($0) }
        let errorCode = try event.errorCode.map { try passingLabel($0) }
        let (principalNumber, tags) = (try principalNumber(principal.id), try tagSetNumber(usage.tags))
        try requireWritable()
        try prepared(Self.insertion).run { values in
            values.add(number)
            values.add(key.requestID)
            values.add(key.account)
            values.add(key.region)
            values.add(event.at.milliseconds)
            values.add(usage.recordedAt.milliseconds)
            values.add(principalNumber)
            values.add(session?.number)
            values.add(labels.modelNumber)
            values.add(labels.operationNumber)
            values.add(source.number)
            values.add(errorCode?.number)
            values.add(event.tokens.input)
            values.add(event.tokens.output)
            values.add(event.tokens.cacheRead)
            values.add(event.tokens.cacheWrite5m)
            values.add(event.tokens.cacheWrite1h)
            values.add(event.images)
            values.add(event.isMetered ? 1 : 0)
            values.add(event.tierCode)
            values.add(charge.basis.code)
            values.add(charge.amount.rawValue)
            values.add(tags)
        }
        noteUse(hash)
        if source.keptTo < number { try keep(source, for: number) }
        if let session, session.keptTo < number { try keep(session, for: number) }
        if let errorCode, errorCode.keptTo < number { try keep(errorCode, for: number) }
        return true
    }

    /// In the order in which `insertUsage` gives the values.
    private static let insertion: StaticString = """
        INSERT INTO usage (id, requestID, account, region, at, recordedAt, principal, session, model, operation,
            source, errorCode, input, output, cacheRead, cacheWrite5m, cacheWrite1h, images, metered, tier, basis,
            amount, tags)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// The numbers of what a use names that stays.
    private func labels(of event: UsageEvent) throws -> UseLabels {
        if let last = known.lastUse, last.areThose(of: event) { return last }
        let labels = UseLabels(
            account: event.key.account, region: event.key.region, model: event.model.text, operation: event.operation,
            accountNumber: try label(event.key.account), regionNumber: try label(event.key.region),
            modelNumber: try label(event.model.text), operationNumber: try label(event.operation))
        known.lastUse = labels
        return labels
    }

    /// The instant before which uses may have been removed.
    private func usageMark() throws -> Int64 {
        if let known = known.usageMark { return known }
        let mark = try first("SELECT before FROM retentionMark WHERE kind = 'usage'") { $0.integer(0) } ?? .min
        known.usageMark = mark
        return mark
    }

    package func isKnown(_ key: UsageKey, at instant: Instant) throws -> Bool {
        if instant.milliseconds < (try usageMark()) { return true }
        guard let stored = try storedKey(key) else { return false }
        return try numberOfNewUse(stored, useHash(stored.requestID, stored.region, stored.account)) == nil
    }

    package func usage(_ key: UsageKey) throws -> ChargedUsage? {
        try useNumber(key).flatMap { try usage($0, key) }
    }

    /// - Parameter key: what the row of that number has.
    func usage(_ number: Int64, _ key: UsageKey) throws -> ChargedUsage? {
        try first(
            """
            SELECT usage.at, usage.recordedAt, p.account, p.kind, p.name, p.partition, p.path, session.text, model.text,
                operation.text, source.text, errorCode.text, input, output, cacheRead, cacheWrite5m, cacheWrite1h,
                images, metered, usage.tier, basis, amount, nullif(t.team, ''), nullif(t.purpose, ''),
                nullif(t.tier, '')
            FROM usage
            JOIN principal AS p ON p.id = usage.principal
            LEFT JOIN tagSet AS t ON t.id = coalesce(usage.tags, p.earlierTags)
            JOIN usageLabel AS model ON model.id = usage.model
            JOIN usageLabel AS operation ON operation.id = usage.operation
            JOIN usageLabel AS source ON source.id = usage.source
            LEFT JOIN usageLabel AS session ON session.id = usage.session
            LEFT JOIN usageLabel AS errorCode ON errorCode.id = usage.errorCode
            WHERE usage.id = ?
            """, .integer(number)
        ) { try ChargedUsage($0, key) }
    }

    package func insertUnreadable(source: String, fingerprint: Int64, at: Instant) throws -> Bool {
        try change(
            "INSERT OR IGNORE INTO unreadableUsage (source, fingerprint, at) VALUES (?, ?, ?)", .text(source),
            .integer(fingerprint), .integer(at.milliseconds)) == 1
    }

    /// A UUID in lower case is kept as its bytes after a 1, anything else as its text after a 0.
    static func stored(requestID text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { bytes in uuid(bytes) ?? [0] + bytes }
    }

    private static var dash: UInt8 { UInt8(ascii: "-") }

    private static func isDash(_ place: Int) -> Bool { place == 8 || place == 13 || place == 18 || place == 23 }

    private static func uuid(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count == 36, text[8] == dash, text[13] == dash, text[18] == dash, text[23] == dash else {
            return nil
        }
        var isUUID = true
        let stored = [UInt8](unsafeUninitializedCapacity: 17) { stored, count in
            stored[0] = 1
            count = 17
            var place = 0
            for index in 1..<17 {
                if isDash(place) { place += 1 }
                guard let high = digit(text[place]), let low = digit(text[place + 1]) else {
                    (isUUID, count) = (false, 0)
                    return
                }
                stored[index] = high << 4 | low
                place += 2
            }
        }
        return isUUID ? stored : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 0x57
        default: nil
        }
    }
}

extension ChargedUsage {
    fileprivate init(_ row: PersistentStatement, _ key: UsageKey) throws {
        let (tier, isCacheSplitUnknown) = try UsageEvent.tier(code: row.integer(19))
        let id = PrincipalID(
            account: row.text(2), kind: try PrincipalID.Kind(stored: row.text(3), in: "principal.kind"),
            name: row.text(4))
        self.init(
            event: UsageEvent(
                key: key, at: Instant(milliseconds: row.integer(0)),
                principal: Principal(
                    id: id, partition: row.text(5), path: row.text(6), session: row.optionalText(7)),
                model: ModelID(row.text(8)), operation: row.text(9),
                tokens: TokenCounts(
                    input: row.integer(12), output: row.integer(13), cacheRead: row.integer(14),
                    cacheWrite5m: row.integer(15), cacheWrite1h: row.integer(16)),
                images: row.integer(17), tier: tier, errorCode: row.optionalText(11), isMetered: row.integer(18) == 1,
                isCacheSplitUnknown: isCacheSplitUnknown, source: row.text(10)),
            charge: Charge(
                amount: NanoDollars(rawValue: row.integer(21)), basis: try Charge.Basis(code: row.integer(20))),
            tags: CostTags(
                team: row.optionalText(22), purpose: row.optionalText(23), tier: row.optionalText(24)),
            recordedAt: Instant(milliseconds: row.integer(1)))
    }
}

extension UsageEvent {
    /// Added to the tier's number for a use whose record left open for how long the cache was written. That has no
    /// column of its own, and a correction has to know it. Never renumbered.
    private static let unknownCacheSplit: Int64 = 8

    fileprivate var tierCode: Int64 { tier.code + (isCacheSplitUnknown ? Self.unknownCacheSplit : 0) }

    fileprivate static func tier(code: Int64) throws -> (ServiceTier, isCacheSplitUnknown: Bool) {
        let isUnknown = code >= unknownCacheSplit
        return try (ServiceTier(code: isUnknown ? code - unknownCacheSplit : code), isUnknown)
    }
}

extension ServiceTier {
    /// Never renumbered: databases hold it.
    var code: Int64 {
        switch self {
        case .standard: 0
        case .batch: 1
        case .flex: 2
        case .priority: 3
        case .optimized: 4
        }
    }

    init(code: Int64) throws {
        guard let tier = Self.allCases.first(where: { $0.code == code }) else {
            throw StoreError.damaged("a use has the tier \(code), which no version of Steward has written")
        }
        self = tier
    }
}

extension Charge.Basis {
    /// Never renumbered: databases hold it.
    var code: Int64 {
        switch self {
        case .listed: 0
        case .estimated: 1
        case .fallback: 2
        case .notBillable: 3
        case .unmetered: 4
        case .implausible: 5
        }
    }

    init(code: Int64) throws {
        guard let basis = Self.allCases.first(where: { $0.code == code }) else {
            throw StoreError.damaged("a charge has the basis \(code), which no version of Steward has written")
        }
        self = basis
    }
}
