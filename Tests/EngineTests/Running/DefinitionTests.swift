import Engine
import Foundation
import JSONModel
import StatesLanguage
import TestKit
import Testing

/// What the linter says about a definition is what the engine does with it: files and API calls come through
/// `applyStateMachine`, `workflowctl lint` calls the reader.
@Suite struct DefinitionTests {
    static let definitions: [(String, String)] = [
        ("a.asl.yaml", "StartAt: A\nStates: {A: {Type: Pass, End: true}}"),
        ("a.asl.yaml", "StartAt: A\nStates: {A: {Type: Task, Resource: 'arn:aws:ec2:x:1:instance:2', End: true}}"),
        ("a.asl.yaml", "StartAt: A\nStates: {A: {Type: Pass, Next: B, InputPath: x}}"),
        ("a.asl.yaml", "\u{FEFF}StartAt: A\r\nStates:\r\n  A: {Type: Succeed}\r\n"),
        ("a.asl.yaml", "StartAt: A\nStates: &s {A: {Type: Succeed}}\nComment: *t"), ("a.asl.yaml", ""),
        ("a.asl.json", "StartAt: A\nStates: {A: {Type: Pass, End: true}}"),
        ("a.asl.json", #"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#),
        ("a.asl.json", #"{"StartAt": "A", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#),
        (
            "a.yml",
            #"{"StartAt": "A", "QueryLanguage": "JSONata", "States": {"A": {"Type": "Succeed", "Output": "{% ( %}"}}}"#
        ),
    ]

    @Test(arguments: definitions) func theEngineTakesWhatTheLinterPasses(file: String, text: String) async throws {
        try await compare(file: file, text: text)
    }

    @Test(.enabled(if: PublicVerdicts.areThere)) func theEngineAgreesWithTheLinterOnThePublicVerdicts() async throws {
        var count = 0
        for entry in try PublicVerdicts.cases() {
            let isYAML = entry["format"] == "yaml"
            let text = entry["text"]?.stringValue ?? entry["definition"]?.prettyJSON() ?? ""
            try await compare(file: isYAML ? "a.asl.yaml" : "a.asl.json", text: text)
            count += 1
        }
        #expect(count > 400)
    }

    private func compare(file: String, text: String) async throws {
        let reading = StateMachineReader.read(text, file: file)
        do {
            _ = try await Bench().engine.applyStateMachine(name: "a", source: text, file: file)
            #expect(reading.machine != nil)
            #expect(!reading.diagnostics.contains { $0.severity == .error })
        } catch EngineError.invalidDefinition(let diagnostics) {
            #expect(reading.machine == nil)
            #expect(diagnostics == reading.diagnostics)
        }
    }
}

/// The suite `asl-validation`, which is not part of the repository; `STEWARD_CONFORMANCE` says where it is.
private enum PublicVerdicts {
    static let file: URL = {
        let folder =
            ProcessInfo.processInfo.environment["STEWARD_CONFORMANCE"].map { URL(filePath: $0) }
            ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "../shared/conformance")
        return folder.appending(path: "asl-validation/cases.jsonl").standardized
    }()

    static var areThere: Bool { FileManager.default.fileExists(atPath: file.path) }

    static func cases() throws -> [JSONValue] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }
}
