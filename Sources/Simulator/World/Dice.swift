package import TestKit

extension SeededRandom {
    /// An integer of the range.
    package mutating func roll(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// True in so many of a hundred cases.
    package mutating func chance(_ percent: Int) -> Bool { next() % 100 < UInt64(percent) }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[roll(0...elements.count - 1)]
    }

    /// A generator of its own, for one who draws at times of his own.
    package mutating func split() -> SeededRandom { SeededRandom(seed: next()) }
}
