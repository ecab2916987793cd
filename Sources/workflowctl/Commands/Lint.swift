import ArgumentParser
import Foundation
import JSONModel
import StatesLanguage

struct Lint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check state machines without a daemon.",
        discussion: """
            Reports all findings with file, line, column, code and hint. Errors are what the daemon refuses; warnings \
            are what bites later. Exit code 9 when there is an error (with --strict also for warnings).

            Example: workflowctl lint state-machines/*.asl.yaml
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

    @Argument(help: "YAML or JSON files, or - for stdin.") var files: [String]
    @Option(help: "text, json or sarif.") var format = Format.text
    @Flag(help: "Warnings count as errors.") var strict = false

    func run() async throws {
        var diagnostics: [Diagnostic] = []
        var sources: [String: String] = [:]
        for path in files {
            let file = path == "-" ? "<stdin>" : path
            guard let source = String(validating: try Files.read(path), as: UTF8.self) else {
                diagnostics.append(Self.notUTF8(file))
                continue
            }
            sources[file] = source
            diagnostics += StateMachineReader.read(source, file: file).diagnostics
        }
        switch format {
        case .json: print(json(diagnostics).prettyJSON())
        case .sarif: print(DiagnosticPrinter.sarif(diagnostics).prettyJSON())
        case .text:
            for file in files.map({ $0 == "-" ? "<stdin>" : $0 }) {
                let own = diagnostics.filter { $0.file == file }
                if !own.isEmpty { print(DiagnosticPrinter.text(own, source: sources[file], color: Self.color)) }
            }
            summary(diagnostics)
        }
        if diagnostics.contains(where: { $0.severity == .error || strict }) { throw ExitCode(Exit.findings.rawValue) }
    }

    /// The verdict on every file, and all findings.
    private func json(_ diagnostics: [Diagnostic]) -> JSONValue {
        let verdicts = files.map { path -> JSONValue in
            let file = path == "-" ? "<stdin>" : path
            let own = diagnostics.filter { $0.file == file }
            let errors = own.filter { $0.severity == .error }.count
            return [
                "file": .string(file), "valid": .bool(errors == 0), "errors": .int(Int64(errors)),
                "warnings": .int(Int64(own.count - errors)),
            ]
        }
        return [
            "valid": .bool(!diagnostics.contains { $0.severity == .error }), "files": .array(verdicts),
            "diagnostics": DiagnosticPrinter.json(diagnostics),
        ]
    }

    private static func notUTF8(_ file: String) -> Diagnostic {
        Diagnostic(
            code: DiagnosticCode.notYAML.rawValue, severity: .error, message: "the file is not valid UTF-8",
            hint: "Save it as UTF-8.", pointer: "", file: file, position: SourcePosition(line: 1, column: 1))
    }

    private func summary(_ diagnostics: [Diagnostic]) {
        let errors = diagnostics.filter { $0.severity == .error }.count
        let text = "\(files.count) file(s): \(errors) error(s), \(diagnostics.count - errors) warning(s)\n"
        FileHandle.standardError.write(Data(text.utf8))
    }

    private static var color: Bool {
        ProcessInfo.processInfo.environment["NO_COLOR"] == nil && isatty(STDOUT_FILENO) == 1
    }
}
