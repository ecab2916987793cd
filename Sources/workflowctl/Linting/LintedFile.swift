import Engine
import Foundation
import JSONModel
import StatesLanguage

/// What a file is, by its name and its content, and what is wrong with it.
struct LintedFile {
    enum Kind { case stateMachine, workflow, scenarios }

    let name: String
    /// Nil when it is not UTF-8.
    let source: String?
    let diagnostics: [Diagnostic]

    /// - Parameter path: `-` for stdin.
    init(_ path: String, type: StateMachineType) throws {
        name = path == "-" ? "<stdin>" : path
        guard let text = String(validating: try Files.read(path), as: UTF8.self) else {
            source = nil
            diagnostics = [Self.notUTF8(name)]
            return
        }
        source = text
        diagnostics =
            switch Self.kind(name, text) {
            case .stateMachine: StateMachineReader.read(text, file: name, type: type).diagnostics
            case .workflow: Workflow.read(text: text, file: name).1
            case .scenarios: try ScenarioFile.read(path).diagnostics
            }
    }

    /// A workflow names its state machine; a state machine has states, or is read as one anyway.
    private static func kind(_ name: String, _ text: String) -> Kind {
        if name.hasSuffix(".test.yaml") { return .scenarios }
        guard let document = SourceDocument.read(text, file: name).0?.value.objectValue else { return .stateMachine }
        let isMachine = document.contains("States") || document.contains("StartAt")
        return document.contains("stateMachine") && !isMachine ? .workflow : .stateMachine
    }

    private static func notUTF8(_ file: String) -> Diagnostic {
        Diagnostic(
            code: DiagnosticCode.notYAML.rawValue, severity: .error, message: "the file is not valid UTF-8",
            hint: "Save it as UTF-8.", pointer: "", file: file, position: SourcePosition(line: 1, column: 1))
    }

    /// The files themselves, and of folders all that is in them and below: `*.yaml`, `*.yml`, `*.json`, by name.
    /// - Throws: `Failure` for a folder without any.
    static func paths(_ arguments: [String]) throws -> [String] {
        try arguments.flatMap { path -> [String] in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                return [path]
            }
            let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
            let found = names.filter { name in
                !name.split(separator: "/").contains { $0.hasPrefix(".") }
                    && ["yaml", "yml", "json"].contains(URL(filePath: name).pathExtension)
            }
            guard !found.isEmpty else {
                throw Failure(.error, "\(path) holds no YAML or JSON file", hint: "Name a folder that does, or files.")
            }
            return found.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
        }
    }
}
