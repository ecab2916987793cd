import Engine
import Foundation
import Scenarios
import StatesLanguage

/// A scenario file, read together with the state machine that it is about.
struct ScenarioFile {
    /// Nil when something is wrong.
    let suite: ScenarioSuite?
    /// All are of one file: the scenario file, or its state machine.
    let diagnostics: [Diagnostic]
    /// The text that the diagnostics are about; nil when it is not UTF-8.
    let source: String?

    private init(_ diagnostics: [Diagnostic], in source: String?, suite: ScenarioSuite? = nil) {
        self.suite = suite
        self.diagnostics = diagnostics.map(\.placed)
        self.source = source
    }

    /// - Throws: `Failure` when the file can't be read; what is wrong with it, or its state machine, is told by
    ///   diagnostics.
    static func read(_ file: String) throws -> ScenarioFile {
        guard let read = try Files.definition(file) else {
            return ScenarioFile([DefinitionFindings.tooLarge(file)], in: nil)
        }
        guard let text = String(validating: read, as: UTF8.self) else {
            return ScenarioFile([.notUTF8(file)], in: nil)
        }
        let (document, faults) = SourceDocument.read(text, file: file)
        guard let document else { return ScenarioFile(faults, in: text) }
        let (name, findings) = ScenarioReader.machineFile(in: document)
        guard findings.isEmpty else { return ScenarioFile(findings, in: text) }
        let machineFile = machinePath(name, beside: file)
        let bytes: [UInt8]?
        do {
            bytes = try Files.definition(machineFile)
        } catch let failure as Failure {
            return ScenarioFile([ScenarioReader.unreadableMachine(failure.message, in: document)], in: text)
        }
        guard let bytes else { return ScenarioFile([DefinitionFindings.tooLarge(machineFile)], in: nil) }
        guard let source = String(validating: bytes, as: UTF8.self) else {
            return ScenarioFile([.notUTF8(machineFile)], in: nil)
        }
        let reading = StateMachineReader.read(source, file: machineFile)
        guard let machine = reading.machine else { return ScenarioFile(reading.diagnostics, in: source) }
        let machineName =
            URL(filePath: machineFile).lastPathComponent.split(separator: ".").first.map(String.init) ?? ""
        let (suite, wrong) = ScenarioReader.read(document, machine: machine, machineName: machineName)
        return ScenarioFile(wrong, in: text, suite: suite)
    }

    private static func machinePath(_ name: String?, beside file: String) -> String {
        let directory = URL(filePath: file).deletingLastPathComponent()
        if let name { return directory.appending(path: name).path }
        let base = URL(filePath: file).lastPathComponent.replacing(".test.yaml", with: ".asl.yaml")
        return directory.appending(path: base).path
    }
}
