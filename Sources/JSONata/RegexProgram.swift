/// A regular expression compiled for `RegexMatcher`.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case unit(UInt16, isBackward: Bool)
        case any(isBackward: Bool)
        case set(Int, isBackward: Bool)
        case lineStart
        case lineEnd
        case wordBoundary(isNegated: Bool)
        case save(Int)
        /// Tries `first`; on failure `second`.
        case split(first: Int, second: Int)
        case jump(Int)
        case backreference(Int, isBackward: Bool)
        /// What follows up to the matching `.lookEnd` is tried on the side; goes on at `next`.
        case look(next: Int, isNegated: Bool)
        case lookEnd
        /// Forgets the captures of these groups at the start of a repetition.
        case clear(Range<Int>)
        case mark(Int)
        /// A repetition that took nothing ends there.
        case requireProgress(Int)
        case match
    }

    private static let sizeLimit = 20_000

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [RegexSet] = []
    private(set) var groupCount = 0
    private(set) var markCount = 0
    let ignoresCase: Bool
    let isMultiline: Bool
    private var names: [String: Int] = [:]

    /// Matches nothing but the empty text.
    static let empty = RegexProgram()

    private init() {
        ignoresCase = false
        isMultiline = false
        instructions = [.match]
    }

    /// - Throws: `RegexFault` when the pattern is not a regular expression, or too large a one.
    init(pattern: String, ignoresCase: Bool, isMultiline: Bool) throws(RegexFault) {
        self.ignoresCase = ignoresCase
        self.isMultiline = isMultiline
        var parser = RegexParser(pattern)
        let syntax = try parser.parse()
        groupCount = parser.groupCount
        names = parser.names
        try compile(syntax, isBackward: false)
        try emit(.match)
    }

    /// What every match starts with, when that is one certain code unit.
    var firstUnit: UInt16? {
        guard !ignoresCase, case .unit(let unit, isBackward: false)? = instructions.first else { return nil }
        return unit
    }

    private mutating func emit(_ instruction: Instruction) throws(RegexFault) {
        guard instructions.count < Self.sizeLimit else { throw RegexFault(reason: "regular expression too large") }
        instructions.append(instruction)
    }

    private mutating func compile(_ syntax: RegexSyntax, isBackward: Bool) throws(RegexFault) {
        switch syntax {
        case .empty: break
        case .unit(let unit): try emit(.unit(ignoresCase ? CaseFolding.fold(unit) : unit, isBackward: isBackward))
        case .any: try emit(.any(isBackward: isBackward))
        case .set(let set):
            sets.append(set)
            try emit(.set(sets.count - 1, isBackward: isBackward))
        case .lineStart: try emit(.lineStart)
        case .lineEnd: try emit(.lineEnd)
        case .wordBoundary(let isNegated): try emit(.wordBoundary(isNegated: isNegated))
        case .group(let inner, let index):
            try emit(.save(isBackward ? index * 2 + 1 : index * 2))
            try compile(inner, isBackward: isBackward)
            try emit(.save(isBackward ? index * 2 : index * 2 + 1))
        case .backreference(let index): try emit(.backreference(index, isBackward: isBackward))
        case .namedBackreference(let name):
            guard let index = names[name] else { throw RegexFault(reason: "invalid named capture referenced") }
            try emit(.backreference(index, isBackward: isBackward))
        case .look(let inner, let isBehind, let isNegated):
            let start = instructions.count
            try emit(.look(next: 0, isNegated: isNegated))
            try compile(inner, isBackward: isBehind)
            try emit(.lookEnd)
            instructions[start] = .look(next: instructions.count, isNegated: isNegated)
        case .alternatives(let branches): try compile(branches: branches, isBackward: isBackward)
        case .sequence(let terms):
            for term in isBackward ? terms.reversed() : terms { try compile(term, isBackward: isBackward) }
        case .repetition(let inner, let least, let most, let isLazy, let groups):
            let repetition = Repetition(inner: inner, isLazy: isLazy, groups: groups, isBackward: isBackward)
            try compile(repetition, least: least, most: most)
        }
    }

    private mutating func compile(branches: [RegexSyntax], isBackward: Bool) throws(RegexFault) {
        var ends: [Int] = []
        for (place, branch) in branches.enumerated() {
            guard place < branches.count - 1 else {
                try compile(branch, isBackward: isBackward)
                break
            }
            let split = instructions.count
            try emit(.split(first: split + 1, second: 0))
            try compile(branch, isBackward: isBackward)
            ends.append(instructions.count)
            try emit(.jump(0))
            instructions[split] = .split(first: split + 1, second: instructions.count)
        }
        for end in ends { instructions[end] = .jump(instructions.count) }
    }

    // MARK: - Repetitions

    private struct Repetition {
        let inner: RegexSyntax
        let isLazy: Bool
        let groups: Range<Int>
        let isBackward: Bool
    }

    private mutating func compile(_ repetition: Repetition, least: Int, most: Int?) throws(RegexFault) {
        for _ in 0..<least { try compileOnce(repetition, mustProgress: false) }
        guard let most else {
            let start = instructions.count
            try emit(.jump(0))
            try compileOnce(repetition, mustProgress: true)
            try emit(.jump(start))
            instructions[start] = choice(body: start + 1, next: instructions.count, repetition)
            return
        }
        var choices: [Int] = []
        for _ in least..<max(least, most) {
            choices.append(instructions.count)
            try emit(.jump(0))
            try compileOnce(repetition, mustProgress: true)
        }
        for place in choices { instructions[place] = choice(body: place + 1, next: instructions.count, repetition) }
    }

    private func choice(body: Int, next: Int, _ repetition: Repetition) -> Instruction {
        repetition.isLazy ? .split(first: next, second: body) : .split(first: body, second: next)
    }

    private mutating func compileOnce(_ repetition: Repetition, mustProgress: Bool) throws(RegexFault) {
        if !repetition.groups.isEmpty { try emit(.clear(repetition.groups)) }
        guard mustProgress, repetition.inner.mayBeEmpty else {
            return try compile(repetition.inner, isBackward: repetition.isBackward)
        }
        let mark = markCount
        markCount += 1
        try emit(.mark(mark))
        try compile(repetition.inner, isBackward: repetition.isBackward)
        try emit(.requireProgress(mark))
    }
}

