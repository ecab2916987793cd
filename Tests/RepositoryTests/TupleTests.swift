import Testing

/// `return (index, .success(try await work()))` in a task of a group: an optimised build of Swift 6.3.1 gives the group
/// whatever lay in memory for `index`. What is awaited gets a name first, and the tuple is made of names.
@Suite struct TupleTests {
    @Test func noTupleIsMadeAcrossAnAwait() throws {
        let found = try SourceTree.files(below: "Sources").flatMap { file in
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
        let opener: Character
        var hasComma = false
        var hasAwait = false
    }

    /// The lines on which tuples begin that have an `await` in them, closures inside left out.
    private static func tuplesWithAwait(in lines: [String]) -> [Int] {
        var open: [Parenthesis] = []
        var found: [Int] = []
        var (previous, word) = (Character(" "), "")
        for (number, line) in lines.enumerated() {
            for character in line + "\n" {
                if word == "await", !character.isLetter {
                    // Of everything around it, up to the closure that it is in.
                    for index in open.indices.reversed() {
                        if open[index].opener == "{" { break }
                        open[index].hasAwait = true
                    }
                }
                word = character.isLetter || character == "_" ? word + String(character) : ""
                switch character {
                case "(", "[", "{":
                    let isCall = previous.isLetter || previous.isNumber || "_)>?!]`".contains(previous)
                    open.append(
                        Parenthesis(line: number + 1, isTuple: character == "(" && !isCall, opener: character))
                case ",": if !open.isEmpty { open[open.count - 1].hasComma = true }
                case ")", "]", "}":
                    if let last = open.popLast(), last.isTuple, last.hasComma, last.hasAwait { found.append(last.line) }
                default: break
                }
                previous = character
            }
        }
        return found
    }
}
