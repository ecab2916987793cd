import JSONModel
package import StatesLanguage
package import WallTime

/// What came of reading a workflow file.
package struct WorkflowReading: Sendable {
    /// Nil if and only if there is an error among the diagnostics.
    package let workflow: Workflow?
    package let diagnostics: [Diagnostic]
    /// Nil if the text could not be read at all.
    package let document: SourceDocument?
}

extension Workflow {
    /// Reads a file of `workflows/`: YAML or JSON.
    /// - Returns: nil with at least one error among the diagnostics, which has no warnings, when it is not valid.
    package static func read(text: String, file: String?) -> (Workflow?, [Diagnostic]) {
        let reading = lint(text: text, file: file, now: nil)
        return (reading.workflow, reading.diagnostics.filter { $0.severity == .error })
    }

    /// Reads a workflow file with all that can be found about it, also warnings.
    /// - Parameter now: a schedule that has no time left after it is warned of; nil warns of none.
    package static func lint(text: String, file: String?, now: Instant?) -> WorkflowReading {
        let (document, diagnostics) = SourceDocument.read(text, file: file)
        guard let document else { return WorkflowReading(workflow: nil, diagnostics: diagnostics, document: nil) }
        let findings = WorkflowFindings(document: document)
        var workflow: Workflow?
        if case .object(let object) = document.value {
            workflow = WorkflowReader(object, now: now, findings: findings).read(file: file)
        } else {
            findings.report(
                .notAnObject, at: "", "a workflow is an object with name and stateMachine",
                hint: "see docs/yaml-reference.md")
        }
        return WorkflowReading(
            workflow: findings.hasErrors ? nil : workflow, diagnostics: diagnostics + findings.diagnostics,
            document: document)
    }
}

/// Reads the fields of one workflow file.
private struct WorkflowReader {
    private let fields: WorkflowFields
    private let now: Instant?

    init(_ object: JSONObject, now: Instant?, findings: WorkflowFindings) {
        self.now = now
        fields = WorkflowFields(object, at: "", known: Workflow.fieldNames, findings: findings)
    }

    func read(file: String?) -> Workflow? {
        let name = name("name", hint: "name: nightly-refresh")
        let machine =
            name == nil ? fields.string("stateMachine") : self.name("stateMachine", hint: "stateMachine: NAME")
        let trigger = fields.nested("on", known: ["schedule", "event"])
        let schedule = trigger.flatMap(schedule)
        let event = trigger.flatMap(pattern)
        if let trigger, trigger["schedule"] != nil, trigger["event"] != nil {
            fields.report(
                .conflict, "on", "'schedule' and 'event' exclude each other",
                hint: "write two workflows for the same state machine")
        }
        let overlap = fields.word("overlap", OverlapPolicy.self)
        check(overlap, isScheduled: trigger?["schedule"] != nil)
        if trigger?["schedule"] == nil, fields["catchUp"] != nil {
            fields.report(
                .conflict, "catchUp", "'catchUp' belongs to a schedule", hint: "remove it, or add on.schedule")
        }
        let executionName = executionName(trigger)
        let workflow = Workflow(
            name: name ?? "", description: fields.string("description"), stateMachine: machine ?? "",
            schedule: schedule, event: event, input: fields.template("input"), executionName: executionName,
            overlap: overlap, catchUp: catchUp(), deadline: fields.duration("deadline", allowsZero: false),
            deadLetter: deadLetter(), enabled: fields.boolean("enabled") ?? true, file: file)
        return name == nil || machine == nil ? nil : workflow
    }

    private func name(_ field: String, hint: String) -> String? {
        guard let name = fields.requiredString(field, hint: hint) else { return nil }
        do {
            try ExecutionNames.validate(name)
            return name
        } catch {
            fields.report(.invalidName, field, error.description, hint: "such as \(hint)")
            return nil
        }
    }

    private func executionName(_ trigger: WorkflowFields?) -> InputTemplate? {
        let found = fields.findings.diagnostics.count
        guard let template = fields.template("executionName") else { return nil }
        if trigger?["schedule"] != nil {
            fields.report(
                .conflict, "executionName", "a scheduled execution is named after its slot", hint: "remove it")
        } else if trigger?["event"] != nil, template.isConstant, fields.findings.diagnostics.count == found {
            fields.report(
                .constantExecutionName, "executionName",
                "every event gives the execution this name: the second one starts nothing",
                hint: "put a part of the event into it, such as name-{$.id}, or remove it")
        }
        return template
    }

