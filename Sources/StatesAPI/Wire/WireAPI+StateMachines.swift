import Engine
import Interpreter
import JSONModel
import StatesLanguage
import WallTime

/// State machines and their definitions.
extension WireAPI {
    func stateMachineOperation(_ name: String) -> Operation? {
        switch name {
        case "CreateStateMachine": createStateMachine
        case "DescribeStateMachine": describeStateMachine
        case "UpdateStateMachine": updateStateMachine
        case "DeleteStateMachine": deleteStateMachine
        case "ListStateMachines": listStateMachines
        case "DescribeStateMachineForExecution": describeStateMachineForExecution
        case "ValidateStateMachineDefinition": validateDefinition
        default: nil
        }
    }

    // MARK: Making

    private func createStateMachine(_ parameters: WireParameters) async throws -> JSONObject {
        let name = parameters.string("name")
        let source = parameters.string("definition", max: MachineLimits.definition)
        let role = parameters.string("roleArn", max: 256)
        let type = parameters.choice("type", StateMachineType.self) ?? .standard
        let configuration = MachineConfiguration(parameters)
        let publish = parameters.flag("publish") ?? false
        let description = parameters.optionalString("versionDescription", max: 256)
        let tags = WireTags.read(parameters)
        try parameters.check()
        try Self.validate(name: name)
        try Self.checkVersionDescription(description, publish)
        try RoleARN.check(role)
        let (logging, tracing, encryption) = try configuration.checked()
        let settings = MachineSettings(
            type: type, roleARN: role, logging: logging, tracing: tracing, encryption: encryption)
        let definition = try Self.definition(source, type)
        let arn = machineARN(name)
        let checkedTags = try WireTags.merged([], tags ?? [])
        let actor = asker(parameters)
        return try await engine.transact { work in
            if let existing = try work.transaction.stateMachine(named: name) {
                return try self.repeated(existing, definition, settings, publish, description, in: work)
            }
            if try work.transaction.deletingStateMachine(named: name) != nil {
                throw WireError.stateMachineDeleting(arn)
            }
            guard try work.transaction.stateMachineCount() < self.quotas.stateMachines else {
                throw WireError(
                    "StateMachineLimitExceeded",
                    "State Machine Limit Exceeded: \(self.quotas.stateMachines) state machines are registered")
            }
            let version = try work.saveStateMachine(
                name: name, definition: definition, settings: settings, by: actor)
            try work.transaction.saveTags(checkedTags, of: arn)
            var answer: JSONObject = [
                "stateMachineArn": .string(arn), "creationDate": .timestamp(version.createdAt),
            ]
            if publish {
                let published = try self.publish(version, description, by: actor, in: work)
                answer["stateMachineVersionArn"] = .string("\(arn):\(published.number)")
            }
            return answer
        }
    }

    /// AWS: creating a machine again is answered as before when the definition's text, the type and the configurations
    /// are the same; the role and the tags are not looked at.
    private func repeated(
        _ existing: StateMachineRecord, _ definition: MachineDefinition, _ settings: MachineSettings,
        _ publish: Bool, _ description: String?, in work: Work<Store.Transaction>
    ) throws -> JSONObject {
        let arn = machineARN(existing.name)
        let current = existing.current
        var wanted = settings
        wanted.roleARN = current.settings.roleARN
        guard current.definition.source == definition.source, current.settings == wanted else {
            throw WireError.stateMachineExists(arn)
        }
        var answer: JSONObject = [
            "stateMachineArn": .string(arn), "creationDate": .timestamp(existing.createdAt),
        ]
        let published = try work.transaction.publishedVersions(of: existing.name).first { $0.revision == current.id }
        guard publish == (published != nil), !publish || published?.description == description else {
            throw WireError.conflict(
                "Failed to publish the state machine version for revision: the state machine exists with other parameters"
            )
        }
        if let published { answer["stateMachineVersionArn"] = .string("\(arn):\(published.number)") }
        return answer
    }

    private func updateStateMachine(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineArn", max: 256)
        let source = parameters.optionalString("definition", min: 1, max: MachineLimits.definition)
        let role = parameters.optionalString("roleArn", min: 1, max: 256)
        let configuration = MachineConfiguration(parameters)
        let publish = parameters.flag("publish") ?? false
        let description = parameters.optionalString("versionDescription", max: 256)
        try parameters.check()
        let name = try machineName(WireARN(text))
        guard source != nil || role != nil || configuration.isGiven else {
            throw WireError(
                "MissingRequiredParameter",
                "Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration, or the "
                    + "EncryptionConfiguration must be specified")
        }
        try Self.checkVersionDescription(description, publish)
        if let role { try RoleARN.check(role) }
        let (logging, tracing, encryption) = try configuration.checked()
        let actor = asker(parameters)
        return try await engine.transact { work in
            let record = try self.ownMachine(name, text, in: work.transaction)
            var settings = record.current.settings
            settings.roleARN = role ?? settings.roleARN
            settings.logging = logging ?? settings.logging
            settings.tracing = tracing ?? settings.tracing
            settings.encryption = encryption ?? settings.encryption
            let definition = try source.map { try Self.definition($0, settings.type) } ?? record.current.definition
            let version = try work.saveStateMachine(
                name: name, definition: definition, settings: settings, by: actor)
            var answer: JSONObject = ["updateDate": .timestamp(work.now)]
            answer["revisionId"] = version.revisionID(since: record.firstNumber).map { .string($0) }
            if publish {
                let published = try self.publish(version, description, by: actor, in: work)
                answer["stateMachineVersionArn"] = .string("\(self.machineARN(name)):\(published.number)")
            }
            return answer
        }
    }

