import Foundation
import JSONModel
import Scenarios
import StatesLanguage
import Testing
import WallTime

@Suite struct ScenarioTests {
    static let machine = """
        StartAt: Work
        States:
          Work:
            Type: Task
            Resource: activity:work
            TimeoutSeconds: 60
            Retry: [{ErrorEquals: [Busy], IntervalSeconds: 10, MaxAttempts: 2, BackoffRate: 2}]
            Catch: [{ErrorEquals: [States.ALL], Next: Tell}]
            Next: Rest
          Rest: {Type: Wait, Seconds: 30, Next: Done}
          Tell: {Type: Task, Resource: activity:send-notice, Parameters: {kind: failed, e.$: $.Error}, Next: Done}
          Done: {Type: Succeed}
        """

    static func read(_ scenarios: String, machine: String = machine) throws -> (ScenarioSuite?, [Diagnostic]) {
        let (document, _) = SourceDocument.read(scenarios, file: "m.test.yaml")
        let definition = try #require(StateMachineReader.read(machine, file: nil).machine)
        return ScenarioReader.read(try #require(document), machine: definition, machineName: "m")
    }

    static func judge(_ scenario: String) throws -> ScenarioJudgement {
        let (suite, findings) = try read("scenarios:\n  - " + scenario.replacing("\n", with: "\n    "))
        let found = try #require(suite, "\(findings)")
        return found.judge(found.scenarios[0])
    }

    @Test(arguments: [
        "{status: SUCCEEDED, output: {n: 1}, path: [Work, Rest, Done], elapsed: 30s, notices: []}",
        "{path: [Work, ..., Done]}", "{path: [...]}", "{calls: [{state: Work, input: {a: 1}}]}",
        "{output: {$partial: {}}}", "{output: {n: {$type: number}}}", "{output: {n: {$oneOf: [1, 2]}}}",
    ])
    func whatIsAsExpectedPasses(_ expectation: String) throws {
        let judgement = try Self.judge(
            "name: ok\ninput: {a: 1, b: 2}\nmocks: {Work: {return: {n: 1}}}\nexpect: \(expectation)")

        #expect(judgement.passed, "\(judgement.failures)")
    }

    @Test(arguments: [
        ("{status: FAILED}", "status"), ("{output: {n: 2}}", "output"), ("{output: {n: 1, m: 1}}", "output"),
        ("{path: [Work, Done]}", "path"), ("{path: [Work, ...,Tell]}", "path"), ("{elapsed: 31s}", "elapsed"),
        ("{calls: [{state: Tell}]}", "calls, number 1"), ("{calls: [{state: Work, input: {a: 2}}]}", "calls, number 1"),
        ("{notices: [{kind: failed}]}", "notices"), ("{error: E}", "error"),
    ])
    func whatIsNotAsExpectedFails(_ expectation: String, _ what: String) throws {
        let judgement = try Self.judge(
            "name: no\ninput: {a: 1}\nmocks: {Work: {return: {n: 1}}}\nexpect: \(expectation)")

        #expect(judgement.failures.map(\.what) == [what])
        #expect(judgement.failures.first?.lines.isEmpty == false)
        #expect(judgement.failures.first?.position != nil)
    }

    @Test(arguments: [
        // Two retries of 10 and 20 seconds, then the catcher.
        ("{fail: Busy}", "{path: [Work, Tell, Done], elapsed: 30s, notices: [{e: Busy}]}"),
        ("[{fail: Busy, times: 2}, {return: {}}]", "{path: [Work, Rest, Done], elapsed: 60s}"),
        ("{timeout: true}", "{elapsed: 60s, notices: [{e: States.Timeout}]}"),
        ("{return: {}, after: 45s}", "{elapsed: 75s}"), ("{return: {}, after: 2m}", "{notices: [{e: States.Timeout}]}"),
        ("[{when: {a: 2}, fail: Busy}, {when: {a: 1}, return: {hit: true}}]", "{output: {hit: true}}"),
        ("{return: {try: '{% $attempt %}', in: '{% $states.input.a %}'}}", "{output: {try: 1, in: 1}}"),
    ])
    func mocksAnswerInVirtualTime(_ mock: String, _ expectation: String) throws {
        let judgement = try Self.judge(
            "name: m\ninput: {a: 1}\nmocks: {Work: \(mock), 'activity:send-notice': {return: {}}}\nexpect: \(expectation)"
        )

        #expect(judgement.passed, "\(judgement.failures)")
    }

    @Test func aTaskThatNothingAnswersIsNamed() throws {
        let judgement = try Self.judge("name: m\nexpect: {status: SUCCEEDED}")

        #expect(judgement.failures.first?.what.contains("no mock answers the task of 'Work'") == true)
    }

    @Test func coverageNamesWhatWasNotReached() throws {
        let (suite, _) = try Self.read(
            "scenarios: [{name: x, mocks: {Work: {return: 1}}, expect: {status: SUCCEEDED}}]")
        let found = try #require(suite)
        let coverage = ScenarioCoverage(found, found.scenarios.map(found.judge))

        #expect(coverage.missed == ["Work Retry[0]", "Work Catch[0]", "Tell"])
    }

    @Test func foreachMakesOneScenarioOfEach() throws {
        let (suite, _) = try Self.read(
            """
            scenarios:
              - name: '${error}'
                foreach: [{error: A}, {error: B}]
                mocks: {Work: {fail: '${error}'}, Tell: {return: {}}}
                expect: {notices: [{e: '${error}'}]}
            """)
        let found = try #require(suite)

        #expect(found.scenarios.map(\.name) == ["A", "B"])
        #expect(found.scenarios.map(found.judge).map(\.passed) == [true, true])
    }
}

/// Every branch of the shipped state machines has a scenario.
@Suite struct ShippedScenarioTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "state-machines")

    @Test(arguments: [
        "suspension", "restoration", "budget-monitor", "daily-refresh", "price-sync", "model-resolution", "reprice",
        "daily-summary", "cost-reconciliation", "block-timer", "reconciliation",
        "bypass-radar",
    ])
    func everyBranchDoesWhatItShould(_ name: String) throws {
        let source = try String(contentsOf: Self.directory.appending(path: "\(name).asl.yaml"), encoding: .utf8)
        let scenarios = try String(contentsOf: Self.directory.appending(path: "\(name).test.yaml"), encoding: .utf8)
        let (suite, findings) = try ScenarioTests.read(scenarios, machine: source)
        let found = try #require(suite, "\(findings)")

        let judgements = found.scenarios.map(found.judge)

        for judgement in judgements { #expect(judgement.passed, "\(judgement.name): \(judgement.failures)") }
        #expect(ScenarioCoverage(found, judgements).missed == [])
    }
}
