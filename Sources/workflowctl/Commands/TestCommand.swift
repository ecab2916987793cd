import ArgumentParser
import Foundation
import JSONModel
import Scenarios
import StatesLanguage

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the scenarios beside state machines, without a daemon and in virtual time.",
        discussion: """
            A scenario file, NAME.test.yaml, gives input, what tasks answer, and what has to come of it: status, output, \
            path, calls, notices, elapsed time (docs/testing.md). Exit code 9 when a scenario fails or a file is wrong, 1 \
            when one can't be read; the others are run all the same.

            Example: workflowctl test --coverage state-machines/suspension.test.yaml
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(help: "Scenario files (*.test.yaml).", completion: .file()) var files: [String]
    @Option(help: "Only scenarios whose name contains this.") var filter: String?
    @Flag(help: "Show which states, choices, catchers and retriers no scenario reaches.") var coverage = false
    @Option(help: "Fail below this coverage, in per cent.") var minCoverage: Double?
    @Option(help: "text or json.") var format = Format.text

    func validate() throws {
        guard let minCoverage, !(0...100).contains(minCoverage) else { return }
        throw ValidationError("--min-coverage takes 0 to 100 per cent.")
    }

    func run() throws {
        var isBad = false
        var isUnread = false
        var judged = 0
        var reports: [JSONValue] = []
        for file in files {
            let read: ScenarioFile
            do {
                read = try ScenarioFile.read(file)
            } catch let failure as Failure {
                isUnread = true
                reports.append(report(file, wrong: [unreadable(file, failure)]))
                if format == .text { failure.report() }
                continue
            }
            guard let suite = read.suite else {
                isBad = true
                reports.append(report(file, wrong: read.diagnostics))
                if format == .text { show(wrong: read) }
                continue
            }
            let chosen = suite.scenarios.filter { scenario in filter.map { scenario.name.contains($0) } ?? true }
            let judgements = chosen.map(suite.judge)
            judged += judgements.count
            let coverage = ScenarioCoverage(suite, judgements)
            let isCovered = minCoverage.map { coverage.percent >= $0 } ?? true
            if judgements.contains(where: { !$0.passed }) || !isCovered { isBad = true }
            reports.append(report(file, judgements, coverage))
            if format == .text { show(file, judgements, coverage, isCovered) }
        }
        if format == .json { StandardOutput.json(JSONValue.array(reports)) }
        try conclude(isBad: isBad, isUnread: isUnread, judged: judged)
    }

    private func conclude(isBad: Bool, isUnread: Bool, judged: Int) throws {
        if isUnread { throw ExitCode(Exit.error.rawValue) }
        if isBad { throw ExitCode(Exit.findings.rawValue) }
        if judged == 0, let filter {
            // Nothing failed, since nothing was tried.
            throw Failure(
                .notFound, "no scenario's name contains \"\(filter)\"", hint: "Without --filter their names are listed."
            )
        }
    }

    private func unreadable(_ file: String, _ failure: Failure) -> Diagnostic {
        Diagnostic(
            code: "T101", severity: .error, message: failure.message,
            hint: failure.hint ?? "name a file that can be read",
            pointer: "", file: file, position: SourcePosition(line: 1, column: 1))
    }

    // MARK: Showing

    /// Says on stderr why the file is no suite.
    private func show(wrong file: ScenarioFile) {
        let errors = file.diagnostics.filter { $0.severity == .error }
        StandardError.line(Printer.printable(errors, source: file.source, color: false))
    }

    private func show(
        _ file: String, _ judgements: [ScenarioJudgement], _ coverage: ScenarioCoverage, _ isCovered: Bool
    ) {
        StandardOutput.text(file)
        for judgement in judgements {
            StandardOutput.text("  \(judgement.passed ? "ok  " : "FAIL")  \(judgement.name)")
            for failure in judgement.failures {
                let place = failure.position.map { " (\(file):\($0.line):\($0.column))" } ?? ""
                StandardOutput.text("        \(failure.what)\(place)")
                for line in failure.lines { StandardOutput.text("          \(line)") }
            }
        }
        let failed = judgements.filter { !$0.passed }.count
        let percent = String(format: "%.1f", coverage.percent)
        StandardOutput.text("  \(judgements.count - failed) passed, \(failed) failed, \(percent) % covered")
        guard self.coverage || !isCovered, !coverage.missed.isEmpty else { return }
        StandardOutput.text("  not reached:")
        for part in coverage.missed { StandardOutput.text("    \(part)") }
    }

    // MARK: Reporting to programs

    private func report(
        _ file: String, _ judgements: [ScenarioJudgement], _ coverage: ScenarioCoverage
    ) -> JSONValue {
        [
            "file": .string(file), "valid": true, "diagnostics": [],
            "scenarios": .array(
                judgements.map { judgement in
                    [
                        "name": .string(judgement.name), "passed": .bool(judgement.passed),
                        "failures": .array(judgement.failures.map(report)),
                    ]
                }),
            "coverage": [
                "percent": .double(coverage.percent), "missed": .array(coverage.missed.map { .string($0) }),
            ],
        ]
    }

    private func report(_ failure: ScenarioJudgement.Failure) -> JSONValue {
        var report: JSONObject = [
            "what": .string(failure.what), "difference": .array(failure.lines.map { .string($0) }),
        ]
        if let position = failure.position {
            report["line"] = .int(Int64(position.line))
            report["column"] = .int(Int64(position.column))
        }
        return .object(report)
    }

    /// A file that is no suite has the same members as any other, so that programs need not tell them apart first.
    private func report(_ file: String, wrong diagnostics: [Diagnostic]) -> JSONValue {
        [
            "file": .string(file), "valid": false, "diagnostics": DiagnosticPrinter.json(diagnostics),
            "scenarios": [], "coverage": ["percent": 0, "missed": []],
        ]
    }
}
