import Foundation
import Testing

/// `return (index, .success(try await work()))` in a task of a group: an optimised build of Swift 6.3.1 gives the group
/// whatever lay in memory for `index`. What is awaited gets a name first, and the tuple is made of names.
@Suite struct TupleTests {
    @Test func noTupleIsMadeAcrossAnAwait() throws {
        let files = try SourceTree.files(below: "Sources").filter { $0.lines.contains { $0.contains("await") } }
        let found = files.flatMap { file in
            Self.tuplesWithAwait(in: file.lines.map(SourceTree.code)).map { "\(file.path):\($0)" }
        }
        #expect(found == [])
    }

    @Test(arguments: [
        ("return (index, .success(try await work(p)))", [1]),
        ("let (a, b) = (\n  one,\n  await two()\n)", [1]),
        ("let pair = (try await one(), 2)", [1]),
        ("f(index, await two())", []),
        ("(await two())", []),
        ("return (index, result)", []),
        ("group.addTask { (index, run { await two() }) }", []),
        ("let f: (Int, Int) async -> Int = { await two($0, $1) }", []),
    ])
    func theRuleFindsThem(code: String, lines: [Int]) {
        #expect(Self.tuplesWithAwait(in: code.components(separatedBy: "\n")) == lines)
    }

    private struct Parenthesis {
        let line: Int
        let isTuple: Bool
        let isBrace: Bool
        var hasComma = false
        var hasAwait = false
    }

    /// The lines on which tuples begin that have an `await` in them, closures inside left out.
    private static func tuplesWithAwait(in lines: [String]) -> [Int] {
        var open: [Parenthesis] = []
        var found: [Int] = []
        var (previous, word) = (UInt8(ascii: " "), "")
        for (number, line) in lines.enumerated() {
            for byte in (line + "\n").utf8 {
                if word == "await", !isLetter(byte) {
                    // Of everything around it, up to the closure that it is in.
                    for index in open.indices.reversed() {
                        if open[index].isBrace { break }
                        open[index].hasAwait = true
                    }
                }
                let character = Character(UnicodeScalar(byte))
                word = isLetter(byte) ? word + String(character) : ""
                switch character {
                case "(", "[", "{":
                    let isCall = isLetter(previous) || "0123456789_)>?!]`".utf8.contains(previous)
                    open.append(
                        Parenthesis(line: number + 1, isTuple: character == "(" && !isCall, isBrace: character == "{"))
                case ",": if !open.isEmpty { open[open.count - 1].hasComma = true }
                case ")", "]", "}":
                    if let last = open.popLast(), last.isTuple, last.hasComma, last.hasAwait { found.append(last.line) }
                default: break
                }
                previous = byte
            }
        }
        return found
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 32) }
}
