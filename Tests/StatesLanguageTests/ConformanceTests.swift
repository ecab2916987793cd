import Foundation
import JSONModel
import StatesLanguage
import Testing

/// Scores the linter on public verdicts: definitions that AWS or other tools accepted or rejected.
///
/// The data is not part of the repository; the variable `STEWARD_CONFORMANCE` says where it is.
@Suite(.enabled(if: Conformance.isThere)) struct ConformanceTests {
    @Test func verdictsAgreeWithTheRecordedOnes() throws {
        var wrong: [String] = []
        var awsCases = 0
        var awsWrong = 0
        let cases = try Conformance.lines("asl-validation/cases.jsonl").filter { $0.isScored }
        for entry in cases {
            let (reading, valid) = (entry.read(), entry.json["valid"]?.boolValue ?? false)
            let agrees = (reading.machine != nil) == valid
            let isAWS = entry.json["trust"] == "aws"
            if isAWS { awsCases += 1 }
            guard !agrees else { continue }
            if isAWS { awsWrong += 1 }
            let found = reading.diagnostics.filter { $0.severity == .error }.prefix(2)
            wrong.append(
                "\(valid ? "rejected" : "accepted") \(isAWS ? "(aws) " : "")\(entry.id): "
                    + found.map { "\($0.code) \($0.pointer) \($0.message)" }.joined(separator: "; "))
        }
        let rate = Double(cases.count - wrong.count) / Double(cases.count)
        print(
            "asl-validation: \(cases.count - wrong.count) of \(cases.count); AWS: \(awsCases - awsWrong) of \(awsCases)"
        )
        for line in wrong { print("  \(line)") }

        #expect(rate >= 0.99)
        #expect(awsWrong == 0)
    }

    /// JSON is YAML too, as soon as a comment keeps the reader from taking it for JSON.
    @Test func yamlHasTheSameVerdicts() throws {
        for entry in try Conformance.lines("asl-validation/cases.jsonl") {
            guard entry.json["format"] != "yaml", let definition = entry.json["definition"] else { continue }
            let asYAML = StateMachineReader.read("# YAML\n" + definition.prettyJSON(), file: "case.asl.yaml")
            #expect(asYAML.diagnostics.map(\.code) == entry.read().diagnostics.map(\.code), "\(entry.id)")
            #expect(asYAML.diagnostics.allSatisfy { $0.position != nil })
        }
    }

    @Test func expressVerdictsAgreeWithTheRecordedOnes() throws {
        let cases = try Conformance.lines("asl-validation/cases.jsonl").filter {
            $0.json["flags"]?.arrayValue?.contains("express") == true
        }
        for entry in cases {
            #expect((entry.read(type: .express).machine != nil) == entry.json["valid"]?.boolValue, "\(entry.id)")
        }
        #expect(cases.count >= 7)
    }

    @Test func definitionsFromTheWildAreAccepted() throws {
        var rejected: [String] = []
        let index = try Conformance.lines("asl-corpus/index.jsonl")
        let trusted = index.filter {
            ["aws_accepted", "sample"].contains($0.json["tier"]?.stringValue ?? "") && $0.json["suspect"] == nil
        }
        for entry in trusted {
            let file = entry.json["file"]?.stringValue ?? ""
            let text = try String(contentsOf: Conformance.root.appending(path: "asl-corpus/\(file)"), encoding: .utf8)
            let reading = StateMachineReader.read(text, file: file)
            guard reading.machine == nil else { continue }
            let found = reading.diagnostics.filter { $0.severity == .error }.prefix(2)
            rejected.append(
                "\(entry.json["tier"]?.stringValue ?? "") \(file): "
                    + found.map { "\($0.code) \($0.pointer) \($0.message)" }.joined(separator: "; "))
        }
        print("asl-corpus: \(trusted.count - rejected.count) of \(trusted.count)")
        for line in rejected { print("  \(line)") }

        #expect(rejected.isEmpty)
    }

    /// Pass states with nothing but `Parameters` or `Output`, and what AWS made of them.
    @Test func templatesGiveTheRecordedOutput() throws {
        var compared = 0
        for entry in try Conformance.lines("asl-exec/cases.jsonl") where entry.json["status"] == "SUCCEEDED" {
            guard let definition = entry.json["definition"], definition["States"]?.objectValue?.count == 1,
                let machine = StateMachineReader.read(json: definition).machine,
                let state = machine.scope.states[machine.scope.startAt], case .pass(nil) = state.kind,
                let template = state.data.parameters ?? state.data.output, let input = entry.json["input"]
            else { continue }
            let scope = EvaluationScope(
                input: input, context: ["Execution": ["Input": input]], statesInput: input, now: 0, seed: 0)
            compared += 1
            #expect(try template.evaluate(in: scope) == entry.json["output"], "\(entry.id)")
        }
        print("asl-exec: \(compared) templates")
        #expect(compared >= 75)
    }
}

enum Conformance {
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["STEWARD_CONFORMANCE"] { return URL(filePath: path) }
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.appending(path: "../shared/conformance").standardized
    }()

    static var isThere: Bool { FileManager.default.fileExists(atPath: root.path) }

    struct Entry {
        let json: JSONValue

        var id: String { json["id"]?.stringValue ?? "" }

        /// Verdicts for EXPRESS machines, and those that contradict a known rule of AWS, do not count.
        var isScored: Bool {
            json["flags"]?.arrayValue?.contains("express") != true && json["doubt"] == nil && json["conflict"] == nil
        }

        func read(type: StateMachineType = .standard) -> StateMachineReading {
            let isYAML = json["format"] == "yaml"
            let text = json["text"]?.stringValue ?? json["definition"]?.prettyJSON() ?? ""
            return StateMachineReader.read(text, file: isYAML ? "case.asl.yaml" : "case.asl.json", type: type)
        }
    }

    static func lines(_ path: String) throws -> [Entry] {
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        return try text.split(separator: "\n").map { Entry(json: try JSONValue(parsing: String($0))) }
    }
}
