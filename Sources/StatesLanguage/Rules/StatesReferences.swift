/// Finds `$states.NAME.NAME…` in the text of an expression, outside strings, quoted names and comments.
enum StatesReferences {
    struct Reference {
        /// The names behind `$states`, as far as they are written plainly.
        let members: [String]
        /// Characters of the text before it.
        let offset: Int
    }

    static func found(in text: String) -> [Reference] {
        let characters = Array(text.unicodeScalars)
        var found: [Reference] = []
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
                var members: [String] = []
                while let (member, end) = member(at: place, characters) {
                    members.append(member)
                    place = end
                }
                found.append(Reference(members: members, offset: start))
            default: place += 1
            }
        }
        return found
    }

    /// The name behind a dot, and where it ends.
    private static func member(at start: Int, _ characters: [Unicode.Scalar]) -> (String, Int)? {
        let dot = skipBlanks(from: start, characters)
        guard dot < characters.count, characters[dot] == "." else { return nil }
        let (name, end) = word(at: skipBlanks(from: dot + 1, characters), characters)
        return name.isEmpty ? nil : (name, end)
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
