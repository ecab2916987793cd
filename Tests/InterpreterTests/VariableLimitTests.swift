import Interpreter
import JSONModel
import Testing

/// How much may be stored in workflow variables: 256 KiB each and an Assign, 10 MiB an execution.
@Suite struct VariableLimitTests {
    /// A Pass state that assigns, and hands on as little as it can.
    private static func pass(_ assign: String, next: String = "End: true") -> String {
        "{Type: Pass, Assign: \(assign), Output: null, \(next)}"
    }

    private static func machine(_ states: String, start: String = "A") -> String {
        "StartAt: \(start)\nQueryLanguage: JSONata\nStates:\n\(states)"
    }

    /// A text of so many bytes as JSON, its quotes included.
    fileprivate static func text(_ bytes: Int) -> String { "\"{% $pad('', \(bytes - 2), 'x') %}\"" }

    @Test(arguments: [
        // Just what fits, and one byte more.
        ("{a: \(text(262_144))}", true), ("{a: \(text(262_145))}", false),
        ("{a: \(text(131_072)), b: \(text(131_072))}", true), ("{a: \(text(131_072)), b: \(text(131_073))}", false),
        ("{a: \"{% [1..200000] %}\"}", false),
    ])
    func anAssignIsLimited(_ assign: String, _ fits: Bool) throws {
        var play = try Play(Self.machine("  A: \(Self.pass(assign))"))
        try play.begin()

        #expect((play.output != nil) == fits)
        guard !fits else { return }
        #expect(play.failure?.error == "States.DataLimitExceeded")
        #expect(play.failure?.cause.contains("would take more than 262144 bytes") == true)
    }

    @Test func noHandlerCatchesIt() throws {
        let states = """
              A:
                Type: Parallel
                Branches: [{StartAt: B, States: {B: {Type: Pass, End: true}}}]
                Assign: {a: \(Self.text(300_000))}
                Retry: [{ErrorEquals: [States.ALL]}]
                Catch: [{ErrorEquals: [States.DataLimitExceeded], Next: C}]
                End: true
              C: {Type: Succeed}
            """
        var play = try Play(Self.machine(states))
        try play.begin()

        #expect(play.failure?.error == "States.DataLimitExceeded")
    }

    @Test func aLoopCannotMakeAVariableGrowForEver() throws {
        let states = """
              A: \(Self.pass("{x: \"{% $exists($x) ? $append($x, [1..4000]) : [1] %}\"}", next: "Next: B"))
              B: {Type: Choice, Choices: [{Condition: "{% false %}", Next: C}], Default: A}
              C: {Type: Succeed}
            """
        var play = try Play(Self.machine(states))
        try play.begin()

        #expect(play.failure?.error == "States.DataLimitExceeded")
        #expect(play.failure?.cause.contains("The variable 'x'") == true)
    }

    @Test func nestingIsLimitedToo() throws {
        var play = try Play(
            """
            StartAt: A
            States:
              A: {Type: Pass, Assign: {x: []}, Next: B}
              B: {Type: Pass, Assign: {x: {"in.$": $x}}, Next: C}
              C: {Type: Choice, Choices: [{Variable: $x, IsNull: true, Next: D}], Default: B}
              D: {Type: Succeed}
            """)
        try play.begin()

        #expect(play.failure?.error == "States.DataLimitExceeded")
        #expect(play.failure?.cause.contains("deeper than 200 levels") == true)
    }

    /// How a run ends, decided once: `Play` would decide again and fold all those megabytes.
    private static func failure(of definition: String) throws -> TaskFailure? {
        let machine = try Play(definition).machine
        let run = try VirtualRun.run(machine, input: [:])
        if case .failed(let failure) = run.outcome { return failure }
        return nil
    }

    /// What each of 42 states assigns; together that is 10 MiB and two variables more, if all are kept.
    enum Assigning: Sendable, CaseIterable {
        case all, inTurns, untilNull

        func assign(_ index: Int) -> String {
            switch self {
            case .all: "{v\(index): \(VariableLimitTests.text(262_144))}"
            case .inTurns: "{v\(index % 2): \(VariableLimitTests.text(262_144))}"
            case .untilNull: "{v\(index): \(VariableLimitTests.text(262_100)), v\(max(0, index - 1)): null}"
            }
        }
    }

    @Test(arguments: Assigning.allCases)
    func whatAnExecutionStoresIsLimited(_ assigning: Assigning) throws {
        let states = (0..<42).map { index in
            let next = index == 41 ? "End: true" : "Next: S\(index + 1)"
            let assign = assigning.assign(index)
            return "  S\(index): " + Self.pass(index == 0 ? "{v0: 1}" : assign, next: next)
        }
        let failure = try Self.failure(of: Self.machine(states.joined(separator: "\n"), start: "S0"))

        guard assigning == .all else { return #expect(failure == nil) }
        #expect(failure?.error == "States.DataLimitExceeded")
        let cause = failure?.cause ?? ""
        #expect(cause.contains("'S40'") && cause.contains("more than 10485760 bytes"), "\(cause)")
    }

    /// 41 iterations that each keep 256 KiB in a variable, beside one that the Map's own scope keeps.
    @Test(arguments: [
        ("INLINE", 39, "Wait, Seconds: 9", true), ("INLINE", 40, "Wait, Seconds: 9", false),
        // What an iteration has set goes with it.
        ("INLINE", 1, "Succeed", true),
        // A child execution is one of its own.
        ("DISTRIBUTED", 41, "Wait, Seconds: 9", true),
    ])
    func branchesThatRunCountTogether(_ mode: String, _ concurrency: Int, _ last: String, _ fits: Bool) throws {
        let config = mode == "INLINE" ? "{Mode: INLINE}" : "{Mode: DISTRIBUTED, ExecutionType: STANDARD}"
        let end = last == "Succeed" ? "" : ", End: true"
        let states = """
              A: {Type: Pass, Assign: {all: "x"}, Next: M}
              M:
                Type: Map
                Items: "{% [1..41] %}"
                MaxConcurrency: \(concurrency)
                ItemProcessor:
                  ProcessorConfig: \(config)
                  StartAt: P
                  States:
                    P: \(Self.pass("{v: \(Self.text(262_144))}", next: "Next: D"))
                    D: {Type: \(last)\(end)}
                End: true
            """
        let failure = try Self.failure(of: Self.machine(states))

        #expect(failure?.error == (fits ? nil : "States.DataLimitExceeded"), "\(failure?.cause ?? "")")
    }
}
