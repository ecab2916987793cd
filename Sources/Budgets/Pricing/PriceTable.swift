import WallTime

/// The text form of a price book, one model a line:
///
///     # a comment
///     @ 2026-11-22 | where the following prices were read
///     MODEL | input | output | cache read | cache write 5 min | cache write 1 h | what else
///
/// Prices are dollars for a million tokens, `-` where none is published. What else, separated by spaces: `surcharge`
/// (the rates are the global profile's, others cost a tenth more), `long>200000*2*3/2` (above so many tokens of prompt
/// its rates are doubled and output's taken half as much again), `image=0.06` and `request=0.001` (dollars each),
/// `priority*9/5` (also `batch`, `flex`, `optimized`: that tier's factor where it is not the usual one). A model with a geography in
/// front (`eu.amazon.nova-pro-v1`) is that geography's own row.
package enum PriceTable {
    /// - Throws: `PriceTableError` with the number of the first line that does not read.
    package static func rows(parsing text: String) throws(PriceTableError) -> [PriceRow] {
        var section: (effectiveFrom: Instant, source: String)?
        var rows: [PriceRow] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = trimmed(line)
            if content.isEmpty || content.hasPrefix("#") { continue }
            let fields = content.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
            if content.hasPrefix("@") {
                guard fields.count == 2, !fields[1].isEmpty,
                    let date = Instant(iso8601: trimmed(fields[0].dropFirst()) + "T00:00:00Z")
                else { throw PriceTableError(line: index + 1, problem: "a section is '@ YYYY-MM-DD | source'") }
                section = (date, fields[1])
                continue
            }
            guard let section else {
                throw PriceTableError(
                    line: index + 1, problem: "a price needs a section '@ YYYY-MM-DD | source' above it")
            }
            rows.append(try row(fields, section.effectiveFrom, section.source, line: index + 1))
        }
        return rows
    }

    private static func row(
        _ fields: [String], _ effectiveFrom: Instant, _ source: String, line: Int
    ) throws(PriceTableError) -> PriceRow {
        func fail(_ problem: String) -> PriceTableError { PriceTableError(line: line, problem: problem) }
        guard (6...7).contains(fields.count), !fields[0].isEmpty else {
            throw fail("a price is 'model | input | output | cache read | write 5m | write 1h | what else'")
        }
        func price(_ column: Int) throws(PriceTableError) -> TokenPrice? {
            if fields[column] == "-" { return nil }
            guard let price = TokenPrice(dollarsPerMillion: fields[column]) else {
                throw fail("'\(fields[column])' is not a price: dollars for a million tokens, at most six places")
            }
            return price
        }
        guard let input = try price(1), let output = try price(2) else { throw fail("input and output need a price") }
        let model = ModelID(fields[0])
        var row = PriceRow(
            model: model.base, geography: model.scope.label, effectiveFrom: effectiveFrom,
            rates: Rates(
                input: input, output: output, cacheRead: try price(3), cacheWrite5m: try price(4),
                cacheWrite1h: try price(5)),
            source: source)
        let words = fields.count == 7 ? fields[6] : ""
        if let bad = row.apply(words: words) { throw fail("'\(bad)' is not surcharge, long>…, image=… or a tier") }
        return row
    }

    fileprivate static func trimmed(_ text: some StringProtocol) -> String {
        var rest = text[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

// What else a row says, as words: the last column of a table, and a column of the store.
extension PriceRow {
    /// What `apply(words:)` reads.
    package var words: String {
        var words: [String] = hasRegionalSurcharge ? ["surcharge"] : []
        if let long = longContext {
            words.append("long>\(long.aboveTokens)*\(long.inputFactor.text)*\(long.outputFactor.text)")
        }
        if let image = rates.image { words.append("image=\(image)") }
        if let request = rates.request { words.append("request=\(request)") }
        for tier in ServiceTier.allCases {
            if let factor = tierFactors[tier] { words.append("\(tier.rawValue)*\(factor.text)") }
        }
        return words.joined(separator: " ")
    }

    /// Takes words over. Returns the first that does not read; nil when all do.
    package mutating func apply(words: String) -> String? {
        words.split(separator: " ").map(String.init).first { !apply(word: $0) }
    }

    private mutating func apply(word: String) -> Bool {
        if word == "surcharge" {
            hasRegionalSurcharge = true
            return true
        }
        for (name, field) in [("image=", \Rates.image), ("request=", \Rates.request)] where word.hasPrefix(name) {
            let amount = NanoDollars(dollars: String(word.dropFirst(name.count)))
            rates[keyPath: field] = amount
            return amount.map { !$0.isNegative } ?? false
        }
        let parts = word.split(separator: "*", omittingEmptySubsequences: false)
        if parts.count == 2, let tier = ServiceTier(rawValue: String(parts[0])), tier != .standard {
            tierFactors[tier] = Ratio(text: parts[1])
            return tierFactors[tier] != nil
        }
        guard parts.count == 3, parts[0].hasPrefix("long>"), let tokens = Int64(parts[0].dropFirst("long>".count)),
            tokens > 0, let input = Ratio(text: parts[1]), let output = Ratio(text: parts[2])
        else { return false }
        longContext = LongContext(aboveTokens: tokens, inputFactor: input, outputFactor: output)
        return true
    }
}

extension Ratio {
    /// The largest number above or below the line: products of a few factors and a large charge have to fit.
    static let largestTerm: Int64 = 1000

    /// `3/2`, or `2` when it is whole.
    package var text: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }

    /// Reads what `text` writes; nil for anything else and for large numbers.
    package init?(text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let top = Int64(parts[0]), let bottom = parts.count == 1 ? 1 : Int64(parts[1]), parts.count <= 2,
            (1...Self.largestTerm).contains(top), (1...Self.largestTerm).contains(bottom)
        else { return nil }
        self.init(top, bottom)
    }
}

/// A line of a price table that does not read.
package struct PriceTableError: Error, Equatable, Sendable, CustomStringConvertible {
    package let line: Int
    package let problem: String

    package var description: String { "price table, line \(line): \(problem)" }
}