    /// An event that would have to wait has no row to wait in.
    private func check(_ overlap: OverlapPolicy?, isScheduled: Bool) {
        guard let overlap, !isScheduled, [.bufferOne, .bufferAll, .cancelOther].contains(overlap) else { return }
        fields.report(
            .conflict, "overlap", "'\(overlap.rawValue)' is for schedules",
            hint: "an event takes allow_all, skip or terminate_other")
    }

    private func schedule(_ trigger: WorkflowFields) -> WorkflowSchedule? {
        guard let fields = trigger.nested("schedule", known: ["expression", "timezone", "jitter", "gap"]) else {
            return nil
        }
        let identifier = fields.string("timezone") ?? "UTC"
        let zone = CivilZone(identifier: identifier)
        if zone == nil {
            let similar = closest(to: identifier, among: CivilZone.knownIdentifiers)
            fields.report(
                .invalidValue, "timezone", "'\(identifier)' is not a time zone",
                hint: similar.map { "did you mean '\($0)'?" } ?? "use an IANA name such as Europe/Madrid")
        }
        let jitter = fields.duration("jitter") ?? .zero
        guard let text = fields.requiredString("expression", hint: "expression: rate(5 minutes)") else { return nil }
        do {
            let expression = try ScheduleExpression(parsing: text, gap: fields.word("gap", ScheduleGap.self) ?? .skip)
            if let zone, !expression.namesARealTime(in: zone) {
                fields.report(
                    .invalidSchedule, "expression", "clocks in \(identifier) skip the time of '\(text)'",
                    hint: "choose a time outside the change to summer time")
            } else if let zone {
                checkFires(expression, in: zone, fields)
            }
            return WorkflowSchedule(expression: expression, timeZone: identifier, jitter: jitter)
        } catch {
            fields.report(.invalidSchedule, "expression", error.message, hint: error.hint)
            return nil
        }
    }

    /// Warns of a schedule without a time to come. One that is not enabled waits for nothing.
    private func checkFires(_ expression: ScheduleExpression, in zone: CivilZone, _ schedule: WorkflowFields) {
        guard let now, fields["enabled"]?.boolValue != false, expression.next(after: now, in: zone) == nil else {
            return
        }
        let hadTimes = expression.next(after: Instant(milliseconds: -1), in: zone) != nil
        schedule.report(
            .neverFires, "expression",
            hadTimes
                ? "'\(expression.text)' never fires any more: its last time is over"
                : "'\(expression.text)' never fires: there is no such day or time",
            hint: hadTimes
                ? "give it a time to come, write enabled: false, or remove the file"
                : "check the day and the month, and whether the clocks skip the time; L is the last day of a month")
    }

    private func pattern(_ trigger: WorkflowFields) -> EventPattern? {
        guard let document = trigger["event"] else { return nil }
        do {
            return try EventPattern(document)
        } catch {
            trigger.findings.report(
                .invalidPattern, at: trigger.place("event") + error.pointer, error.message, hint: error.hint)
            return nil
        }
    }

    private func catchUp() -> CatchUpPolicy {
        var policy = CatchUpPolicy()
        guard let fields = fields.nested("catchUp", known: ["policy", "window", "max"]) else { return policy }
        policy.policy = fields.word("policy", CatchUpPolicy.Policy.self) ?? policy.policy
        policy.window = fields.duration("window") ?? policy.window
        policy.max = fields.integer("max", in: 1...1000) ?? policy.max
        return policy
    }

    private func deadLetter() -> DeadLetterPolicy {
        var policy = DeadLetterPolicy()
        let known = ["policy", "attempts", "backoff", "maxDelay"]
        guard let fields = fields.nested("deadLetter", known: known) else { return policy }
        policy.policy = fields.word("policy", DeadLetterPolicy.Policy.self) ?? policy.policy
        policy.attempts = fields.integer("attempts", in: 1...1000) ?? policy.attempts
        policy.backoff = fields.duration("backoff", allowsZero: false) ?? policy.backoff
        policy.maxDelay = fields.duration("maxDelay", allowsZero: false) ?? policy.maxDelay
        if policy.policy == .wait, ["attempts", "backoff", "maxDelay"].contains(where: { fields[$0] != nil }) {
            fields.report(
                .conflict, "policy", "'attempts', 'backoff' and 'maxDelay' belong to the policy 'redrive'",
                hint: "write policy: redrive")
        }
        return policy
    }
}
