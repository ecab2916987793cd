import WallTime

/// The text form of a price book, one model a line:
///
///     # a comment
///     @ 2026-11-22 | where the following prices were read
///     MODEL | input | output | cache read | cache write 5 min | cache write 1 h | what else
///
/// Prices are dollars for a million tokens, `-` where none is published. What else, separated by spaces: `surcharge`
/// (the rates are the global profile's, others cost a tenth more), `long>200000*2*3/2` (above so many tokens of prompt
/// its rates are doubled and output's taken half as much again), `image=0.06` (dollars each). A model with a geography
/// in front (`eu.amazon.nova-pro-v1`) is that geography's own row.
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
        for word in fields.count == 7 ? fields[6].split(separator: " ").map(String.init) : [] {
            guard apply(word, to: &row) else { throw fail("'\(word)' is not surcharge, long>… or image=…") }
        }
        return row
    }

    private static func apply(_ word: String, to row: inout PriceRow) -> Bool {
        if word == "surcharge" {
            row.hasRegionalSurcharge = true
            return true
        }
        if word.hasPrefix("image=") {
            row.rates.image = NanoDollars(dollars: String(word.dropFirst("image=".count)))
            return row.rates.image.map { !$0.isNegative } ?? false
        }
        guard word.hasPrefix("long>") else { return false }
        let parts = word.dropFirst("long>".count).split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count == 3, let tokens = Int64(parts[0]), let input = ratio(parts[1]), let output = ratio(parts[2])
        else { return false }
        row.longContext = LongContext(aboveTokens: tokens, inputFactor: input, outputFactor: output)
        return true
    }

    private static func ratio(_ text: Substring) -> Ratio? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let top = Int64(parts[0]), let bottom = parts.count == 1 ? 1 : Int64(parts[1]), parts.count <= 2,
            (1...1000).contains(top), (1...1000).contains(bottom)
        else { return nil }
        return Ratio(top, bottom)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = text[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

/// A line of a price table that does not read.
package struct PriceTableError: Error, Equatable, Sendable, CustomStringConvertible {
    package let line: Int
    package let problem: String

    package var description: String { "price table, line \(line): \(problem)" }
}
