import Engine
import JSONModel
import StatesLanguage
import Testing

@Suite struct WorkflowReadingTests {
    @Test func readsEveryField() throws {
        let (workflow, diagnostics) = Workflow.read(
            text: """
                name: month-reset
                description: Gives access back when the period begins.
                stateMachine: restore-all
                on:
                  schedule:
                    expression: cron(0 0 1 * ? *)
                    timezone: Europe/Madrid
                    jitter: 30s
                input: {reason: period, at: $.detail.nominalTime}
                overlap: buffer_one
                catchUp: {policy: all, window: 2d, max: 3}
                deadline: 1h30m
                deadLetter: {policy: redrive, attempts: 5, backoff: 2m, maxDelay: 1h}
                enabled: false
                """, file: "workflows/month-reset.yaml")

        #expect(diagnostics == [])
        let found = try #require(workflow)
        #expect(found.name == "month-reset")
        #expect(found.description == "Gives access back when the period begins.")
        #expect(found.stateMachine == "restore-all")
        #expect(found.schedule?.expression.text == "cron(0 0 1 * ? *)")
        #expect(found.schedule?.timeZone == "Europe/Madrid")
        #expect(found.schedule?.jitter == .seconds(30))
        #expect(found.overlap == .bufferOne)
        #expect(found.catchUp == CatchUpPolicy(policy: .all, window: .seconds(172_800), max: 3))
        #expect(found.deadline == .seconds(5400))
        #expect(
            found.deadLetter
                == DeadLetterPolicy(policy: .redrive, attempts: 5, backoff: .seconds(120), maxDelay: .seconds(3600)))
        #expect(!found.enabled)
        #expect(found.file == "workflows/month-reset.yaml")
    }

    @Test func whatIsLeftOutHasItsDocumentedDefault() throws {
        let byEvent = try #require(
            Workflow.read(
                text: """
                    name: suspend
                    stateMachine: suspension
                    on: {event: {source: [steward.budgets], detail: {level: [{prefix: crit}]}}}
                    executionName: suspend-{$.detail.principal}
                    """, file: nil
            ).0)
        #expect(byEvent.overlap == .allowAll)
        #expect(byEvent.catchUp == CatchUpPolicy(policy: .latest, window: .seconds(3600), max: 10))
        #expect(byEvent.deadLetter.policy == .wait)
        #expect(byEvent.deadline == nil)
        #expect(byEvent.enabled)
        #expect(byEvent.event?.matches(["source": "steward.budgets", "detail": ["level": "critical"]]) == true)

        let bySchedule = try #require(
            Workflow.read(
                text: "name: a\nstateMachine: b\non: {schedule: {expression: '@daily'}}", file: nil
            ).0)
        #expect(bySchedule.overlap == .skip)
        #expect(bySchedule.schedule?.timeZone == "UTC")

        let byHand = try #require(Workflow.read(text: #"{"name": "a", "stateMachine": "b"}"#, file: "a.json").0)
        #expect(byHand.schedule == nil)
        #expect(byHand.event == nil)
    }

    struct Fault: Sendable, CustomStringConvertible {
        let text: String
        let code: String
        let line: Int?
        let says: String
        var description: String { "\(code): \(text)" }
    }

    static let head = "name: a\nstateMachine: b\n"
    static let scheduled = head + "on: {schedule: {expression: rate(5 minutes)}}\n"
    static let faults: [Fault] = [
        Fault(text: head + "overlapp: skip", code: "F102", line: 3, says: "did you mean 'overlap'?"),
        Fault(text: head + "on: {shedule: {}}", code: "F102", line: 3, says: "did you mean 'schedule'?"),
        Fault(text: "stateMachine: b", code: "F103", line: 1, says: "'name' is missing"),
        Fault(text: "name: a", code: "F103", line: 1, says: "'stateMachine' is missing"),
        Fault(text: "name: 7\nstateMachine: b", code: "F104", line: 1, says: "write name: \"7\""),
        Fault(text: head + "enabled: maybe", code: "F104", line: 3, says: "without quotes"),
        Fault(text: head + "on: daily", code: "F104", line: 3, says: "its fields are schedule, event"),
        Fault(text: head + "deadline: -5m", code: "F105", line: 3, says: "cannot be negative"),
        Fault(text: head + "deadline: 0", code: "F105", line: 3, says: "not a duration"),
        Fault(text: head + "overlap: skipp", code: "F105", line: 3, says: "did you mean 'skip'?"),
        Fault(text: scheduled + "catchUp: {policy: latst}", code: "F105", line: 4, says: "did you mean 'latest'?"),
        Fault(text: scheduled + "catchUp: {max: 0}", code: "F105", line: 4, says: "write max: 1"),
        Fault(text: scheduled + "executionName: x", code: "F106", line: 4, says: "named after its slot"),
        Fault(text: head + "catchUp: {max: 3}", code: "F106", line: 3, says: "belongs to a schedule"),
        Fault(text: head + "overlap: buffer_all", code: "F106", line: 3, says: "is for schedules"),
        Fault(text: head + "deadLetter: {attempts: 3}", code: "F106", line: 3, says: "policy: redrive"),
        Fault(
            text: head + "on:\n  schedule: {expression: '@daily'}\n  event: {a: [1]}", code: "F106", line: 4,
            says: "exclude each other"),
        Fault(
            text: head + "on:\n  schedule:\n    expression: rate(0 minutes)", code: "F107", line: 5,
            says: "out of range"),
        Fault(
            text: head + "on: {schedule: {expression: '@daily', timezone: Europe/Madird}}", code: "F105", line: 3,
            says: "did you mean 'Europe/Madrid'?"),
        Fault(
            text: head + "on: {schedule: {expression: 'at(2027-03-28T02:30:00)', timezone: Europe/Madrid}}",
            code: "F107", line: 3, says: "skip the time"),
        Fault(text: head + "on: {schedule: {timezone: UTC}}", code: "F103", line: 3, says: "'expression' is missing"),
        Fault(
            text: head + "on:\n  event:\n    source:\n      - {prefx: x}", code: "F108", line: 6,
            says: "'prefx' is not a condition"),
        Fault(text: head + "input: {a: $.}", code: "F109", line: 3, says: "not a valid path"),
        Fault(
            text: head + "input:\n  x: 1\n  y:\n    z: $.detail[", code: "F109", line: 6, says: "not a valid path"),
        Fault(text: head + "input:\n  a: 1\n  a.$: $.detail", code: "F109", line: 5, says: "both become 'a'"),
        Fault(text: head + "input:\n  - x\n  - b/c.$: text", code: "F109", line: 5, says: "needs a path"),
        Fault(
            text: head + "on:\n  event:\n    x:\n      - numeric: ['>', 5, '<', 3]", code: "F108", line: 6,
            says: "no number is > 5 and < 3"),
        Fault(text: head + "statemachine: b", code: "F102", line: 3, says: "did you mean 'stateMachine'?"),
        Fault(text: "name: a b\nstateMachine: b", code: "F110", line: 1, says: "use letters"),
        Fault(text: "- a\n- b", code: "F101", line: 1, says: "a workflow is an object"),
    ]

    @Test(arguments: faults)
    func whatIsWrongIsNamedWithItsPlace(_ fault: Fault) throws {
        let (workflow, diagnostics) = Workflow.read(text: fault.text, file: "w.yaml")

        #expect(workflow == nil)
        let found = try #require(diagnostics.first)
        #expect(diagnostics.count == 1)
        #expect(found.code == fault.code)
        #expect(found.severity == .error)
        #expect(found.file == "w.yaml")
        #expect(found.position?.line == fault.line)
        #expect("\(found.message); \(found.hint ?? "")".contains(fault.says))
        #expect(found.hint != nil)
    }

    @Test func aTextThatIsNotYAMLIsReportedByTheReader() {
        let (workflow, diagnostics) = Workflow.read(text: "name: [", file: "w.yaml")
        #expect(workflow == nil)
        #expect(!diagnostics.isEmpty)
    }

    @Test func everythingWrongIsReportedAtOnce() {
        let (_, diagnostics) = Workflow.read(text: "naem: a\noverlap: none\ndeadline: soon", file: nil)
        #expect(Set(diagnostics.map(\.code)) == ["F102", "F103", "F105"])
        #expect(diagnostics.count == 4)
    }

    @Test func everyFaultOfATemplateHasItsPlace() {
        let (_, diagnostics) = Workflow.read(
            text: Self.head + "input:\n  a: $.\n  b: [x, '{$.y']\n  c.$: 3\n  c: 4\n  d/e: $[", file: nil)
        #expect(diagnostics.map(\.position?.line) == [4, 5, 6, 6, 8])
        #expect(diagnostics.map(\.pointer) == ["/input/a", "/input/b/1", "/input/c.$", "/input/c.$", "/input/d~1e"])
    }

    @Test func everyCodeHasAMeaningInASentence() {
        let meanings = WorkflowFinding.allCases.map(\.meaning)
        #expect(meanings.allSatisfy { $0.hasSuffix(".") && !$0.contains("\n") })
        #expect(
            Set(meanings + DiagnosticCode.allCases.map(\.meaning)).count == meanings.count
                + DiagnosticCode.allCases.count)
    }
}
