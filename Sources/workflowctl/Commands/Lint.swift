import ArgumentParser
import Engine
import Foundation
import JSONModel
import StatesLanguage
import WallTime

struct Lint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check state machines, workflows and scenario files without a daemon.",
        discussion: """
            Reports all findings with file, line, column, code and hint. Errors are what the daemon refuses; warnings \
            are what bites later. A folder stands for the YAML and JSON files in it. A file that names a stateMachine is \
            a workflow, NAME.test.yaml holds scenarios, anything else is a state machine; where the text doesn't tell, \
            the name (.asl.yaml) or the folder (workflows) does. Where a folder with state machines is given, a workflow \
            must name one of those that are. Exit code 9 when there is an error (with --strict also for warnings), 1 \
            when a file can't be read; the others are checked all the same.

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
        let checked = LintedFiles.read(files, type: type, now: WallClock.system.now())
        let findings = checked.map { file in (file: file, diagnostics: file.diagnostics.filter { !ignored($0) }) }
        let diagnostics = findings.flatMap(\.diagnostics)
        switch format {
        case .json: StandardOutput.line(json(findings, diagnostics).prettyJSON())
        case .sarif: StandardOutput.line(DiagnosticPrinter.sarif(diagnostics, rules: Self.rules).prettyJSON())
        case .text:
            for (file, own) in findings where !own.isEmpty {
                if let failure = file.failure {
                    failure.report()
                    continue
                }
                StandardOutput.line(Printer.printable(own, source: file.source, color: Self.color))
            }
            summary(checked.count, diagnostics)
        }
        if checked.contains(where: { $0.failure != nil }) { throw ExitCode(Exit.error.rawValue) }
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
        let text = "\(count) file(s): \(errors) error(s), \(diagnostics.count - errors) warning(s)"
        StandardError.line(text)
    }

    /// What is known of every code but those of scenarios.
    private static let rules =
        DiagnosticPrinter.rules
        + WorkflowFinding.allCases.map {
            DiagnosticPrinter.Rule(
                code: $0.rawValue, name: "\($0)", meaning: $0.meaning, severity: $0.severity)
        } + [
            DiagnosticPrinter.Rule(
                code: "T101", name: "scenario", meaning: "A scenario file says something that cannot be meant.",
                severity: .error)
        ]

    private static func code(_ text: String) throws -> DiagnosticPrinter.Rule {
        if let rule = rules.first(where: { $0.code == text.uppercased() }) { return rule }
        throw ValidationError("\(text) is no code of the linter; docs/yaml-reference.md lists them.")
    }

    private static func explanation(of rule: DiagnosticPrinter.Rule) -> String {
        let consequence =
            switch (rule.severity, rule.code.first) {
            case (.warning, _): "The file is accepted; leave the warning out with --ignore \(rule.code)."
            case (.error, "F"): "The daemon refuses the file."
            case (.error, "T"): "`workflowctl test` runs none of the file's scenarios."
            case (.error, _): "The daemon refuses the state machine, as AWS does."
            }
        return "\(rule.code) (\(rule.severity.rawValue)): \(rule.meaning)\n\(consequence)"
    }

    private static var color: Bool {
        ProcessInfo.processInfo.environment["NO_COLOR"]?.isEmpty != false && isatty(STDOUT_FILENO) == 1
    }
}

extension StateMachineType: ExpressibleByArgument {
    package init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}
