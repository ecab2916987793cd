import Foundation
import Testing

/// The house rules that a machine can check (`docs/contributing.md`).
@Suite struct HouseStyleTests {
    @Test func nothingIsForcedOrLeftUndone() throws {
        let forced = /\b(?:try!|fatalError\(|TODO|FIXME)/
        #expect(try SourceTree.findings(of: forced, below: "Sources") == [])
    }

    @Test func noFileIsLongerThanFiveHundredLines() throws {
        let long = try (SourceTree.files(below: "Sources") + SourceTree.files(below: "Tests"))
            .filter { $0.lines.count > 501 }.map { "\($0.path): \($0.lines.count) lines" }
        #expect(long == [])
    }

    /// A test may pause for a moment between two looks at a condition; it does not sleep for a fixed time and hope.
    @Test func testsDoNotSleepForSeconds() throws {
        let sleeps = /\b(?:Task\.sleep\((?!for: \.(?:milli|micro)seconds)|usleep\(|Thread\.sleep)/
        #expect(try SourceTree.findings(of: sleeps, below: "Tests") == [])
    }

    /// Every `@unchecked Sendable` has a comment beside it that proves it.
    @Test func uncheckedSendableIsProven() throws {
        var unproven: [String] = []
        for file in try SourceTree.files(below: "Sources") {
            for (number, line) in file.lines.enumerated() where SourceTree.code(line).contains("@unchecked Sendable") {
                let nearby = file.lines[max(0, number - 12)...min(number + 3, file.lines.count - 1)]
                let comments = nearby.filter { $0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
                if !comments.contains(/while .* held|under `|@unchecked Sendable`|thread/) {
                    unproven.append("\(file.path):\(number + 1)")
                }
            }
        }
        #expect(unproven == [])
    }

    /// The thread sanitizer takes every use of what a `Mutex` guards for a race, as it cannot see that lock on Linux.
    @Test func locksAreOnesThatTheThreadSanitizerSees() throws {
        #expect(try SourceTree.findings(of: /\bMutex[<(]/, below: "Sources") == [])
        #expect(try SourceTree.findings(of: /\bMutex[<(]/, below: "Tests") == [])
    }

    @Test func linksBetweenDocumentsLeadSomewhere() throws {
        var broken: [String] = []
        let documents = try SourceTree.files(below: "docs", ending: ".md") + [readme()]
        for document in documents {
            let folder = SourceTree.root.appending(path: document.path).deletingLastPathComponent()
            for match in document.lines.joined(separator: "\n").matches(of: /\]\(([^)#]+)(?:#[^)]*)?\)/) {
                let target = String(match.1)
                guard !target.contains("://") else { continue }
                if !FileManager.default.fileExists(atPath: folder.appending(path: target).path) {
                    broken.append("\(document.path): \(target)")
                }
            }
        }
        #expect(broken == [])
    }

    private func readme() throws -> SourceTree.File {
        let text = try String(contentsOf: SourceTree.root.appending(path: "README.md"), encoding: .utf8)
        return SourceTree.File(path: "README.md", lines: text.components(separatedBy: "\n"))
    }
}
