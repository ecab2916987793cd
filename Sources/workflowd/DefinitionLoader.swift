import Engine
import Foundation
import JSONModel
import Logging
import StatesLanguage

/// Loads `state-machines/*.asl.{yaml,yml,json}` and `workflows/*.{yaml,yml}` into the engine, at start and whenever a
/// file changes. A file that is not valid keeps the version that was loaded before, and is reported.
actor DefinitionLoader<Store: ExecutionStore> {
    private let engine: Engine<Store>
    private let stateMachines: URL
    private let workflows: URL
    /// Workflows that are not bound, by name: their part is turned off.
    private let off: Set<String>
    private let logger: Logger
    private var signature: [String: FileSignature] = [:]
    private var loadedWorkflows: [String: LoadedWorkflow] = [:]
    private(set) var problems: [Diagnostic] = []
    private var loads = TaskQueue()

    /// Whom the audit log names for what a file changed.
    private static var auditedAs: String { "workflowd:files" }

    private struct LoadedWorkflow {
        let workflow: Workflow
        /// Of the file's text.
        let digest: String
    }

    private struct FileSignature: Equatable {
        let size: Int
        let modified: Date
    }

    init(engine: Engine<Store>, stateMachines: String, workflows: String, off: Set<String> = [], logger: Logger) {
        self.engine = engine
        self.stateMachines = URL(filePath: stateMachines)
        self.workflows = URL(filePath: workflows)
        self.off = off
        self.logger = logger
    }

    /// Loads everything when a file was added, changed or removed since the last time, or always with `force`. What
    /// could not be loaded counts as changed. Begins after every other load that was asked for before.
    func load(force: Bool) async throws {
        try await loads.add { try await self.loadChanged(force: force) }.value
    }

    private func loadChanged(force: Bool) async throws {
        let current = try files(in: stateMachines) + files(in: workflows)
        let signatures = Dictionary(current.map { ($0.path, Self.signature(of: $0)) }, uniquingKeysWith: { $1 })
        guard force || signatures != signature else { return }
        problems = []
        try await loadStateMachines()
        try await loadWorkflows()
        // Not before: a store that refuses for a moment would leave the old definitions in force until the next change.
        signature = signatures
        for problem in problems where problem.severity == .error {
            logger.error(
                "a file was refused; what was loaded before stays in force",
                metadata: [
                    "file": "\(problem.file ?? "")", "line": "\(problem.position?.line ?? 0)",
                    "column": "\(problem.position?.column ?? 0)", "code": "\(problem.code)",
                    "problem": "\(problem.message)", "hint": "\(problem.hint ?? "")",
                ])
        }
    }

    private func loadStateMachines() async throws {
        var owners: [String: String] = [:]
        for file in try files(in: stateMachines) {
            let name = Self.stateMachineName(of: file)
            if let owner = owners[name] {
                problems.append(Self.doubled("state machine", name, file: file.path, owner: owner))
                continue
            }
            owners[name] = file.path
            guard let source = text(of: file) else { continue }
            do {
                let version = try await engine.applyStateMachine(
                    name: name, source: source, file: file.path, by: Self.auditedAs)
                logger.info("state machine loaded", metadata: ["name": "\(name)", "version": "\(version.number)"])
            } catch EngineError.invalidDefinition(let diagnostics) {
                problems += diagnostics
            } catch EngineError.invalidName(let reason) {
                problems.append(Self.misnamed(file.path, name, reason))
            }
        }
    }

    private func loadWorkflows() async throws {
        var loaded: [String: LoadedWorkflow] = [:]
        for file in try files(in: workflows) {
            guard let source = text(of: file) else {
                loaded[file.path] = loadedWorkflows[file.path]
                continue
            }
            let (workflow, diagnostics) = Workflow.read(text: source, file: file.path)
            problems += diagnostics
            let digest = SHA256.hexadecimalHash(Array(source.utf8))
            loaded[file.path] =
                workflow.map { LoadedWorkflow(workflow: $0, digest: digest) } ?? loadedWorkflows[file.path]
        }
        loadedWorkflows = loaded
        let owners = Self.owners(of: loaded)
        var bound: [Workflow] = []
        var digests: [String: String] = [:]
        for (file, entry) in loaded.sorted(by: { $0.key < $1.key }) where !off.contains(entry.workflow.name) {
            let workflow = entry.workflow
            if let owner = owners[workflow.name], owner != file {
                problems.append(Self.doubled("workflow", workflow.name, file: file, owner: owner))
                continue
            }
            if try await engine.read({ try $0.stateMachine(named: workflow.stateMachine) }) != nil {
                bound.append(workflow)
                digests[workflow.name] = entry.digest
            } else {
                problems.append(Self.unbound(workflow, file: file))
            }
        }
        try await engine.applyWorkflows(bound, digests: digests, by: Self.auditedAs)
        logger.info("workflows loaded", metadata: ["count": "\(bound.count)"])
    }

    /// The file that each workflow is bound by. Of several with one name, such as a copy that somebody keeps beside it, it is
    /// the file that is called like the workflow, else the first: the same after every start.
    private static func owners(of loaded: [String: LoadedWorkflow]) -> [String: String] {
        var owners: [String: String] = [:]
        for (file, entry) in loaded.sorted(by: { $0.key < $1.key }) {
            let name = entry.workflow.name
            let isNamesake = URL(filePath: file).deletingPathExtension().lastPathComponent == name
            if owners[name] == nil || isNamesake { owners[name] = file }
        }
        return owners
    }

    /// The text of a file; nil, and a problem, when it can't be read as UTF-8.
    private func text(of file: URL) -> String? {
        do {
            return try String(contentsOf: file, encoding: .utf8)
        } catch {
            problems.append(
                Diagnostic(
                    code: "F112", severity: .error, message: "the file can't be read as UTF-8 text",
                    hint: "Save it as UTF-8, and make it readable for the daemon's user.", pointer: "",
                    file: file.path, position: SourcePosition(line: 1, column: 1)))
            return nil
        }
    }

    private static func misnamed(_ file: String, _ name: String, _ reason: String) -> Diagnostic {
        Diagnostic(
            code: "F113", severity: .error,
            message: "'\(name)', after the file's name, cannot be the name of a state machine: \(reason)",
            hint: "Rename the file.", pointer: "", file: file, position: SourcePosition(line: 1, column: 1))
    }

    private static func doubled(_ what: String, _ name: String, file: String, owner: String) -> Diagnostic {
        Diagnostic(
            code: "F114", severity: .error,
            message: "the \(what) '\(name)' is that of \(owner), too, which is in force",
            hint: "Remove one of the two, move it out of the folder, or give it another name.", pointer: "", file: file,
            position: SourcePosition(line: 1, column: 1))
    }

    private static func unbound(_ workflow: Workflow, file: String) -> Diagnostic {
        Diagnostic(
            code: "F111", severity: .error,
            message:
                "workflow '\(workflow.name)' names the state machine '\(workflow.stateMachine)', which is not there",
            hint: "Add \(workflow.stateMachine).asl.yaml to the state machines, or mend the name.",
            pointer: "/stateMachine", file: file, position: SourcePosition(line: 1, column: 1))
    }

    /// The YAML and JSON files of a folder, by name. `suspension.test.yaml` holds scenarios, which are not loaded.
    /// - Throws: `DaemonError` when the folder can't be read.
    private func files(in folder: URL) throws -> [URL] {
        do {
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { ["yaml", "yml", "json"].contains($0.pathExtension) && !$0.lastPathComponent.hasPrefix(".") }
                .filter { $0.deletingPathExtension().pathExtension != "test" }
                .sorted { $0.lastPathComponent < $1.lastPathComponent }
        } catch {
            throw DaemonError(
                "the folder \(folder.path) can't be read: name it with --state-machines or --workflows, and make it "
                    + "readable for the daemon's user.")
        }
    }

    private static func signature(of file: URL) -> FileSignature {
        // A file that can't be looked at counts as another than it was; reading it says what is wrong.
        let values = try? file.resourceValues(forKeys: [.fileSizeKey, .contentModificationDateKey])
        return FileSignature(
            size: values?.fileSize ?? -1, modified: values?.contentModificationDate ?? .distantPast)
    }

    /// `suspension.asl.yaml` holds the state machine `suspension`.
    static func stateMachineName(of file: URL) -> String {
        let base = file.deletingPathExtension().lastPathComponent
        return base.hasSuffix(".asl") ? String(base.dropLast(4)) : base
    }
}
