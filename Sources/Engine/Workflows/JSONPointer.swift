/// JSON pointers (RFC 6901), which name places of a file.
enum JSONPointer {
    /// One step, to a member of this name: with its slash.
    static func segment(_ name: String) -> String {
        name.reduce(into: "/") { text, character in
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
    }
}
