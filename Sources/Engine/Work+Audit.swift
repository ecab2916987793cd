package import JSONModel

extension AuditEntry {
    /// A caller in this process that does not say who it is.
    package static var unnamedActor: String { "operator" }
}

extension Work {
    /// Writes down who changed what, in the transaction of the change.
    package func audit(_ action: String, by actor: String, subject: String, _ detail: JSONObject = [:]) throws {
        try transaction.appendAudit(
            AuditEntry(at: now, actor: actor, action: action, subject: subject, detail: .object(detail)))
    }

    /// Saves a definition as `ExecutionTransaction.saveStateMachine` does, and writes down the version that it made, if
    /// it made one.
    package func saveStateMachine(
        name: String, definition: MachineDefinition, settings: MachineSettings? = nil, by actor: String
    ) throws -> StateMachineVersion {
        let before = try transaction.stateMachine(named: name)?.current
        let version = try transaction.saveStateMachine(
            name: name, definition: definition, settings: settings, at: now)
        if let before, before.id == version.id { return version }
        var detail = version.audited
        if let before { detail["before"] = .object(before.audited) }
        try audit(
            before == nil ? "stateMachine.created" : "stateMachine.updated", by: actor,
            subject: core.machineARN(name), detail)
        return version
    }

    /// Writes down which workflows are in force, by the digests of their definitions, when they are others than the log
    /// says. Compared with the log, since a process does not know what the one before it had loaded.
    func auditWorkflows(_ digests: [String: String], by actor: String) throws {
        let (action, subject) = ("workflows.loaded", "workflows")
        let last = try transaction.auditEntries(subject: subject, limit: 100).first { $0.action == action }
        let known = last?.detail["digests"]?.objectValue ?? [:]
        let names = digests.keys.sorted()
        let added = names.filter { known[$0] == nil }
        let changed = names.filter { name in
            guard let before = known[name]?.stringValue else { return false }
            return before != digests[name]
        }
        let removed = known.keys.filter { digests[$0] == nil }
        if added.isEmpty, changed.isEmpty, removed.isEmpty { return }
        var all: JSONObject = [:]
        for name in names { all[name] = digests[name].map { .string($0) } }
        try audit(
            action, by: actor, subject: subject,
            [
                "added": .array(added.map { .string($0) }), "changed": .array(changed.map { .string($0) }),
                "removed": .array(removed.map { .string($0) }), "digests": .object(all),
            ])
    }
}

extension StateMachineVersion {
    /// What the audit log says of it: the definition itself is kept with the version.
    fileprivate var audited: JSONObject {
        var detail: JSONObject = ["version": .int(Int64(number)), "digest": .string(definition.hash)]
        detail["file"] = definition.file.map { .string($0) }
        detail["roleArn"] = settings.roleARN.map { .string($0) }
        return detail
    }
}