extension RegexSyntax {
    /// Whether it may match without taking anything.
    fileprivate var mayBeEmpty: Bool {
        switch self {
        case .unit, .any, .set: false
        case .group(let inner, _): inner.mayBeEmpty
        case .alternatives(let branches): branches.contains(where: \.mayBeEmpty)
        case .sequence(let terms): terms.allSatisfy(\.mayBeEmpty)
        case .repetition(let inner, let least, _, _, _): least == 0 || inner.mayBeEmpty
        case .empty, .lineStart, .lineEnd, .wordBoundary, .backreference, .namedBackreference, .look: true
        }
    }
}

/// Comparison without case, of single UTF-16 code units as JavaScript has it.
enum CaseFolding {
    static func fold(_ unit: UInt16) -> UInt16 {
        if unit < 0x80 { return (0x61...0x7A).contains(unit) ? unit - 0x20 : unit }
        guard let scalar = Unicode.Scalar(unit) else { return unit }
        let upper = Array(scalar.properties.uppercaseMapping.utf16)
        // A letter outside ASCII never becomes one inside.
        return upper.count == 1 && upper[0] >= 0x80 ? upper[0] : unit
    }

    static func lowered(_ unit: UInt16) -> UInt16 {
        if unit < 0x80 { return (0x41...0x5A).contains(unit) ? unit + 0x20 : unit }
        guard let scalar = Unicode.Scalar(unit) else { return unit }
        let lower = Array(scalar.properties.lowercaseMapping.utf16)
        return lower.count == 1 ? lower[0] : unit
    }
}
