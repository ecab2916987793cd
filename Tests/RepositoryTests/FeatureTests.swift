import Foundation
import Testing

/// `docs/features.md` names files and tests: they are there.
@Suite struct FeatureTests {
    private struct Row {
        let id: String
        let place: String?
        let test: String?
    }

    private static func rows() throws -> [Row] {
        let file = SourceTree.root.appending(path: "docs/features.md")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            guard let match = line.wholeMatch(of: /\| ([A-Z][0-9]{2}) \| .+ \| (`[^`]+`|—) \| (`[^`]+`|—) \|/) else {
                return nil
            }
            func named(_ text: Substring) -> String? { text == "—" ? nil : String(text.dropFirst().dropLast()) }
            return Row(id: String(match.1), place: named(match.2), test: named(match.3))
        }
    }

    @Test func everyRowIsThereInItsOrder() throws {
        let expected = [("A", 10), ("B", 10), ("C", 16), ("D", 18), ("F", 22), ("G", 15)].flatMap { letter, count in
            (1...count).map { "\(letter)\($0 < 10 ? "0" : "")\($0)" }
        }
        #expect(try Self.rows().map(\.id) == expected)
    }

    @Test func everyFileThatIsNamedExists() throws {
        let missing = try Self.rows().filter { row in
            row.place.map { !FileManager.default.fileExists(atPath: SourceTree.root.appending(path: $0).path) } ?? false
        }
        #expect(missing.map(\.id) == [])
    }

    @Test func whatIsDoneIsTested() throws {
        #expect(try Self.rows().filter { ($0.place == nil) != ($0.test == nil) }.map(\.id) == [])
    }

    @Test func everyTestThatIsNamedExists() throws {
        let swift = try SourceTree.files(below: "Tests")
        let python = try SourceTree.files(below: "Tests/outside", ending: ".py")
        let missing = try Self.rows().filter { row in
            guard let test = row.test else { return false }
            let parts = test.split(separator: test.contains("::") ? "::" : ".").map(String.init)
            guard parts.count == 2 else { return true }
            let (files, name, start) =
                test.contains("::")
                ? (python, parts[0], "def \(parts[1])(") : (swift, parts[0] + ".swift", "func \(parts[1])(")
            return !files.contains { file in
                file.path.hasSuffix("/" + name) && file.lines.contains { $0.contains(start) }
            }
        }
        #expect(missing.map { "\($0.id): \($0.test ?? "")" } == [])
    }
}
