import Foundation
import Scenarios
import StatesLanguage

/// A scenario file, read together with the state machine that it is about.
struct ScenarioFile {
    /// Nil when something is wrong.
    let suite: ScenarioSuite?
    let diagnostics: [Diagnostic]
    /// The text that the diagnostics are about.
    let source: String?

    /// - Throws: `Failure` when it, or its state machine, can't be read.
    static func read(_ file: String) throws -> ScenarioFile {
        let text = String(decoding: try Files.read(file), as: UTF8.self)
        let (document, diagnostics) = SourceDocument.read(text, file: file)
        guard let document else { return ScenarioFile(suite: nil, diagnostics: diagnostics, source: text) }
        let machineFile = machinePath(ScenarioReader.machineFile(in: document), beside: file)
        let source: String
        do {
            source = String(decoding: try Files.read(machineFile), as: UTF8.self)
        } catch let failure as Failure {
            throw Failure(
                .findings, "\(file): the state machine \(failure.message)",
                hint: "'stateMachine' names it, relative to the scenario file.")
        }
        let reading = StateMachineReader.read(source, file: machineFile)
        guard let machine = reading.machine else {
            return ScenarioFile(suite: nil, diagnostics: reading.diagnostics, source: source)
        }
        let name = URL(filePath: machineFile).lastPathComponent.split(separator: ".").first.map(String.init) ?? ""
        let (suite, findings) = ScenarioReader.read(document, machine: machine, machineName: name)
        return ScenarioFile(suite: suite, diagnostics: findings, source: text)
    }

    private static func machinePath(_ name: String?, beside file: String) -> String {
        let directory = URL(filePath: file).deletingLastPathComponent()
        if let name { return directory.appending(path: name).path }
        let base = URL(filePath: file).lastPathComponent.replacing(".test.yaml", with: ".asl.yaml")
        return directory.appending(path: base).path
    }
}
