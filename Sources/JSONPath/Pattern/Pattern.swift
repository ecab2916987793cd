/// A regular expression of a filter (`@.name =~ /.*smith/i`), which a text must match as a whole.
///
/// It runs as a set of states that advances over the text once, never going back. So the time is bounded by the length
/// of the pattern times the length of the text whatever the pattern is, and no text can hold up an execution.
struct Pattern: Sendable {
    private let program: PatternProgram

    /// - Throws: `PatternError` for what is no pattern, or needs backtracking.
    init(_ text: ArraySlice<Unicode.Scalar>, flags letters: ArraySlice<Unicode.Scalar>) throws(PatternError) {
        var flags = PatternFlags()
        for (place, letter) in zip(letters.indices, letters) where !flags.set(letter, to: true) {
            throw PatternError(message: "there is no flag '\(letter)'", position: place)
        }
        var parser = PatternParser(text, flags: flags)
        let node = try parser.pattern()
        guard let program = PatternProgram(node) else {
            throw PatternError(
                message: "the pattern is too large once its repetitions are written out", position: text.startIndex)
        }
        self.program = program
    }

    /// Whether the whole text matches. Each state that is entered takes one from `budget`; nil when it runs out.
    func matches(_ text: String, budget: inout Int) -> Bool? {
        var run = PatternRun(Array(text.unicodeScalars), budget: budget)
        let isMatch = run.matches(program, from: 0, whole: true)
        budget = run.budget
        return budget < 0 ? nil : isMatch
    }
}

/// A pattern as instructions; the state of a run is a set of places in it.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        case scalar(ScalarSet)
        /// Goes on at both places.
        case split(Int, Int)
        case jump(Int)
        case assertion(PatternAssertion)
        case lookahead(PatternProgram, isPositive: Bool)
        case accept
    }

    private static let mostInstructions = 10_000

    private(set) var instructions: [Instruction] = []

    /// Nil when it would be too large.
    init?(_ node: PatternNode) {
        guard append(node) else { return nil }
        instructions.append(.accept)
    }

    private mutating func append(_ node: PatternNode) -> Bool {
        guard instructions.count < Self.mostInstructions else { return false }
        switch node {
        case .set(let set): instructions.append(.scalar(set))
        case .sequence(let nodes): return nodes.allSatisfy { append($0) }
        case .choice(let alternatives): return append(choice: alternatives[...])
        case .repetition(let node, let minimum, let maximum): return append(node, minimum, maximum)
        case .assertion(let assertion): instructions.append(.assertion(assertion))
        case .lookahead(let node, let isPositive):
            guard let program = PatternProgram(node) else { return false }
            instructions.append(.lookahead(program, isPositive: isPositive))
        }
        return true
    }

    private mutating func append(choice alternatives: ArraySlice<PatternNode>) -> Bool {
        var jumps: [Int] = []
        for alternative in alternatives.dropLast() {
            let split = instructions.count
            instructions.append(.split(split + 1, split + 1))
            guard append(alternative) else { return false }
            jumps.append(instructions.count)
            instructions.append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        guard let last = alternatives.last, append(last) else { return false }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
        return true
    }

    private mutating func append(_ node: PatternNode, _ minimum: Int, _ maximum: Int?) -> Bool {
        for _ in 0..<minimum { guard append(node) else { return false } }
        guard let maximum else {
            let split = instructions.count
            instructions.append(.split(split + 1, split + 1))
            guard append(node) else { return false }
            instructions.append(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return true
        }
        var splits: [Int] = []
        for _ in minimum..<maximum {
            splits.append(instructions.count)
            instructions.append(.split(instructions.count + 1, 0))
            guard append(node) else { return false }
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
        return true
    }
}
