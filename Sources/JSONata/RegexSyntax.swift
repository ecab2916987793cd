/// A regular expression as it was read.
indirect enum RegexSyntax {
    case empty
    case unit(UInt16)
    case any
    case set(RegexSet)
    case lineStart
    case lineEnd
    case wordBoundary(isNegated: Bool)
    case group(RegexSyntax, index: Int)
    case backreference(Int)
    case namedBackreference(String)
    case look(RegexSyntax, isBehind: Bool, isNegated: Bool)
    case alternatives([RegexSyntax])
    case sequence([RegexSyntax])
    case repetition(RegexSyntax, least: Int, most: Int?, isLazy: Bool, groups: Range<Int>)
}

/// A set of UTF-16 code units, as `[a-z]` or `\d` has it.
struct RegexSet: Sendable {
    private(set) var ranges: [ClosedRange<UInt16>] = []
    var isNegated = false

    init(_ ranges: [ClosedRange<UInt16>] = []) { self.ranges = ranges }

    mutating func insert(_ range: ClosedRange<UInt16>) { ranges.append(range) }

    mutating func formUnion(_ other: RegexSet) {
        ranges += other.isNegated ? other.complement : other.ranges
    }

    func contains(_ unit: UInt16) -> Bool { ranges.contains { $0.contains(unit) } }

    private var complement: [ClosedRange<UInt16>] {
        var result: [ClosedRange<UInt16>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if UInt32(range.lowerBound) > next { result.append(UInt16(next)...(range.lowerBound - 1)) }
            next = max(next, UInt32(range.upperBound) + 1)
        }
        if next <= 0xFFFF { result.append(UInt16(next)...0xFFFF) }
        return result
    }

    static let digits = RegexSet([0x30...0x39])
    static let wordUnits = RegexSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let blanks = RegexSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    static let lineTerminators = RegexSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])

    func negated() -> RegexSet {
        var result = self
        result.isNegated.toggle()
        return result
    }
}
