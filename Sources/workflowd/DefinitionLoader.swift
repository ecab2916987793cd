import Engine
import Foundation
import JSONModel
import Logging
import SQLiteStore
import StatesLanguage

/// Loads `state-machines/*.asl.{yaml,yml,json}` and `workflows/*.{yaml,yml}` into the engine, at start and whenever a
/// file changes. A file that is not valid keeps the version that was loaded before, over a restart too, and is reported; so
/// does everything in a folder that can't be read any more.
actor DefinitionLoader {
    private let engine: Engine<SQLiteStore>
    private let stateMachines: DefinitionFolder
    private let workflows: DefinitionFolder
    /// Workflows that are not bound, by name: their part is turned off.
    private let off: Set<String>
    private let logger: Logger
    /// The folders as they were last loaded; nil until then.
    private var loaded: (machines: DefinitionFolder.Listing, workflows: DefinitionFolder.Listing)?
    /// The folder of state machines when it could last be read.
    private var applied: DefinitionFolder.Listing?
    /// What was found in the files of state machines, by path.
    private var findings: [String: [Diagnostic]] = [:]
    /// The file in the folder that each state machine was last read from, by name.
    private let owners: LockedBox<[String: String]>
    private var loadedWorkflows: [String: LoadedWorkflow] = [:]
    /// The files of the workflows that are bound.
    private var boundFiles: Set<String> = []
    /// State machines that workflows wait for.
    private var missingMachines: Set<String> = []
    /// The texts of workflow files as the store has them, by the file's name; nil until they were read.
    private var keptTexts: [String: String]?
    private(set) var problems: [Diagnostic] = []
    private var loads = TaskQueue()

    /// Whom the audit log names for what a file changed.
    private static var auditedAs: String { "workflowd:files" }

    private struct LoadedWorkflow {
        let workflow: Workflow
        let source: String
        /// Of the text.
        let digest: String
        /// Where it names its state machine.
        let machinePosition: SourcePosition?

        /// Nil for a text that is not valid.
        init?(_ reading: WorkflowReading, source: String) {
            guard let workflow = reading.workflow else { return nil }
            self.workflow = workflow
            self.source = source
            digest = SHA256.hexadecimalHash(Array(source.utf8))
            machinePosition = reading.document?.position(of: "/stateMachine")
        }
    }

    /// - Parameter owners: is told which file each state machine belongs to, by name, while the file is there.
    init(
        engine: Engine<SQLiteStore>, stateMachines: String, workflows: String, off: Set<String> = [],
        owners: LockedBox<[String: String]> = LockedBox([:]), logger: Logger
    ) {
        self.engine = engine
        self.owners = owners
        self.stateMachines = DefinitionFolder(url: URL(filePath: stateMachines))
        self.workflows = DefinitionFolder(url: URL(filePath: workflows))
        self.off = off
        self.logger = logger
    }

    /// Loads what has changed since the last time, or everything with `force`. What could not be loaded counts as changed.
    /// Begins after every other load that was asked for before.
    /// - Throws: `DaemonError` when a folder can't be read at the first time; what the store throws.
    func load(force: Bool) async throws {
        try await loads.add { try await self.loadChanged(force: force) }.value
    }

    private func loadChanged(force: Bool) async throws {
        let current = (machines: stateMachines.listing(), workflows: workflows.listing())
        if let loaded, !force, current == loaded {
            guard current.workflows.problem == nil, try await isMissingMachineThere() else { return }
        }
        let unreadable = [current.machines.problem, current.workflows.problem].compactMap(\.self)
        if loaded == nil, let problem = unreadable.first {
            throw DaemonError("\(problem.file ?? ""): \(problem.message). \(problem.hint ?? "")")
        }
        let known = problems
        problems = unreadable
        if current.machines.problem == nil {
            try await loadStateMachines(current.machines, before: force ? nil : applied)
            applied = current.machines
        }
        if current.workflows.problem == nil {
            try await loadWorkflows(current.workflows.files)
            try await keepTexts()
        }
        // Not before: a store that refuses for a moment would leave the old definitions in force until the next change.
        loaded = current
        for problem in problems where problem.severity == .error && (force || !known.contains(problem)) {
            tell(problem, isSomethingInForce: try await isSomethingInForce(of: problem))
        }
    }

    /// Whether somebody has made a state machine since that a workflow waits for.
    private func isMissingMachineThere() async throws -> Bool {
        guard !missingMachines.isEmpty else { return false }
        return try await engine.read { [missingMachines] transaction in
            try missingMachines.contains { try transaction.currentVersion(ofStateMachine: $0) != nil }
        }
    }

    /// Whether there is anything that goes on as it was before the problem.
    private func isSomethingInForce(of problem: Diagnostic) async throws -> Bool {
        guard let file = problem.file, problem.code != WorkflowFinding.unreadableFolder.rawValue else { return true }
        guard findings[file] != nil else { return boundFiles.contains(file) }
        return try await engine.read {
            try $0.currentVersion(ofStateMachine: DefinitionPath(file).stateMachineName) != nil
        }
    }

    private func tell(_ problem: Diagnostic, isSomethingInForce: Bool) {
        logger.error(
            isSomethingInForce
                ? "a file was refused; what was loaded before stays in force"
                : "a file was refused; nothing of it is in force",
            metadata: [
                "file": "\(problem.file ?? "")", "line": "\(problem.position?.line ?? 0)",
                "column": "\(problem.position?.column ?? 0)", "code": "\(problem.code)",
                "problem": "\(problem.message)", "hint": "\(problem.hint ?? "")",
            ])
    }

    /// - Parameter before: how the folder was the last time. Files that are as they were then are not applied again: somebody
    ///   may have applied another definition since, and a file that has nothing to do with it must not take that back.
    private func loadStateMachines(_ folder: DefinitionFolder.Listing, before: DefinitionFolder.Listing?) async throws {
        var found: [String: [Diagnostic]] = [:]
        let byName = Dictionary(grouping: folder.files) { DefinitionPath($0.path).stateMachineName }
        for (name, files) in byName.sorted(by: { $0.key < $1.key }) {
            let inForce = files.count == 1 ? nil : try await fileInForce(name)
            var owner: String?
            for file in files.filter({ $0.path == inForce }) + files.filter({ $0.path != inForce }) {
                let path = file.path
                if let owner {
                    found[path] = [
                        DefinitionFindings.doubled("state machine", .init(name: name, file: path), owner: owner)
                    ]
                    continue
                }
                let isAsBefore =
                    before?.signatures[path] == folder.signatures[path] && owners.withLock { $0[name] } == path
                let diagnostics = isAsBefore ? findings[path] ?? [] : try await apply(file, as: name)
                found[path] = diagnostics
                // What is in force stays so while its file is not valid; any other such file owns no name.
                if diagnostics.isEmpty || path == inForce { owner = path }
            }
            let holder = owner ?? files.first?.path
            owners.withLock { $0[name] = holder }
        }
        owners.withLock { owners in owners = owners.filter { byName[$0.key] != nil } }
        findings = found
        problems += folder.files.flatMap { found[$0.path] ?? [] }
        for gone in before?.files ?? [] where folder.signatures[gone.path] == nil {
            logger.warning(
                "the file of a state machine is gone; the machine stays until somebody deletes it",
                metadata: ["file": "\(gone.path)", "name": "\(DefinitionPath(gone.path).stateMachineName)"])
        }
    }

    /// The file that the state machine's newest version was read from.
    private func fileInForce(_ name: String) async throws -> String? {
        try await engine.read { try $0.stateMachine(named: name)?.current.definition.file }
    }

    /// - Returns: what is wrong with the file; nothing when it is in force now.
    private func apply(_ file: URL, as name: String) async throws -> [Diagnostic] {
        if let misnamed = DefinitionFindings.misnamed(.init(name: name, file: file.path)) { return [misnamed] }
        let source: String
        switch Self.text(of: file) {
        case .success(let text): source = text
        case .failure(let unreadable): return [unreadable.diagnostic]
        }
        do {
            let version = try await engine.applyStateMachine(
                name: name, source: source, file: file.path, by: Self.auditedAs)
            logger.info("state machine loaded", metadata: ["name": "\(name)", "version": "\(version.number)"])
            return []
        } catch EngineError.invalidDefinition(let diagnostics) {
            return diagnostics
        }
    }

    private func loadWorkflows(_ files: [URL]) async throws {
        var loaded: [String: LoadedWorkflow] = [:]
        // Workflows of which no version that could be read is known; nil when a file doesn't even say the name.
        var unread: Set<String>? = []
        for file in files {
            let source: String
            switch Self.text(of: file) {
            case .success(let text): source = text
            case .failure(let unreadable):
                problems.append(unreadable.diagnostic)
                loaded[file.path] = try await inForceBefore(file)
                if loaded[file.path] == nil { unread = nil }
                continue
            }
            let reading = Workflow.lint(text: source, file: file.path, now: nil)
            problems += reading.diagnostics.filter { $0.severity == .error }
            if let valid = LoadedWorkflow(reading, source: source) {
                loaded[file.path] = valid
                continue
            }
            loaded[file.path] = try await inForceBefore(file)
            guard loaded[file.path] == nil else { continue }
            guard let name = reading.document?.value["name"]?.stringValue else {
                unread = nil
                continue
            }
            if !off.contains(name) { unread?.insert(name) }
        }
        loadedWorkflows = loaded
        try await bind(loaded.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, unread: unread)
    }

    /// What a file held when it was last valid: in this process, or in one before.
    private func inForceBefore(_ file: URL) async throws -> LoadedWorkflow? {
        if let known = loadedWorkflows[file.path] { return known }
        guard let source = try await textsInStore()[file.lastPathComponent] else { return nil }
        return LoadedWorkflow(Workflow.lint(text: source, file: file.path, now: nil), source: source)
    }

    private func textsInStore() async throws -> [String: String] {
        if let keptTexts { return keptTexts }
        let texts = try await engine.read { try $0.workflowTexts() }
        keptTexts = texts
        return texts
    }

    /// Writes down what is in force, for a start that finds a file with an error.
    private func keepTexts() async throws {
        let texts = Dictionary(
            loadedWorkflows.map { (DefinitionPath($0.key).fileName, $0.value.source) },
            uniquingKeysWith: { first, _ in first })
        guard try await textsInStore() != texts else { return }
        try await engine.transact { try $0.transaction.saveWorkflowTexts(texts) }
        keptTexts = texts
    }

    private func bind(_ loaded: [(file: String, entry: LoadedWorkflow)], unread: Set<String>?) async throws {
        let machines = try await engine.read { try $0.stateMachines().map(\.name) }
        let owners = DefinitionFindings.owners(
            of: loaded.map { .init(name: $0.entry.workflow.name, file: $0.file) })
        var bound: [Workflow] = []
        var unbound = unread
        var digests: [String: String] = [:]
        var files: Set<String> = []
        var missing: Set<String> = []
        for (file, entry) in loaded where !off.contains(entry.workflow.name) {
            let workflow = entry.workflow
            if let owner = owners[workflow.name], owner != file {
                problems.append(
                    DefinitionFindings.doubled("workflow", .init(name: workflow.name, file: file), owner: owner))
            } else if machines.contains(workflow.stateMachine) {
                bound.append(workflow)
                digests[workflow.name] = entry.digest
                files.insert(file)
            } else {
                missing.insert(workflow.stateMachine)
                unbound?.insert(workflow.name)
                problems.append(
                    DefinitionFindings.unbound(workflow, file: file, position: entry.machinePosition, known: machines))
            }
        }
        try await engine.applyWorkflows(bound, digests: digests, unbound: unbound, off: off, by: Self.auditedAs)
        (boundFiles, missingMachines) = (files, missing)
        logger.info("workflows loaded", metadata: ["count": "\(bound.count)"])
    }

    private struct Unreadable: Error {
        let diagnostic: Diagnostic
    }

    private static func text(of file: URL) -> Result<String, Unreadable> {
        do {
            return .success(try TextFile.read(file.path))
        } catch {
            return .failure(Unreadable(diagnostic: DefinitionFindings.unreadable(file.path, error)))
        }
    }
}
