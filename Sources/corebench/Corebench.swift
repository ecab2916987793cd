import JSONModel
import WallTime

/// Measures what needs no store and no network: JSON, JSONPath, JSONata. Prints a table, or JSON with `--json`;
/// other arguments choose benches by the start of their name. `--quick` shortens the rounds, `--runs=N` runs each bench
/// so often and measures nothing, for a profiler that counts instructions.
@main
struct Corebench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let wanted = arguments.filter { !$0.hasPrefix("--") }
        let isQuick = arguments.contains("--quick")
        let runner = Runner(clock: .system, rounds: isQuick ? 3 : 7, nanoseconds: isQuick ? 20_000_000 : 200_000_000)
        let benches = try all().filter { bench in wanted.isEmpty || wanted.contains(where: bench.name.hasPrefix) }
        if let runs = arguments.first(where: { $0.hasPrefix("--runs=") }).flatMap({ Int($0.dropFirst(7)) }) {
            for bench in benches { for _ in 0..<runs { try bench.body() } }
            return
        }
        let results = try benches.map(runner.measure)
        print(arguments.contains("--json") ? report(results).jsonString : table(results))
    }

    private static func all() throws -> [Bench] {
        try jsonBenches() + pathBenches() + jsonataBenches() + interpreterBenches()
    }

    private static func report(_ results: [Measurement]) -> JSONValue {
        let rates = Dictionary(uniqueKeysWithValues: results.map { ($0.bench.name, $0.rate) })
        let rows = results.map { result -> (String, JSONValue) in
            var row: JSONObject = [
                result.unit: .double(result.rate), "ns": .double(result.median), "ns_best": .double(result.best),
            ]
            if let peer = result.bench.peer, let rate = rates[peer] { row["ratio"] = .double(result.rate / rate) }
            return (result.bench.name, .object(row))
        }
        return .object(JSONObject(rows))
    }

    private static func table(_ results: [Measurement]) -> String {
        let rates = Dictionary(uniqueKeysWithValues: results.map { ($0.bench.name, $0.rate) })
        let width = results.map(\.bench.name.count).max() ?? 0
        return results.map { result in
            let name = result.bench.name.padding(to: width)
            let rate = "\(rounded(result.rate)) \(result.unit)"
            let time = "\(rounded(result.median)) ns a run, best \(rounded(result.best))"
            let peer = result.bench.peer.flatMap { peer in rates[peer].map { "\(ratio(result.rate / $0)) x \(peer)" } }
            return ([name, rate.padding(to: 24), time] + [peer].compactMap { $0 }).joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func rounded(_ value: Double) -> String { String(Int(value.rounded())) }

    private static func ratio(_ value: Double) -> String { String((value * 100).rounded() / 100) }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
