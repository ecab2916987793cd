import JSONModel

// `States.MathAdd` and `States.MathRandom`.

extension IntrinsicFunction {
    /// `States.MathAdd`: both numbers are rounded, halves upwards, before they are added.
    func sum(_ arguments: IntrinsicArguments) throws(IntrinsicFault) -> JSONValue {
        let (sum, overflow) = try arguments.integer(0).addingReportingOverflow(try arguments.integer(1))
        guard !overflow else { throw IntrinsicFault("The sum is out of range") }
        return .int(sum)
    }

    /// `States.MathRandom`: from the first number up to, not including, the second, both rounded. A third is the seed.
    func randomNumber(
        _ arguments: IntrinsicArguments, _ random: inout SplitMix64
    ) throws(IntrinsicFault) -> JSONValue {
        let (start, end) = (try arguments.integer(0), try arguments.integer(1))
        guard start < end else { throw IntrinsicFault("The start must be less than the end") }
        guard arguments.count == 3 else { return .int(random.number(in: start..<end)) }
        var seeded = SplitMix64(seed: UInt64(bitPattern: try arguments.floor(2)))
        return .int(seeded.number(in: start..<end))
    }
}
