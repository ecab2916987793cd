import WallTime

/// What came of a bench.
struct Measurement {
    let bench: Bench
    /// Of one run of the body, in each round, the quickest first.
    let nanoseconds: [Double]

    var best: Double { nanoseconds[0] }
    var median: Double { nanoseconds[nanoseconds.count / 2] }

    /// MB/s, or how many a second, of the median round.
    var rate: Double {
        switch bench.work {
        case .bytes(let count): Double(count) / median * 1000
        case .times(let count, _): Double(count) / median * 1e9
        }
    }

    var unit: String {
        switch bench.work {
        case .bytes: "MB/s"
        case .times(_, let what): "\(what)/s"
        }
    }
}

/// Runs benches: some rounds of a fixed length each, of which the median counts and the best shows the noise.
struct Runner {
    let clock: WallClock
    let rounds: Int
    /// Of one round.
    let nanoseconds: UInt64

    func measure(_ bench: Bench) throws -> Measurement {
        let size = try runsInOneRound(bench)
        var times: [Double] = []
        for _ in 0..<rounds {
            let start = clock.monotonicNanoseconds()
            for _ in 0..<size { try bench.body() }
            times.append(Double(clock.monotonicNanoseconds() - start) / Double(size))
        }
        return Measurement(bench: bench, nanoseconds: times.sorted())
    }

    /// Warms up, and finds how many runs fill a round.
    private func runsInOneRound(_ bench: Bench) throws -> Int {
        let start = clock.monotonicNanoseconds()
        var count = 0
        repeat {
            try bench.body()
            count += 1
        } while clock.monotonicNanoseconds() - start < nanoseconds
        return count
    }
}
