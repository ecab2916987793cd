import JSONModel
package import StatesLanguage
import WallTime

extension Workflow {
    /// Reads a file of `workflows/`: YAML or JSON.
    /// - Returns: nil with at least one error among the diagnostics when it is not valid.
    package static func read(text: String, file: String?) -> (Workflow?, [Diagnostic]) {
        let (document, diagnostics) = SourceDocument.read(text, file: file)
        guard let document else { return (nil, diagnostics) }
        let findings = WorkflowFindings(document: document)
        guard case .object(let object) = document.value else {
            findings.report(
                .notAnObject, at: "", "a workflow is an object with name and stateMachine",
                hint: "see docs/yaml-reference.md")
            return (nil, diagnostics + findings.diagnostics)
        }
        let reader = WorkflowReader(object, findings: findings)
        let workflow = reader.read(file: file)
        return (findings.hasErrors ? nil : workflow, diagnostics + findings.diagnostics)
    }
}

/// Reads the fields of one workflow file.
private struct WorkflowReader {
    private let fields: WorkflowFields

    init(_ object: JSONObject, findings: WorkflowFindings) {
        fields = WorkflowFields(
            object, at: "",
            known: [
                "name", "description", "stateMachine", "on", "input", "executionName", "overlap", "catchUp", "deadline",
                "deadLetter", "enabled",
            ], findings: findings)
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
        let executionName = fields.template("executionName")
        if executionName != nil, trigger?["schedule"] != nil {
            fields.report(
                .conflict, "executionName", "a scheduled execution is named after its slot", hint: "remove it")
        }
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
            fields.report(.invalidName, field, error.description)
            return nil
        }
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
            }
            return WorkflowSchedule(expression: expression, timeZone: identifier, jitter: jitter)
        } catch {
            fields.report(.invalidSchedule, "expression", error.message, hint: error.hint)
            return nil
        }
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
