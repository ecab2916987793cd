import Foundation
import JSONModel
import JSONata
import Testing

/// A hostile expression ends with an error, soon, and without harm.
@Suite struct LimitTests {
    private func limits(steps: Int = 60_000, depth: Int = 1000, bytes: Int = 64 << 20) -> JSONataLimits {
        JSONataLimits(steps: steps, depth: depth, allocatedBytes: bytes)
    }

    @Test(arguments: [
        "($f := function(){ $f() }; $f())",
        "($f := function($n){ 1 + $f($n + 1) }; $f(0))",
        "($f := function($n){ $map([1], function($x){ $f($n) }) }; $f(0))",
        "($f := function($n){ $sort([1, 2], function($a, $b){ $f($n) }) }; $f(0))",
        #"($f := function($n){ $replace("a", /a/, function($m){ $f($n) }) }; $f(0))"#,
        "($f := function($n){ $n ~> |$|{\"a\": $f($n)}| }; $f({}))",
        "($f := function($n){ [1, 2]^($f($n)) }; $f(0))",
        "($f := function($n){ [1]#$i[$f($n)] }; $f(0))",
        "($f := function($s){ $f($s & $s) }; $f(\"aaaaaaaaaaaaaaaa\"))",
        "($f := function($s){ $f($append($s, $s)) }; $f([1, 2]))",
        "($f := function($s){ $f([[$s]]) }; $f(1))",
        "($f := function($s){ $f({\"a\": $s}) }; $f(1))",
        "$count([1..10000000].($ + 1))",
        "[1..5000].([1..5000])",
        "$pad(\"\", 1e9)",
        "$distinct([1..20000].{\"a\": $})",
        "$reduce([1..1000000], function($a, $b){ $a + $b })",
    ])
    func runawaysEnd(expression: String) {
        #expect(outcome(of: expression, limits: limits()) == "U1001")
    }

    @Test func theDeadlineIsAskedFor() throws {
        let polls = Counter()
        let environment = JSONataEnvironment(
            now: 0, randomSeed: 0, isPastDeadline: { polls.next() > 10 })
        let expression = try JSONataExpression(parsing: "($f := function(){ $f() }; $f())")
        let error = #expect(throws: JSONataError.self) {
            _ = try expression.evaluate(input: nil, bindings: [:], environment: environment)
        }
        #expect(error?.code == "U1001")
        #expect(polls.next() == 12)
    }

    @Test func depthIsCountedAsTheReferenceCountsIt() {
        let factorial = "($f := function($n){$n = 0 ? 1 : $n * $f($n - 1)}; $f(99))"
        #expect(outcome(of: factorial, limits: limits(depth: 302)) == "9.33262154439441e+155")
        #expect(outcome(of: factorial, limits: limits(depth: 301)) == "U1001")
    }

    @Test func aLongChainOfCapturesIsTakenDownWithoutTheStack() {
        let chains = [
            "($f := function($g, $n){ $n = 0 ? $g : $f(function(){ $g() }, $n - 1) }; $f(function(){ 1 }, 20000); 1)",
            "($f := function($g, $n){ $n = 0 ? $g : $f($g ~> $string, $n - 1) }; $f($string, 20000); 1)",
            "($f := function($g, $n){ $n = 0 ? $g : $f($g(?), $n - 1) }; $f($substring(?, ?), 20000); 1)",
            "($f := function($g, $n){ $n = 0 ? $g : $f([function(){ $g }], $n - 1) }; $f([1], 20000); 1)",
        ]
        for chain in chains { #expect(outcome(of: chain) == "1") }
    }

    @Test func aSmallStackIsRespected() async {
        let code = await withCheckedContinuation { (continuation: CheckedContinuation<String, Never>) in
            let thread = Thread {
                continuation.resume(
                    returning: outcome(
                        of: "($f := function($n){ 1 + $f($n + 1) }; $f(0))",
                        limits: JSONataLimits(depth: 1_000_000)))
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        #expect(code == "U1001")
    }

    @Test func aDeepResultIsRefused() {
        let deep = (0..<200).reduce(JSONValue.int(1)) { value, _ in .array([value]) }
        #expect(outcome(of: "$x", bindings: ["x": deep]).hasPrefix("[[["))
        #expect(outcome(of: #"{"a": [[$x]]}"#, bindings: ["x": deep]).hasPrefix("{"))
        let deeper = (0..<250).reduce(JSONValue.int(1)) { value, _ in .array([value]) }
        #expect(outcome(of: "[[[[[[[[$x]]]]]]]]", bindings: ["x": deeper]) == "U1001")
    }
}

private final class Counter: @unchecked Sendable {
    // Guarded by the lock, which makes the class safe to share.
    private var count = 0
    private let lock = NSLock()

    func next() -> Int {
        lock.withLock {
            count += 1
            return count
        }
    }
}
