import Engine
import Foundation
import JSONModel
import StatesLanguage
import WallTime

/// What a file is, by its name and its content, and what is wrong with it.
struct LintedFile {
    let name: String
    /// The text that the diagnostics are about; nil when there is none, or it is not UTF-8.
    let source: String?
    var diagnostics: [Diagnostic]
    /// Nil for stdin, and for what can't be read.
    let kind: DefinitionKind?
    /// Of a workflow.
    let workflow: WorkflowReading?
    /// Why it can't be read.
    let failure: Failure?

    private init(
        name: String, source: String? = nil, diagnostics: [Diagnostic], kind: DefinitionKind? = nil,
        workflow: WorkflowReading? = nil, failure: Failure? = nil
    ) {
        self.name = name
        self.source = source
        self.diagnostics = diagnostics.map(\.placed)
        self.kind = kind
        self.workflow = workflow
        self.failure = failure
    }

    /// Never fails: what can't be read has that as its finding.
    /// - Parameters:
    ///   - path: `-` for stdin.
    ///   - now: schedules are warned of that have no time left after it.
    static func read(_ path: String, type: StateMachineType, now: Instant) -> LintedFile {
        do {
            guard path != "-" else { return try read(path, name: "<stdin>", type: type, now: now, isFile: false) }
            return try read(path, name: path, type: type, now: now, isFile: true)
        } catch let failure as Failure {
            return unreadable(path, failure)
        } catch {
            return unreadable(path, Failure(.error, "\(path) can't be read: \(error)"))
        }
    }

    /// A file or folder that could not be looked at.
    static func unreadable(_ path: String, _ failure: Failure) -> LintedFile {
        let finding = DefinitionFindings.unreadable(path, failure.message, hint: failure.hint)
        return LintedFile(name: path, diagnostics: [finding], failure: failure)
    }

    private static func read(
        _ path: String, name: String, type: StateMachineType, now: Instant, isFile: Bool
    ) throws -> LintedFile {
        guard let bytes = try Files.definition(path) else {
            return LintedFile(name: name, diagnostics: [DefinitionFindings.tooLarge(name)])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return LintedFile(name: name, diagnostics: [.notUTF8(name)])
        }
        let document = SourceDocument.read(text, file: name).0?.value
        let kind = DefinitionKind(path: name, text: text, document: document)
        switch kind {
        case .stateMachine:
            let diagnostics = StateMachineReader.read(text, file: name, type: type).diagnostics
            return LintedFile(name: name, source: text, diagnostics: diagnostics, kind: isFile ? kind : nil)
        case .workflow:
            let reading = Workflow.lint(text: text, file: name, now: now)
            return LintedFile(
                name: name, source: text, diagnostics: reading.diagnostics, kind: isFile ? kind : nil,
                workflow: reading)
        case .scenarios:
            let scenarios = try ScenarioFile.read(path)
            return LintedFile(name: name, source: scenarios.source, diagnostics: scenarios.diagnostics, kind: kind)
        }
    }
}
