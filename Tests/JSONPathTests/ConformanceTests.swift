import Foundation
import JSONModel
import JSONPath
import Testing

/// The public suites, read from where `STEWARD_CONFORMANCE` points; without them these tests are skipped.
enum Conformance {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["STEWARD_CONFORMANCE"] { return URL(filePath: path) }
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.appending(path: "../shared/conformance").standardizedFileURL
    }()

    static func cases(_ name: String) -> [JSONValue]? {
        guard let data = try? Data(contentsOf: folder.appending(path: "jsonpath/\(name)")) else { return nil }
        return data.split(separator: UInt8(ascii: "\n")).map { line in
            (try? JSONValue(parsing: [UInt8](line))) ?? .null
        }
    }

    static let isPresent: Bool = {
        if cases("jayway_cases.jsonl") != nil { return true }
        print("JSONPath conformance is skipped: no case files below \(folder.path); set STEWARD_CONFORMANCE")
        return false
    }()

    /// The case's name when the answer isn't the one it wants.
    static func failure(_ conformanceCase: JSONValue) -> String? {
        let id = conformanceCase["id"]?.stringValue ?? "a case that can't be read"
        let selector = conformanceCase["selector"]?.stringValue ?? ""
        let document = conformanceCase["document"] ?? .null
        let path = try? JSONPath(parsing: selector)
        let answer = path.flatMap { try? $0.evaluate(on: document) }
        return satisfies(answer, path, conformanceCase)
            ? nil : "\(id): \(selector) gave \(answer?.jsonString ?? "an error")"
    }

    private static func satisfies(_ answer: JSONValue?, _ path: JSONPath?, _ wanted: JSONValue) -> Bool {
        if wanted["error"] == true || wanted["invalid_selector"] == true { return answer == nil }
        if let value = wanted["value"] { return isSame(value, answer, unordered: wanted["unordered"] == true) }
        let lists = wanted["results"]?.arrayValue ?? [wanted["result"] ?? .null]
        guard let path, path.isDefinite else { return lists.contains { isSame($0, answer) } }
        return lists.contains { $0[0] == nil ? answer == nil : isSame($0[0], answer) }
    }

    private static func isSame(_ wanted: JSONValue?, _ answer: JSONValue?, unordered: Bool = false) -> Bool {
        if unordered, let wanted = wanted?.arrayValue, var rest = answer?.arrayValue {
            for value in wanted {
                guard let place = rest.firstIndex(of: value) else { return false }
                rest.remove(at: place)
            }
            return rest.isEmpty
        }
        if let wanted = wanted?.arrayValue, let answer = answer?.arrayValue {
            return wanted.count == answer.count && zip(wanted, answer).allSatisfy { isSame($0, $1) }
        }
        if let wanted = wanted?.doubleValue, let answer = answer?.doubleValue {
            return abs(wanted - answer) <= 1e-12 * max(abs(wanted), abs(answer))
        }
        return wanted == answer
    }
}

@Suite(.enabled(if: Conformance.isPresent))
struct ConformanceTests {
    /// Where Jayway and RFC 9535 differ on a path that both accept; ours is Jayway's answer.
    static let jaywayRatherThanRFC: [String: String] = [
        "basic, descendant segment, object traversal, multiple selectors": "several names make one object",
        "whitespace, selectors, newline between selector and comma": "several names make one object",
        "whitespace, selectors, space between comma and selector": "several names make one object",
        "whitespace, selectors, newline between comma and selector": "several names make one object",
        "whitespace, selectors, tab between comma and selector": "several names make one object",
    ]

    @Test func allOpenJaywayCasesPass() throws {
        let cases = try #require(Conformance.cases("jayway_cases.jsonl"))

        let failures = cases.compactMap(Conformance.failure)

        #expect(cases.count > 0)
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    @Test func allOpenPlainRFCCasesPassExceptWhereJaywayDiffers() throws {
        let cases = try #require(Conformance.cases("cases.jsonl")).filter { $0["class"] == "plain" }

        let failures = cases.filter { Self.jaywayRatherThanRFC[$0["id"]?.stringValue ?? ""] == nil }
            .compactMap(Conformance.failure)
        let unexpectedPasses = cases.filter {
            Self.jaywayRatherThanRFC[$0["id"]?.stringValue ?? ""] != nil && Conformance.failure($0) == nil
        }

        #expect(cases.count > 0)
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
        #expect(unexpectedPasses.isEmpty)
    }

    @Test func otherRFCCasesNeverCrash() throws {
        let cases = try #require(Conformance.cases("cases.jsonl")).filter { $0["class"] != "plain" }

        let failures = cases.compactMap(Conformance.failure)

        print("RFC 9535 rules outside Jayway: \(cases.count - failures.count) of \(cases.count) hold")
        for failure in failures where ProcessInfo.processInfo.environment["STEWARD_VERBOSE"] != nil { print(failure) }
    }
}