    private func deleteStateMachine(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineArn", max: 256)
        try parameters.check()
        let arn = try WireARN(text)
        let name = try machineName(arn)
        guard isLocal(arn) else { return [:] }
        let actor = asker(parameters)
        try await engine.transact { work in
            guard try work.transaction.stateMachine(named: name) != nil else { return }
            _ = try self.ownMachine(name, text, in: work.transaction)
            try work.transaction.deleteStateMachine(named: name, at: work.now)
            try work.transaction.saveTags([], of: text)
            try work.audit("stateMachine.deleted", by: actor, subject: self.machineARN(name))
        }
        return [:]
    }

    /// A machine that the API may change: one that comes from a file belongs to the file, for as long as that is there. What
    /// `machine apply` brought, and what is left of a file that is gone, has nobody else to change it.
    private func ownMachine(
        _ name: String, _ arn: String, in transaction: Store.Transaction
    ) throws -> StateMachineRecord {
        let record = try machine(name, arn, in: transaction)
        if record.current.definition.file != nil, let file = fileOfMachine(name) {
            throw WireError.conflict("State machine '\(name)' belongs to the file \(file); change the file instead")
        }
        return record
    }

    /// - Throws: `StateMachineDoesNotExist`; `StateMachineDeleting` while executions of a deleted machine run on.
    func machine(
        _ name: String, _ arn: String, in transaction: Store.Transaction
    ) throws -> StateMachineRecord {
        if let record = try transaction.stateMachine(named: name) { return record }
        if try transaction.deletingStateMachine(named: name) != nil { throw WireError.stateMachineDeleting(arn) }
        throw WireError.noStateMachine(arn)
    }

    // MARK: Looking

    private func describeStateMachine(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("stateMachineArn", max: 256)
        let included = parameters.choice("includedData", IncludedData.self) ?? .all
        try parameters.check()
        let arn = try WireARN(text)
        let found = try await engine.read { try self.described(arn, in: $0) }
        var answer = description(of: found.revision, found.record, included)
        answer["stateMachineArn"] = .string(text)
        answer["status"] = found.isDeleting ? "DELETING" : "ACTIVE"
        answer["type"] = .string(found.revision.settings.type.rawValue)
        answer["creationDate"] = .timestamp(found.published?.createdAt ?? found.record.createdAt)
        answer["description"] = found.published?.description.map { .string($0) }
        if case .mapState(_, let label) = arn.resource { answer["label"] = .string(label) }
        return answer
    }

    private func describeStateMachineForExecution(_ parameters: WireParameters) async throws -> JSONObject {
        let text = parameters.string("executionArn", max: 256)
        let included = parameters.choice("includedData", IncludedData.self) ?? .all
        try parameters.check()
        let arn = try WireARN(text)
        let (found, record, revision) = try await engine.read { transaction in
            let found = try self.execution(arn, in: transaction)
            guard let revision = try transaction.stateMachineVersion(found.record.version) else {
                throw WireError.noExecution(text)
            }
            return (found, try transaction.stateMachine(named: revision.stateMachine), revision)
        }
        var answer = description(of: revision, record, included)
        answer["stateMachineArn"] = .string(machineARN(revision.stateMachine))
        answer["updateDate"] = .timestamp(revision.createdAt)
        if let child = found.child {
            answer["mapRunArn"] = .string(child.mapRun.arn)
            answer["label"] = child.mapRun.machineAndLabel.split(separator: "/").last.map { .string(String($0)) }
        }
        return answer
    }

