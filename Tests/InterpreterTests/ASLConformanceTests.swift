import Foundation
import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// Whole state machines without tasks whose results were recorded from AWS.
@Suite struct ASLConformanceTests {
    struct Case {
        let id: String
        let definition: JSONValue
        let input: JSONValue
        let language: String
        let expected: JSONValue
    }

    /// Cases that have to match with status, output, error and cause.
    static let jsonPathFloor = 255
    static let jsonataFloor = 47

    static let file: URL = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let suites =
            ProcessInfo.processInfo.environment["STEWARD_CONFORMANCE"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared/conformance")
        return suites.appending(path: "asl-exec/cases.jsonl")
    }()

    static var isPresent: Bool { FileManager.default.fileExists(atPath: file.path) }

    static func cases() throws -> [Case] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            let value = try JSONValue(parsing: String(line))
            return Case(
                id: try #require(value["id"]?.stringValue), definition: try #require(value["definition"]),
                input: value["input"] ?? .null, language: value["query_language"]?.stringValue ?? "", expected: value)
        }
    }

    @Test(.enabled(if: isPresent), arguments: [("JSONPath", jsonPathFloor), ("JSONata", jsonataFloor)])
    func machinesEndAsOnAWS(_ language: String, _ floor: Int) throws {
        let cases = try Self.cases().filter { $0.language == language }

        let failures = cases.compactMap { item in Self.difference(item).map { "\(item.id): \($0)" } }

        print(failures.joined(separator: "\n"))
        print("asl-exec, \(language): \(cases.count - failures.count) of \(cases.count)")
        #expect(cases.count - failures.count >= floor)
    }

    /// What is not as recorded; nil when all is.
    static func difference(_ item: Case) -> String? {
        let reading = StateMachineReader.read(json: item.definition)
        guard let machine = reading.machine else { return "not accepted: \(reading.diagnostics.map(\.message))" }
        do {
            let outcome = try VirtualRun.run(machine, input: item.input).outcome
            return matches(outcome, item.expected) ? nil : "\(outcome)"
        } catch {
            return "\(error)"
        }
    }

    static func matches(_ outcome: Outcome, _ expected: JSONValue) -> Bool {
        switch outcome {
        case .succeeded(let output): return expected["status"] == "SUCCEEDED" && expected["output"] == output
        case .failed(let failure):
            guard expected["status"] == "FAILED" else { return false }
            return (expected["error"]?.stringValue ?? "") == failure.error
                && (expected["cause_masked"] == true || (expected["cause"]?.stringValue ?? "") == failure.cause)
        case .aborted, .timedOut: return false
        }
    }
}
