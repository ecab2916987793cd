import Engine
import StatesLanguage
import Testing
import WallTime

/// What is warned of: the daemon takes the file all the same.
@Suite struct WorkflowLintingTests {
    static let now = Instant(milliseconds: 1_796_000_000_000)  // 2026-11-30T00:53:20Z
    static let head = "name: w\nstateMachine: m\n"
    static let byEvent = head + "on: {event: {source: [a]}}\n"

    private func lint(_ text: String) -> [Diagnostic] {
        Workflow.lint(text: text, file: "w.yaml", now: Self.now).diagnostics
    }

    private static func scheduled(_ expression: String, _ more: String = "") -> String {
        head + "on:\n  schedule:\n    expression: '\(expression)'\n" + more
    }

    @Test(
        arguments: [
            ("cron(0 2 31 2 ? *)", "no such day"), ("0 0 30 2 *", "no such day"),
            ("cron(0 2 ? 2 3#5 2027)", "no such day"), ("cron(0 2 * * ? 2020)", "its last time is over"),
            ("at(2020-01-01T00:00:00)", "its last time is over"), ("at(2026-11-30T00:53:20)", "its last time is over"),
        ])
    func aScheduleWithoutATimeToComeIsWarnedOf(_ expression: String, _ says: String) throws {
        let reading = Workflow.lint(text: Self.scheduled(expression), file: "w.yaml", now: Self.now)

        let found = try #require(reading.diagnostics.first)
        #expect(reading.workflow != nil && reading.diagnostics.count == 1)
        #expect((found.code, found.severity, found.position?.line) == ("W902", .warning, 5))
        #expect(found.message.contains(says))
    }

    /// The clocks of this zone skip the time in the one year in which there is one.
    @Test func aTimeThatTheClocksSkipNeverComes() {
        let text = Self.scheduled("cron(30 2 28 3 ? 2027)", "    timezone: Europe/Madrid\n")

        #expect(lint(text).map(\.code) == ["W902"])
        #expect(lint(text + "    gap: run-after\n") == [])
    }

    @Test(
        arguments: [
            "cron(0 2 29 2 ? *)", "cron(0 2 L 2 ? *)", "cron(0 2 31 * ? *)", "cron(0 2 * * ? 2026-2030)",
            "cron(0 0 1 1 ? 2199)", "at(2026-11-30T00:53:21)", "at(2199-01-01T00:00:00)", "rate(5 minutes)", "@daily",
            "0 0 29 2 *",
        ])
    func aScheduleThatFiresIsNotWarnedOf(_ expression: String) {
        #expect(lint(Self.scheduled(expression)) == [])
    }

    @Test func aScheduleThatIsNotEnabledWaitsForNothing() {
        #expect(lint(Self.scheduled("at(2020-01-01T00:00:00)", "enabled: false\n")) == [])
    }

    @Test func withoutAClockNoScheduleIsOver() {
        let (workflow, diagnostics) = Workflow.read(text: Self.scheduled("at(2020-01-01T00:00:00)"), file: nil)

        #expect(workflow != nil && diagnostics == [])
    }

    @Test func readingHasNoWarnings() {
        let (workflow, diagnostics) = Workflow.read(text: Self.byEvent + "executionName: fixed", file: nil)

        #expect(workflow != nil && diagnostics == [])
    }

    @Test(
        arguments: [
            ("input: '{% $states.input.detail %}'", "W804", 4), ("input:\n  a:\n    - 'x {% $y %}'", "W804", 6),
            ("input: {a: \"States.Format('{}', $.detail.id)\"}", "W812", 4), ("input: $states.input.detail", "W812", 4),
            ("executionName: \"States.Format('x-{}', $.detail.id)\"", "W812", 4),
            ("executionName: fixed", "W901", 4), ("executionName: $$.id", "W901", 4), ("executionName: 7", "W901", 4),
        ])
    func whatIsHandedOnAsItIsIsWarnedOf(_ field: String, _ code: String, _ line: Int) throws {
        let found = lint(Self.byEvent + field)

        #expect(found.map(\.code) == [code])
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.position?.line == line)
        #expect(found.first?.hint != nil)
    }

    @Test(
        arguments: [
            "input: $.detail", "input: {a.$: $.detail, b: $.id}", "input: 'costs $5, 100 %} or {% more'",
            "input: States are many (some)", "input: States.ALL", "input: 'States.Frmat(x)'", "input: $$.id",
            "input: {'a.$': $.detail, a: {a: 1}}".replacing("a: {a: 1}", with: "b: {a: 1}"),
            "executionName: x-{$.id}", "executionName: $.id", "executionName: {a: $.id}",
        ])
    func aTemplateThatMeansWhatItSaysIsNotWarnedOf(_ field: String) {
        #expect(lint(Self.byEvent + field) == [])
    }

    @Test func aNameByHandMayBeConstant() {
        #expect(lint(Self.head + "executionName: fixed") == [])
    }
}
