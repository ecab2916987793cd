/// What an evaluation may use up before it ends with `U1001`.
package struct JSONataLimits: Sendable, Equatable {
    /// Evaluated expressions; loops inside functions and regular expressions count too.
    package var steps: Int
    /// Expressions inside each other at run time. The evaluator recurses, so this also protects the thread's stack.
    package var depth: Int
    /// Elements of one range (`[a..b]`) or other generated sequence.
    package var sequenceLength: Int
    /// Bytes of text and elements created in all, freed or not: a bound on memory.
    package var allocatedBytes: Int
    /// Arrays and objects inside each other in one value.
    package var nesting: Int
    /// Bytes of the result, roughly as JSON text: parts that it shares count as often as they occur.
    package var resultBytes: Int

    package init(
        steps: Int = 5_000_000, depth: Int = 1_000, sequenceLength: Int = 10_000_000,
        allocatedBytes: Int = 512 << 20, nesting: Int = 256, resultBytes: Int = 16 << 20
    ) {
        self.steps = steps
        self.depth = depth
        self.sequenceLength = sequenceLength
        self.allocatedBytes = allocatedBytes
        self.nesting = nesting
        self.resultBytes = resultBytes
    }

    package static let standard = JSONataLimits()
}

/// What an evaluation depends on besides its input: the language reads no clock and no randomness of its own.
package struct JSONataEnvironment: Sendable {
    /// `$now()` and `$millis()`: UTC milliseconds, constant during one evaluation.
    package var now: Int64
    /// Feeds `$random()`, `$shuffle()` and `$uuid()`: the same seed gives the same answers.
    package var randomSeed: UInt64
    package var limits: JSONataLimits
    /// Polled every few hundred steps; when it answers true the evaluation ends with `U1001`.
    package var isPastDeadline: (@Sendable () -> Bool)?

    package init(
        now: Int64, randomSeed: UInt64, limits: JSONataLimits = .standard,
        isPastDeadline: (@Sendable () -> Bool)? = nil
    ) {
        self.now = now
        self.randomSeed = randomSeed
        self.limits = limits
        self.isPastDeadline = isPastDeadline
    }
}
