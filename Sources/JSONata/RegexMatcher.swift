/// Text as the regular expressions see it. Offsets are UTF-16 code units.
struct Utf16Text {
    let units: [UInt16]

    static let empty = Utf16Text("")

    init(_ text: String) { units = Array(text.utf16) }

    var count: Int { units.count }

    subscript(_ range: Range<Int>) -> String { String(decoding: units[range], as: UTF16.self) }
}

/// Where a regular expression matched.
struct RegexMatch {
    let range: Range<Int>
    /// Of each group from 1; nil when it took no part.
    let groups: [Range<Int>?]
}

/// Runs a compiled regular expression by backtracking. What is still to be tried lies on a stack of its own, so the
/// thread's stack does not grow with the text; the work is charged step by step, since it can be exponential.
struct RegexMatcher {
    private enum Pending {
        case branch(instruction: Int, position: Int)
        case restore(slot: Int, value: Int)
    }

    private static let stepsPerCharge = 64
    private static let pendingLimit = 2_000_000

    private let program: RegexProgram
    private let text: [UInt16]
    private let charge: () throws(JSONataError) -> Void
    /// Captures by save slot, then the marks of repetitions; -1 is unset.
    private var slots: [Int]
    private var pending: [Pending] = []
    private var steps = 0

    /// - Parameter charge: called every few steps; throws when the budget is used up.
    init(_ program: RegexProgram, in text: Utf16Text, charge: @escaping () throws(JSONataError) -> Void) {
        self.program = program
        self.text = text.units
        self.charge = charge
        slots = Array(repeating: -1, count: (program.groupCount + 1) * 2 + program.markCount)
    }

    /// The first match that starts at `start` or behind it.
    mutating func firstMatch(from start: Int) throws(JSONataError) -> RegexMatch? {
        guard start <= text.count else { return nil }
        let first = program.firstUnit
        for place in start...text.count {
            try countStep()
            if let first, place == text.count || text[place] != first { continue }
            for slot in slots.indices { slots[slot] = -1 }
            pending.removeAll(keepingCapacity: true)
            if let end = try run(from: 0, at: place) {
                let groups = (0..<program.groupCount).map { range(ofGroup: $0 + 1) }
                return RegexMatch(range: place..<end, groups: groups)
            }
        }
        return nil
    }

    private func range(ofGroup index: Int) -> Range<Int>? {
        let (start, end) = (slots[index * 2], slots[index * 2 + 1])
        return start >= 0 && end >= start ? start..<end : nil
    }

    private mutating func countStep() throws(JSONataError) {
        steps += 1
        if steps % Self.stepsPerCharge == 0 {
            try charge()
            guard pending.count <= Self.pendingLimit else {
                throw Evaluator.exceeded("a regular expression needs too much memory")
            }
        }
    }

    /// Runs until the expression, or the look-around it is in, has matched.
    /// - Returns: where it ended; nil when there is nothing left to try.
    private mutating func run(from start: Int, at startPosition: Int) throws(JSONataError) -> Int? {
        let base = pending.count
        var (next, position) = (start, startPosition)
        while true {
            try countStep()
            switch program.instructions[next] {
            case .match, .lookEnd: return position
            case .jump(let target): next = target
            case .split(let first, let second):
                pending.append(.branch(instruction: second, position: position))
                next = first
            case .look(let target, let isNegated):
                if try look(from: next + 1, at: position) != isNegated {
                    next = target
                } else {
                    guard backtrack(to: base, &next, &position) else { return nil }
                }
            case let instruction:
                if let moved = step(instruction, at: position) {
                    position = moved
                    next += 1
                } else {
                    guard backtrack(to: base, &next, &position) else { return nil }
                }
            }
        }
    }

    private mutating func backtrack(to base: Int, _ next: inout Int, _ position: inout Int) -> Bool {
        while pending.count > base, let entry = pending.popLast() {
            switch entry {
            case .restore(let slot, let value): slots[slot] = value
            case .branch(let instruction, let place):
                next = instruction
                position = place
                return true
            }
        }
        return false
    }

    /// Tries a look-around. What it captured stays, until something before it is tried otherwise.
    private mutating func look(from start: Int, at position: Int) throws(JSONataError) -> Bool {
        let base = pending.count
        guard try run(from: start, at: position) != nil else { return false }
        let restores = pending[base...].filter { if case .restore = $0 { true } else { false } }
        pending.removeSubrange(base...)
        pending += restores
        return true
    }

    private mutating func set(_ slot: Int, _ value: Int) {
        pending.append(.restore(slot: slot, value: slots[slot]))
        slots[slot] = value
    }

    // MARK: - Single instructions

    /// The position behind an instruction; nil when it does not match.
    private mutating func step(_ instruction: RegexProgram.Instruction, at position: Int) -> Int? {
        switch instruction {
        case .unit(let unit, let isBackward):
            return take(position, isBackward) { program.ignoresCase ? CaseFolding.fold($0) == unit : $0 == unit }
        case .any(let isBackward):
            return take(position, isBackward) { !RegexSet.lineTerminators.contains($0) }
        case .set(let index, let isBackward):
            return take(position, isBackward) { isMember($0, of: program.sets[index]) }
        case .lineStart: return isLineStart(position) ? position : nil
        case .lineEnd: return isLineEnd(position) ? position : nil
        case .wordBoundary(let isNegated):
            return (isWord(position - 1) != isWord(position)) != isNegated ? position : nil
        case .save(let slot): set(slot, position)
        case .clear(let groups):
            for slot in groups.lowerBound * 2..<groups.upperBound * 2 where slots[slot] >= 0 { set(slot, -1) }
        case .mark(let mark): set((program.groupCount + 1) * 2 + mark, position)
        case .requireProgress(let mark):
            return slots[(program.groupCount + 1) * 2 + mark] == position ? nil : position
        case .backreference(let index, let isBackward): return repeats(index, at: position, isBackward)
        case .split, .jump, .look, .lookEnd, .match: break
        }
        return position
    }

    private func take(_ position: Int, _ isBackward: Bool, _ matches: (UInt16) -> Bool) -> Int? {
        let place = isBackward ? position - 1 : position
        guard place >= 0, place < text.count, matches(text[place]) else { return nil }
        return isBackward ? place : place + 1
    }

    private func isMember(_ unit: UInt16, of set: RegexSet) -> Bool {
        let isIn =
            set.contains(unit)
            || program.ignoresCase && (set.contains(CaseFolding.fold(unit)) || set.contains(CaseFolding.lowered(unit)))
        return isIn != set.isNegated
    }

    private func isLineStart(_ position: Int) -> Bool {
        position == 0 || program.isMultiline && RegexSet.lineTerminators.contains(text[position - 1])
    }

    private func isLineEnd(_ position: Int) -> Bool {
        position == text.count || program.isMultiline && RegexSet.lineTerminators.contains(text[position])
    }

    private func isWord(_ place: Int) -> Bool {
        place >= 0 && place < text.count && RegexSet.wordUnits.contains(text[place])
    }

    private func repeats(_ index: Int, at position: Int, _ isBackward: Bool) -> Int? {
        guard let captured = range(ofGroup: index) else { return position }
        let start = isBackward ? position - captured.count : position
        guard start >= 0, start + captured.count <= text.count else { return nil }
        for offset in 0..<captured.count {
            let (a, b) = (text[captured.lowerBound + offset], text[start + offset])
            guard program.ignoresCase ? CaseFolding.fold(a) == CaseFolding.fold(b) : a == b else { return nil }
        }
        return isBackward ? start : position + captured.count
    }
}