    private func description(
        of revision: StateMachineVersion, _ record: StateMachineRecord?, _ included: IncludedData
    ) -> JSONObject {
        let settings = revision.settings
        var answer: JSONObject = [
            "name": .string(revision.stateMachine), "roleArn": .string(settings.roleARN ?? options.roleARN),
            "loggingConfiguration": settings.logging ?? ["level": "OFF", "includeExecutionData": false],
            "tracingConfiguration": settings.tracing ?? ["enabled": false],
        ]
        answer["encryptionConfiguration"] = settings.encryption
        answer["revisionId"] = revision.revisionID(since: record?.firstNumber ?? 1).map { .string($0) }
        guard included == .all else { return answer }
        answer["definition"] = .string(revision.definition.jsonText)
        let reading = StateMachineReader.read(json: revision.definition.json, type: settings.type)
        let references = reading.machine.map { VariableReferences($0).byState } ?? [:]
        if !references.isEmpty {
            answer["variableReferences"] = .object(
                JSONObject(
                    references.sorted { $0.key < $1.key }.map { ($0.key, .array($0.value.map { .string($0) })) }))
        }
        return answer
    }

    private func listStateMachines(_ parameters: WireParameters) async throws -> JSONObject {
        let size = Self.pageSize(parameters)
        let token = parameters.optionalString("nextToken", min: 1, max: 1024)
        try parameters.check()
        let pages = PageToken(list: "ListStateMachines")
        let position = try pages.position(in: token)
        let machines = try await engine.read { try $0.stateMachines() }
        let page = machines.page(after: position, limit: size, key: { $0.name }, precedes: <)
        var answer: JSONObject = [
            "stateMachines": .array(
                page.elements.map { machine in
                    [
                        "stateMachineArn": .string(machineARN(machine.name)), "name": .string(machine.name),
                        "type": .string(machine.current.settings.type.rawValue),
                        "creationDate": .timestamp(machine.createdAt),
                    ]
                })
        ]
        answer["nextToken"] = page.next.map { .string(pages.text(after: $0)) }
        return answer
    }

    private func validateDefinition(_ parameters: WireParameters) async throws -> JSONObject {
        let source = parameters.optionalString("definition", max: MachineLimits.definition) ?? ""
        let type = parameters.choice("type", StateMachineType.self) ?? .standard
        let severity = parameters.choice("severity", DiagnosticSeverity.self) ?? .error
        let size = parameters.integer("maxResults", in: 0...100) ?? 0
        if !parameters.contains("definition") { parameters.requireMember("definition") }
        try parameters.check()
        let found = StateMachineReader.read(source, file: nil, type: type).diagnostics
            .filter { severity == .warning || $0.severity == .error }
        let shown = found.prefix(size == 0 ? 100 : Int(size))
        return [
            "result": found.contains { $0.severity == .error } ? "FAIL" : "OK",
            "diagnostics": .array(shown.map { $0.wireJSON }), "truncated": .bool(shown.count < found.count),
        ]
    }

    // MARK: Rules

    /// The machine of an ARN that names neither version nor alias.
    func machineName(_ arn: WireARN) throws(WireError) -> String {
        guard case .stateMachine(let name) = arn.resource else { throw arn.misplaced() }
        guard isLocal(arn) else { throw .noStateMachine(arn.text) }
        return name
    }

    static func validate(name: String) throws(WireError) {
        do {
            try ExecutionNames.validate(name)
        } catch {
            throw .invalidName(name)
        }
    }

    private static func checkVersionDescription(_ description: String?, _ publish: Bool) throws(WireError) {
        if description != nil, !publish {
            throw .validation("Version description can only be set when publish is true")
        }
    }

    /// Reads a definition in JSON, or in YAML, which is Steward's extension.
    /// - Throws: `InvalidDefinition` with everything that is wrong.
    private static func definition(_ source: String, _ type: StateMachineType) throws(WireError) -> MachineDefinition {
        do {
            return try MachineDefinition(reading: source, file: nil, type: type)
        } catch {
            throw WireError(error)
        }
    }
}

enum RoleARN {
    /// - Throws: `InvalidArn` for what is not the ARN of something in IAM.
    static func check(_ role: String) throws(WireError) {
        let parts = role.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 6, parts[0] == "arn", parts[2] == "iam" else {
            throw .invalidARN(parts.first == "arn" ? "Invalid ARN: \(role)" : "Invalid ARN prefix: \(role)")
        }
    }
}

enum MachineLimits {
    /// Characters of a definition.
    static let definition = 1_048_576
}

enum IncludedData: String, CaseIterable { case all = "ALL_DATA", metadata = "METADATA_ONLY" }

private enum DiagnosticSeverity: String, CaseIterable { case error = "ERROR", warning = "WARNING" }

extension MachineDefinition {
    /// As JSON: the text that was given, if it was JSON.
    var jsonText: String {
        do {
            _ = try JSONValue(parsing: source)
            return source
        } catch {
            return json.jsonString
        }
    }
}

extension Diagnostic {
    fileprivate var wireJSON: JSONValue {
        var object: JSONObject = [
            "severity": .string(severity == .error ? "ERROR" : "WARNING"), "code": .string(awsCode),
            "message": .string(message),
        ]
        object["location"] = .string(awsLocation)
        return .object(object)
    }
}
