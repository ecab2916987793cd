/// One field of a cron expression that is a set of numbers: `*`, `5`, `1-5`, `*/15`, `10-40/10`, `MON,WED`.
struct CronField: Sendable, Hashable {
    /// Nil means any.
    private let values: Set<Int>?

    static let monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

    /// `names` stand for the numbers from the range's lower bound on.
    init(
        _ text: String, named field: String, range: ClosedRange<Int>, names: [String] = []
    ) throws(ScheduleSyntaxError) {
        guard text != "*" else {
            values = nil
            return
        }
        var found: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            found.formUnion(try Self.values(of: String(part), named: field, range: range, names: names))
        }
        values = found
    }

    var isAny: Bool { values == nil }

    func contains(_ number: Int) -> Bool { values?.contains(number) ?? true }

    static func values(
        of part: String, named field: String, range: ClosedRange<Int>, names: [String]
    ) throws(ScheduleSyntaxError) -> Set<Int> {
        let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var step = 1
        if halves.count == 2 {
            guard let number = Int(halves[1]), number > 0 else {
                throw ScheduleSyntaxError("'\(part)' in the field \(field) has no valid step after '/'")
            }
            step = number
        }
        var bounds = range
        if halves[0] != "*" {
            let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let low = try number(ends[0], in: part, named: field, range: range, names: names)
            if ends.count == 2 {
                let high = try number(ends[1], in: part, named: field, range: range, names: names)
                // FRI-MON and 22-2 wrap around, as EventBridge has it.
                if high < low { return wrapping(low, high, range: range, step: step) }
                bounds = low...high
            } else {
                bounds = halves.count == 2 ? low...range.upperBound : low...low
            }
        }
        return Set(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
    }

    private static func wrapping(_ low: Int, _ high: Int, range: ClosedRange<Int>, step: Int) -> Set<Int> {
        let length = range.count
        let last = high + length
        return Set(
            stride(from: low, through: last, by: step).map { ($0 - range.lowerBound) % length + range.lowerBound })
    }

    static func number(
        _ text: String, in part: String, named field: String, range: ClosedRange<Int>, names: [String]
    ) throws(ScheduleSyntaxError) -> Int {
        if let place = names.firstIndex(of: text.uppercased()) { return place + range.lowerBound }
        guard let number = Int(text), range.contains(number) else {
            throw ScheduleSyntaxError(
                "'\(part)' is not valid in the field \(field)",
                hint: "it takes \(range.lowerBound) to \(range.upperBound), lists, ranges and steps")
        }
        return number
    }
}
