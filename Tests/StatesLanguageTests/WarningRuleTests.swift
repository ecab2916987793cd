import StatesLanguage
import Testing

/// What AWS accepts and what bites later.
@Suite struct WarningRuleTests {
    /// Codes of the warnings with the pointers that they stand at.
    static func warnings(_ text: String) -> [String] {
        let reading = StateMachineReader.read(text, file: nil)
        return reading.diagnostics.map { "\($0.code) \($0.pointer)" }
    }

    static func machine(_ states: String, start: String = "A", language: String = "JSONPath") -> String {
        "QueryLanguage: \(language)\nStartAt: \(start)\nStates:\n"
            + states.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    }

    /// ASL, "Transitions": only `End: true` makes a state terminal.
    @Test func aStateThatDoesNotEndHasANext() {
        #expect(Self.warnings(Self.machine("A: {Type: Pass, End: false, Next: B}\nB: {Type: Succeed}")).isEmpty)
        #expect(
            Self.warnings(Self.machine("A: {Type: Pass, End: false}\nB: {Type: Succeed}")).contains(
                "E110 /States/A/End"))
    }

    // MARK: Variables

    @Test(arguments: [
        ("A: {Type: Pass, Assign: {x: 1}, Next: B}\nB: {Type: Pass, Parameters: {v.$: $x}, End: true}", [String]()),
        (
            "A: {Type: Pass, Next: B}\nB: {Type: Pass, Parameters: {v.$: $x}, End: true}",
            ["W807 /States/B/Parameters/v.$"]
        ),
        ("A: {Type: Pass, Assign: {x: 1}, Parameters: {v.$: $x}, End: true}", ["W807 /States/A/Parameters/v.$"]),
        (
            """
            A: {Type: Choice, Choices: [{Variable: $.a, IsPresent: true, Assign: {x: 1}, Next: B}], Default: B}
            B: {Type: Pass, Parameters: {v.$: "States.Format('{}', $x.y)"}, End: true}
            """, ["W808 /States/B/Parameters/v.$"]
        ),
        (
            """
            A:
              Type: Task
              Resource: activity:a
              Assign: {x: 1}
              Catch: [{ErrorEquals: [States.ALL], Assign: {x: 2}, Next: B}]
              Next: B
            B: {Type: Wait, SecondsPath: $x, End: true}
            """, []
        ),
        // A loop back does not unassign what was assigned before it.
        (
            """
            A: {Type: Pass, Assign: {x: 1}, Next: B}
            B: {Type: Choice, Choices: [{Variable: $x, NumericLessThan: 9, Assign: {y: 1}, Next: B}], Default: C}
            C: {Type: Succeed}
            """, []
        ),
    ])
    func variablesAreAssignedBeforeTheyAreRead(_ states: String, _ expected: [String]) {
        #expect(Self.warnings(Self.machine(states)) == expected)
    }

    @Test(arguments: [("INLINE", [String]()), ("DISTRIBUTED, ExecutionType: STANDARD", ["W807"])])
    func scopesSeeWhatIsAroundThem(_ mode: String, _ expected: [String]) {
        let text = Self.machine(
            """
            A: {Type: Pass, Assign: {x: 1}, Next: M}
            M:
              Type: Map
              ItemProcessor:
                ProcessorConfig: {Mode: \(mode)}
                StartAt: I
                States: {I: {Type: Pass, Parameters: {v.$: $x}, Assign: {inner: 1}, End: true}}
              Next: B
            B: {Type: Pass, End: true}
            """)

        #expect(Self.warnings(text).map { String($0.prefix(4)) } == expected)
    }

    @Test func whatIsAssignedInsideStaysInside() {
        let text = Self.machine(
            """
            A:
              Type: Parallel
              Branches: [{StartAt: I, States: {I: {Type: Pass, Assign: {inner: 1}, End: true}}}]
              Next: B
            B: {Type: Pass, Parameters: {v.$: $inner}, End: true}
            """)

        #expect(Self.warnings(text) == ["W807 /States/B/Parameters/v.$"])
    }

    @Test(arguments: [
        ("INLINE", "A: {Type: Pass, Assign: {x: 1}, Next: M}", "x.$: $.a", ["/Assign/x.$"]),
        ("INLINE", "A: {Type: Pass, Assign: {x: 1}, Next: M}", "y: 1", [String]()),
        // Child executions are executions of their own.
        ("DISTRIBUTED, ExecutionType: STANDARD", "A: {Type: Pass, Assign: {x: 1}, Next: M}", "x: 2", []),
        // Nothing has assigned it yet when the iterations run.
        ("INLINE", "A: {Type: Pass, Next: M}", "x: 2", []),
    ])
    func anIterationKeepsToItsOwnVariables(_ mode: String, _ first: String, _ assign: String, _ expected: [String]) {
        let text = Self.machine(
            """
            \(first)
            M:
              Type: Map
              ItemProcessor:
                ProcessorConfig: {Mode: \(mode)}
                StartAt: I
                States: {I: {Type: Pass, Assign: {\(assign)}, End: true}}
              Assign: {x: 3}
              Next: B
            B: {Type: Pass, Assign: {x: 4}, End: true}
            """)

        #expect(Self.warnings(text) == expected.map { "W818 /States/M/ItemProcessor/States/I" + $0 })
    }

    /// Recorded as accepted by AWS: the catcher's variable is not there yet when the branch runs.
    @Test func aCatcherMayUseTheNameOfABranchsVariable() {
        let text = Self.machine(
            """
            P:
              Type: Parallel
              Branches: [{StartAt: I, States: {I: {Type: Pass, Assign: {x: 1}, End: true}}}]
              Catch: [{ErrorEquals: [States.ALL], Assign: {x: 2}, Next: B}]
              Next: B
            B: {Type: Succeed}
            """, start: "P")

        #expect(Self.warnings(text).isEmpty)
    }

    @Test func branchesRulesAndCatchersKeepToTheirOwnVariables() {
        let text = Self.machine(
            """
            A: {Type: Pass, Assign: {x: 1}, Next: P}
            P:
              Type: Parallel
              Branches:
                - StartAt: C
                  States:
                    C: {Type: Choice, Choices: [{Variable: $x, IsPresent: true, Assign: {x: 2}, Next: T}], Default: T}
                    T:
                      Type: Task
                      Resource: activity:a
                      Catch: [{ErrorEquals: [States.ALL], Assign: {x: 3}, Next: E}]
                      Next: E
                    E: {Type: Succeed}
              End: true
            """)

        #expect(
            Self.warnings(text) == [
                "W818 /States/P/Branches/0/States/C/Choices/0/Assign/x",
                "W818 /States/P/Branches/0/States/T/Catch/0/Assign/x",
            ])
    }

    @Test(arguments: [
        ("{% $sum([1, 2]) %}", nil), ("{% $x + 1 %}", "Nothing before 'A' assigns '$x'"),
        ("{% ($y := 2; $y + $states.input.a) %}", nil), ("{% $summ([1]) %}", "did you mean '$sum'?"),
        ("{% $eval('1') %}", "$parse"),
    ])
    func expressionsReadVariablesToo(_ expression: String, _ expected: String?) throws {
        let text = Self.machine("A: {Type: Pass, Output: \"\(expression)\", End: true}", language: "JSONata")
        let findings = StateMachineReader.read(text, file: nil).diagnostics

        if let expected {
            let finding = try #require(findings.first)
            #expect("\(finding.message) \(finding.hint ?? "")".contains(expected))
        } else {
            #expect(findings.isEmpty)
        }
    }

    // MARK: Handlers

    @Test(arguments: [
        ("[{ErrorEquals: [E], Next: B}, {ErrorEquals: [F], Next: B}]", [String]()),
        ("[{ErrorEquals: [E], Next: B}, {ErrorEquals: [F, E], Next: B}]", ["W809 /States/A/Catch/1/ErrorEquals/1"]),
        (
            "[{ErrorEquals: [States.TaskFailed], Next: B}, {ErrorEquals: [E], Next: B}]",
            ["W809 /States/A/Catch/1/ErrorEquals/0"]
        ),
        ("[{ErrorEquals: [States.TaskFailed], Next: B}, {ErrorEquals: [States.Timeout], Next: B}]", []),
        ("[{ErrorEquals: [States.TaskFailed], Next: B}, {ErrorEquals: [States.ALL], Next: B}]", []),
        ("[{ErrorEquals: [States.Runtime], Next: B}]", ["W809 /States/A/Catch/0/ErrorEquals/0"]),
        ("[{ErrorEquals: [Lambda.ServiceException], Next: B}]", ["W809 /States/A/Catch/0/ErrorEquals/0"]),
    ])
    func handlersGetWhatTheyName(_ catchers: String, _ expected: [String]) {
        let states = "A: {Type: Task, Resource: activity:a, Catch: \(catchers), Next: B}\nB: {Type: Succeed}"

        #expect(Self.warnings(Self.machine(states)) == expected)
    }

    @Test(arguments: [
        ("States.Http.StatusCode.429", true), ("States.Http.StatusCode.503", true), ("States.Http.Socket", true),
        ("States.Http.StatusCode", false), ("States.Http.StatusCode.4xx", false), ("States.Http.StatusCode.42", false),
        ("States.Http.StatusCode.4290", false), ("States.Http.StatusCode.600", false),
        ("States.Http.StatusCode.+42", false), ("States.Http.Status.429", false),
    ])
    func errorsOfHTTPTasksAreKnown(_ name: String, _ isKnown: Bool) {
        let states = "A: {Type: Task, Resource: activity:a, Retry: [{ErrorEquals: [\(name)]}], End: true}"

        #expect(Self.warnings(Self.machine(states)) == (isKnown ? [] : ["W805 /States/A/Retry/0/ErrorEquals/0"]))
    }

    // MARK: Choices

    @Test(arguments: [
        ("[{Variable: $.a, IsPresent: true, Next: B}]", ["W810 /States/A"]),
        ("[{Variable: $.a, IsPresent: true, Next: B}, {Variable: $.a, IsPresent: false, Next: B}]", [String]()),
        (
            "[{Variable: $.a, NumericEquals: 1, Next: B}, {Not: {Variable: $.a, NumericEquals: 1}, Next: B}]", []
        ),
        (
            "[{Variable: $.a, StringEquals: x, Next: B}, {Variable: $.a, StringEquals: x, Next: B}]",
            ["W810 /States/A", "W811 /States/A/Choices/1"]
        ),
    ])
    func choicesLeadSomewhere(_ rules: String, _ expected: [String]) {
        let states = "A: {Type: Choice, Choices: \(rules)}\nB: {Type: Succeed}"

        #expect(Self.warnings(Self.machine(states)) == expected)
    }

    @Test func whatStandsBehindARuleThatAlwaysHoldsIsNeverReached() {
        let states =
            "A: {Type: Choice, Choices: [{Condition: \"{% true %}\", Next: B}, {Condition: false, Next: B}]}\n"
            + "B: {Type: Succeed}"

        #expect(Self.warnings(Self.machine(states, language: "JSONata")) == ["W811 /States/A/Choices/1"])
    }

    // MARK: Texts

    @Test(arguments: [
        ("JSONPath", "Parameters: {v: $.a}", ["W812 /States/A/Parameters/v"]),
        ("JSONPath", "Parameters: {v: \"States.UUID()\"}", ["W812 /States/A/Parameters/v"]),
        ("JSONPath", "Parameters: {v: $5 a day}", [String]()), ("JSONPath", "Result: {v: $.a}", []),
        ("JSONata", "Output: {v: $states.input.a}", ["W812 /States/A/Output/v"]),
        ("JSONata", "Output: {v: \"{% $states.input.a %}\"}", []),
    ])
    func textsThatLookComputedAreTold(_ language: String, _ field: String, _ expected: [String]) {
        let states = "A: {Type: Pass, \(field), End: true}"

        #expect(Self.warnings(Self.machine(states, language: language)) == expected)
    }

    @Test(arguments: [
        ("Parameters: {QueueUrl: q, MessageBody: {t.$: $$.Task.Token}}", [String]()),
        ("Parameters: {QueueUrl: q, MessageBody: x}", ["W813 /States/A/Resource"]),
    ])
    func aTokenIsPassedOn(_ field: String, _ expected: [String]) {
        let states =
            "A: {Type: Task, Resource: \"arn:aws:states:::sqs:sendMessage.waitForTaskToken\", "
            + "TimeoutSeconds: 9, \(field), End: true}"

        #expect(Self.warnings(Self.machine(states)) == expected)
    }
}
