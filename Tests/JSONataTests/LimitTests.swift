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

    /// Work that hides in one call or one operator: over a long text, a long array, or a value whose parts are shared,
    /// so that sixty doublings make it look like 2^60 values.
    @Test(arguments: [
        #"($s := $pad("", 300000, "a"); $t := $s & "b"; $u := $s & "c"; $count([1..100000][$t < $u]))"#,
        #"($s := $pad("", 300000, "a"); $t := $s & "b"; $count([1..100000][$t in [$s & "b"]]))"#,
        #"($s := $pad("", 300000, "a"); $count([1..100000].($contains($s, "b"))))"#,
        #"($s := $pad("", 300000, "a"); $count([1..100000].($length($s))))"#,
        #"($s := $pad("", 300000, "a"); $count([1..100000].($hash($s, "SHA-512"))))"#,
        #"($s := $pad("", 300000, "a"); $count([1..100000].($base64encode($s))))"#,
        #"($s := $pad("", 300000, "1"); $count([1..100000].($toMillis($s, "[Y]"))))"#,
        #"($s := $pad("", 300000, "a"); $distinct([1..100000].($s)))"#,
        #"($s := $pad("", 300000, "a"); $string([1..10000].($s)))"#,
        #"($s := $pad("", 300000, "a"); $count([1..100000].{$s: 1}))"#,
        #"($s := $pad("", 300000, "a"); [1..10000].($s))"#,
        "[1..10000].($x)",
        "($a := [1..100000].(0); $count([1..100000].($boolean($a))))",
        "($a := [1..100000].(0); $count([1..100000][$a]))",
        "($a := [1..100000].({}); $count([1..100000].($keys($a))))",
        "($a := [1..100000].({}); $count([1..100000].($lookup($a, \"b\"))))",
        "($a := [1..100000].({}); $count([1..100000].($merge($a))))",
        "($a := [1..100000]; $count([1..100000].($zip($a, $a))))",
        "[1..10000]#$a.[1..10000]#$b.[1..10000]#$c",
        #"$match($pad("", 1000000, "a"), /a/)"#,
        #"$replace($pad("", 1000000, "a"), "a", $pad("", 1000000, "a"))"#,
        #"$replace($pad("", 1000000, "a"), /a/, $pad("", 1000000, "a"))"#,
        "(\(Self.doubling); $f(1, 60))", "(\(Self.doubling); $f(1, 60) = $f(1, 60))",
        "(\(Self.doubling); $string($f(1, 60)))",
        "(\(Self.doubling); $clone($f(1, 60)))", "(\(Self.doubling); $count($f(1, 60).**))",
        "(\(Self.doubling); $distinct([$f(1, 60), $f(1, 60)]))",
        "($f := function($x, $n){ $n = 0 ? $x : $f([[$x], [$x]], $n - 1) }; $boolean($f([0], 60)))",
        "($f := function($x, $n){ $n = 0 ? $x : $f([[$x], [$x]], $n - 1) }; $keys($f([0], 60)))",
    ])
    func hiddenWorkIsCounted(expression: String) {
        let document = JSONValue.array(Array(repeating: .string(String(repeating: "x", count: 50)), count: 4000))

        #expect(outcome(of: expression, bindings: ["x": document], limits: limits(steps: 200_000)) == "U1001")
    }

    private static let doubling =
        #"$f := function($x, $n){ $n = 0 ? $x : $f({"a": $x, "b": $x}, $n - 1) }"#

    /// The message quotes the value at fault, and must not unfold it.
    @Test(arguments: [("-$f(1, 60)", "D1002"), ("{$f(1, 60): 1}", "T1003")])
    func messagesAreCut(use: String, code: String) throws {
        let error = try failure(of: "(\(Self.doubling); \(use))")
        #expect(error.code == code)
        #expect(error.message.hasSuffix("…") && error.message.utf8.count < 40_000)
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
