import ArgumentParser
import Foundation
import JSONModel
import StatesLanguage

struct Lint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check state machines, workflows and scenario files without a daemon.",
        discussion: """
            Reports all findings with file, line, column, code and hint. Errors are what the daemon refuses; warnings \
            are what bites later. A folder stands for the YAML and JSON files in it. A file that names a stateMachine is \
            a workflow, NAME.test.yaml holds scenarios, anything else is a state machine. Exit code 9 when there is an \
            error (with --strict also for warnings).

            Examples:
              workflowctl lint state-machines workflows
              workflowctl lint --ignore W802 state-machines/suspension.asl.yaml
              workflowctl lint --explain E201
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif }

    @Argument(help: "YAML or JSON files, folders of them, or - for stdin.", completion: .file())
    var files: [String] = []
    @Option(help: "text, json or sarif.") var format = Format.text
    @Option(help: "Check state machines as STANDARD or EXPRESS.") var type = StateMachineType.standard
    @Option(help: "Leave out warnings of this code; may be given again.") var ignore: [String] = []
    @Option(help: "Say what a code stands for, and check nothing.") var explain: String?
    @Flag(help: "Warnings count as errors.") var strict = false

    func validate() throws {
        if explain == nil, files.isEmpty { throw ValidationError("Name files or folders to check, or - for stdin.") }
        for code in ignore where try Self.code(code).severity == .error {
            throw ValidationError("\(code) is an error, which the daemon refuses; only warnings can be ignored.")
        }
    }

    func run() async throws {
        if let explain { return StandardOutput.line(try Self.explanation(of: Self.code(explain))) }
        let checked = try LintedFile.paths(files).map { try LintedFile($0, type: type) }
        let findings = checked.map { file in (file: file, diagnostics: file.diagnostics.filter { !ignored($0) }) }
        let diagnostics = findings.flatMap(\.diagnostics)
        switch format {
        case .json: StandardOutput.line(json(findings, diagnostics).prettyJSON())
        case .sarif: StandardOutput.line(DiagnosticPrinter.sarif(diagnostics).prettyJSON())
        case .text:
            for (file, own) in findings where !own.isEmpty {
                StandardOutput.line(DiagnosticPrinter.text(own, source: file.source, color: Self.color))
            }
            summary(checked.count, diagnostics)
        }
        if diagnostics.contains(where: { $0.severity == .error || strict }) { throw ExitCode(Exit.findings.rawValue) }
    }

    private func ignored(_ diagnostic: Diagnostic) -> Bool {
        diagnostic.severity == .warning && ignore.contains { $0.uppercased() == diagnostic.code }
    }

    /// The verdict on every file, and all findings.
    private func json(
        _ findings: [(file: LintedFile, diagnostics: [Diagnostic])], _ diagnostics: [Diagnostic]
    ) -> JSONValue {
        let verdicts = findings.map { file, own -> JSONValue in
            let errors = own.filter { $0.severity == .error }.count
            return [
                "file": .string(file.name), "valid": .bool(errors == 0), "errors": .int(Int64(errors)),
                "warnings": .int(Int64(own.count - errors)),
            ]
        }
        return [
            "valid": .bool(!diagnostics.contains { $0.severity == .error }), "files": .array(verdicts),
            "diagnostics": DiagnosticPrinter.json(diagnostics),
        ]
    }

    private func summary(_ count: Int, _ diagnostics: [Diagnostic]) {
        let errors = diagnostics.filter { $0.severity == .error }.count
        let text = "\(count) file(s): \(errors) error(s), \(diagnostics.count - errors) warning(s)\n"
        FileHandle.standardError.write(Data(text.utf8))
    }

    private static func code(_ text: String) throws -> DiagnosticCode {
        if let code = DiagnosticCode(rawValue: text.uppercased()) { return code }
        throw ValidationError("\(text) is no code of the linter; docs/yaml-reference.md lists them.")
    }

    private static func explanation(of code: DiagnosticCode) -> String {
        """
        \(code.rawValue) (\(code.severity.rawValue)): \(code.meaning)
        \(code.severity == .error ? "The daemon refuses the state machine, as AWS does."
            : "The state machine is accepted; leave the warning out with --ignore \(code.rawValue).")
        """
    }

    private static var color: Bool {
        ProcessInfo.processInfo.environment["NO_COLOR"]?.isEmpty != false && isatty(STDOUT_FILENO) == 1
    }
}

extension StateMachineType: ExpressibleByArgument {
    package init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}
