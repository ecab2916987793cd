import JSONPath

extension Path {
    /// Letters of a variable's name (ASL, "Workflow Variables").
    static let maximumVariableNameLength = 80

    /// Parses `$…` (the input), `$$…` (the context object) or `$name…` (a variable).
    /// - Throws: `PathSyntaxError` with the place of the fault in `text`.
    package init(parsing text: String) throws(PathSyntaxError) {
        guard text.hasPrefix("$") else {
            throw PathSyntaxError(message: "a path starts with '$', not '\(text.prefix(1))'", offset: 0)
        }
        let rest = text.dropFirst()
        if rest.first == "$" {
            let path = try Path.jsonPath("$" + rest.dropFirst(), before: 1)
            self.init(source: .context, path: path, text: text)
        } else if let first = rest.first, isVariableNameStart(first) {
            let name = rest.prefix(while: isVariableNameCharacter)
            guard name.count <= Path.maximumVariableNameLength else {
                throw PathSyntaxError(
                    message: "a variable's name has at most \(Path.maximumVariableNameLength) characters", offset: 1)
            }
            let path = try Path.jsonPath("$" + rest.dropFirst(name.count), before: name.unicodeScalars.count)
            self.init(source: .variable(String(name)), path: path, text: text)
        } else {
            self.init(source: .input, path: try Path.jsonPath(text, before: 0), text: text)
        }
    }

    /// Parses the part that the JSONPath engine knows, with places moved by what stands before it.
    private static func jsonPath(_ text: String, before count: Int) throws(PathSyntaxError) -> JSONPath {
        do { return try JSONPath(parsing: text) } catch {
            throw PathSyntaxError(message: error.message, offset: error.offset + count)
        }
    }
}

/// The first character of a variable's name is in Unicode's ID_Start, the others are in ID_Continue (AWS, "Passing data
/// between states with variables", after UAX 31).
func isVariableNameStart(_ character: Character) -> Bool {
    guard let first = character.unicodeScalars.first, first.properties.isIDStart else { return false }
    return character.unicodeScalars.dropFirst().allSatisfy(\.properties.isIDContinue)
}

func isVariableNameCharacter(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy(\.properties.isIDContinue)
}
