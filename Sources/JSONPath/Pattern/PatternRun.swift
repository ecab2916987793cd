/// One run of a pattern over a text.
struct PatternRun {
    private let text: [Unicode.Scalar]
    private(set) var budget: Int

    init(_ text: [Unicode.Scalar], budget: Int) {
        self.text = text
        self.budget = budget
    }

    /// Places in a program, each at most once.
    private struct States {
        private(set) var places: [Int] = []
        private var isMember: [Bool]

        init(capacity: Int) { isMember = Array(repeating: false, count: capacity) }

        mutating func insert(_ place: Int) -> Bool {
            if isMember[place] { return false }
            isMember[place] = true
            places.append(place)
            return true
        }

        mutating func removeAll() {
            for place in places { isMember[place] = false }
            places.removeAll(keepingCapacity: true)
        }
    }

    /// Whether the program accepts the text from `start`: up to its end when `whole`, else any part.
    mutating func matches(_ program: PatternProgram, from start: Int, whole: Bool) -> Bool {
        let instructions = program.instructions
        var states = States(capacity: instructions.count)
        var next = States(capacity: instructions.count)
        var position = start
        var accepts = enter(0, at: position, of: instructions, into: &states)
        while budget >= 0 {
            if accepts, !whole { return true }
            if position == text.count { return accepts }
            if states.places.isEmpty { return false }
            accepts = false
            for place in states.places {
                guard case .scalar(let set) = instructions[place], set.contains(text[position]) else { continue }
                if enter(place + 1, at: position + 1, of: instructions, into: &next) { accepts = true }
            }
            swap(&states, &next)
            next.removeAll()
            position += 1
        }
        return false
    }

    /// Adds a place and all that it leads to without a character. True when one of them accepts.
    private mutating func enter(
        _ first: Int, at position: Int, of instructions: [PatternProgram.Instruction], into states: inout States
    ) -> Bool {
        var pending = [first]
        var accepts = false
        while let place = pending.popLast() {
            budget -= 1
            guard budget >= 0, states.insert(place) else { continue }
            switch instructions[place] {
            case .scalar: break
            case .jump(let target): pending.append(target)
            case .split(let one, let other):
                pending.append(other)
                pending.append(one)
            case .assertion(let assertion): if holds(assertion, at: position) { pending.append(place + 1) }
            case .lookahead(let program, let isPositive):
                if matches(program, from: position, whole: false) == isPositive { pending.append(place + 1) }
            case .accept: accepts = true
            }
        }
        return accepts
    }

    private func holds(_ assertion: PatternAssertion, at position: Int) -> Bool {
        switch assertion {
        case .start: position == 0
        case .end: position == text.count || (position == text.count - 1 && isLineTerminator(position))
        case .veryEnd: position == text.count
        case .lineStart: position == 0 || isLineTerminator(position - 1)
        case .lineEnd: position == text.count || isLineTerminator(position)
        case .wordBoundary(let isWanted): (isWord(position - 1) != isWord(position)) == isWanted
        }
    }

    private func isLineTerminator(_ place: Int) -> Bool { ScalarSet.isLineTerminator(text[place], false) }

    private func isWord(_ place: Int) -> Bool {
        text.indices.contains(place) && ScalarSet.isWord(text[place], false)
    }
}
