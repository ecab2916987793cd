import JSONModel
import JSONata

extension Fields {
    /// Names of variables (ASL, "Workflow Variables"): a letter, then letters, digits and `_`, at most 80, not `states`.
    func checkVariableNames(_ assign: Fields) {
        for key in assign.object.keys {
            let name = language == .jsonPath && key.hasSuffix(".$") ? String(key.dropLast(2)) : key
            let message: String
            if name == "states" {
                message = "'states' is reserved"
            } else if name.count > Path.maximumVariableNameLength {
                message = "it has more than \(Path.maximumVariableNameLength) characters"
            } else if name.first.map(isVariableNameStart) != true || !name.allSatisfy(isVariableNameCharacter) {
                message = "it may have letters, digits and '_' only, and starts with a letter"
            } else {
                continue
            }
            findings.reportKey(
                .invalidVariableName, at: assign.place(key), "The variable's name '\(name)' is not allowed: \(message)")
        }
    }

    /// An expression may only use the members of `$states` that exist where it stands (ASL, "$states").
    /// - Parameter start: characters of the field's text before the expression.
    func checkReferences(of expression: JSONataExpression, at path: String, start: Int) {
        guard expression.text.utf8.count >= "$states.result".utf8.count else { return }
        let missing = StatesReferences.members(in: expression.text)
            .filter { ["result", "errorOutput"].contains($0.member) && !visible.contains($0.member) }
        // More of them would tell nothing new.
        for (member, offset) in missing.prefix(20) {
            let inCatcher = visible.contains("errorOutput")
            findings.report(
                inCatcher ? .resultOfFailure : .unavailableVariable, at: path,
                "'$states.\(member)' is not available here",
                hint: inCatcher
                    ? "a state that failed has '$states.errorOutput' and no result"
                    : "it is there in Output and Assign of "
                        + (member == "result" ? "a Task, Parallel or Map" : "a catcher"),
                character: start + offset)
        }
    }
}

/// Finds `$states.NAME` in the text of an expression, outside strings, quoted names and comments.
enum StatesReferences {
    static func members(in text: String) -> [(member: String, offset: Int)] {
        let characters = Array(text.unicodeScalars)
        var found: [(String, Int)] = []
        var place = 0
        while place < characters.count {
            switch characters[place] {
            case "\"", "'", "`": place = end(ofQuoteAt: place, characters)
            case "/" where place + 1 < characters.count && characters[place + 1] == "*":
                place = end(ofCommentAt: place, characters)
            case "$":
                let (name, next) = word(at: place + 1, characters)
                let start = place
                place = next
                guard name == "states" else { continue }
                let dot = skipBlanks(from: next, characters)
                guard dot < characters.count, characters[dot] == "." else { continue }
                let (member, end) = word(at: skipBlanks(from: dot + 1, characters), characters)
                found.append((member, start))
                place = end
            default: place += 1
            }
        }
        return found
    }

    private static func word(at start: Int, _ characters: [Unicode.Scalar]) -> (String, Int) {
        var end = start
        while end < characters.count, characters[end].properties.isIDContinue { end += 1 }
        var word = String.UnicodeScalarView()
        word.append(contentsOf: characters[start..<end])
        return (String(word), end)
    }

    private static func skipBlanks(from start: Int, _ characters: [Unicode.Scalar]) -> Int {
        var place = start
        while place < characters.count, characters[place].properties.isWhitespace { place += 1 }
        return place
    }

    private static func end(ofQuoteAt start: Int, _ characters: [Unicode.Scalar]) -> Int {
        var place = start + 1
        while place < characters.count, characters[place] != characters[start] {
            place += characters[place] == "\\" && characters[start] != "`" ? 2 : 1
        }
        return place + 1
    }

    private static func end(ofCommentAt start: Int, _ characters: [Unicode.Scalar]) -> Int {
        var place = start + 2
        while place + 1 < characters.count, !(characters[place] == "*" && characters[place + 1] == "/") { place += 1 }
        return place + 2
    }
}
