import Foundation
import JSONModel
import JSONata
import Testing

/// The open cases of the public suite, with the outcome of version 2.0.6 where later versions differ. They are not
/// part of the package: `STEWARD_CONFORMANCE` names their directory.
@Suite struct ConformanceTests {
    /// What these cases expect are members of JavaScript objects that stand for functions, which a wildcard shows there.
    static let knownDisagreements: Set<String> = ["wildcards/case010#0", "wildcards/case010#1"]

    static let directory: URL = {
        if let path = ProcessInfo.processInfo.environment["STEWARD_CONFORMANCE"] { return URL(fileURLWithPath: path) }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appendingPathComponent("shared/conformance")
    }()

    static var suite: URL { directory.appendingPathComponent("jsonata") }

    static let isPresent: Bool = {
        let file = suite.appendingPathComponent("cases.jsonl").path
        let isThere = FileManager.default.fileExists(atPath: file)
        if !isThere { print("JSONata conformance skipped: \(file) is not there; set STEWARD_CONFORMANCE") }
        return isThere
    }()

    @Test(.enabled(if: ConformanceTests.isPresent, "the conformance suite is not on this machine"))
    func theOpenCasesOfVersion206Pass() throws {
        let text = try String(contentsOf: Self.suite.appendingPathComponent("cases.jsonl"), encoding: .utf8)
        var datasets: [String: JSONValue] = [:]
        var (total, failed) = (0, Set<String>())
        for line in text.split(separator: "\n") {
            let testCase = try JSONValue(parsing: String(line))
            guard let id = testCase["id"]?.stringValue, let wanted = Self.expectation(testCase) else { continue }
            total += 1
            if try !passes(testCase, wanted, &datasets) { failed.insert(id) }
        }
        #expect(total >= 869)
        #expect(failed == Self.knownDisagreements, "\(failed.sorted())")
    }

    /// Nil for a case that does not count: it needs `$eval`, or the reference crashed or hung on it.
    private static func expectation(_ testCase: JSONValue) -> JSONValue? {
        if testCase["flags"]?.arrayValue?.contains("uses_eval") == true { return nil }
        guard let version206 = testCase["v206"] else { return testCase }
        let crashed = version206["code"]?.isNull == true || version206["hang"] != nil
        if crashed { return nil }
        return version206
    }

    private func passes(
        _ testCase: JSONValue, _ wanted: JSONValue, _ datasets: inout [String: JSONValue]
    ) throws -> Bool {
        let input = try testCase["data"] ?? dataset(testCase["dataset"]?.stringValue, &datasets)
        var bindings: [String: JSONValue] = [:]
        for (name, value) in testCase["bindings"]?.objectValue ?? [:] { bindings[name] = value }
        var limits = JSONataLimits.standard
        if let depth = testCase["depth"]?.intValue { limits.depth = Int(depth) }
        if testCase["timelimit"] != nil { limits.steps = 2_000_000 }
        do {
            let expression = try JSONataExpression(parsing: testCase["expr"]?.stringValue ?? "")
            let result = try expression.evaluate(
                input: input, bindings: bindings, environment: environment(limits: limits))
            if wanted["undefinedResult"] != nil { return result == nil }
            guard let expected = wanted["result"], let result else { return false }
            return Self.isSame(expected, result, unordered: testCase["unordered"]?.boolValue == true)
        } catch {
            return wanted["code"]?.stringValue == error.code
        }
    }

    private func dataset(_ name: String?, _ known: inout [String: JSONValue]) throws -> JSONValue? {
        guard let name else { return nil }
        if let value = known[name] { return value }
        let file = Self.suite.appendingPathComponent("datasets/\(name).json")
        let value = try JSONValue(parsing: Array(Data(contentsOf: file)))
        known[name] = value
        return value
    }

    /// Equality with numbers compared to twelve digits, as the suite's own scorer has it.
    private static func isSame(_ a: JSONValue, _ b: JSONValue, unordered: Bool) -> Bool {
        switch (a, b) {
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            if unordered { return left.allSatisfy { item in right.contains { isSame(item, $0, unordered: false) } } }
            return zip(left, right).allSatisfy { isSame($0, $1, unordered: false) }
        case (.object(let left), .object(let right)):
            return left.count == right.count
                && left.allSatisfy { key, value in right[key].map { isSame(value, $0, unordered: false) } ?? false }
        default:
            guard let left = a.doubleValue, let right = b.doubleValue else { return a == b }
            return left == right || abs(left - right) <= 1e-12 * max(abs(left), abs(right))
        }
    }
}
