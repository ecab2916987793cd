extension Resource {
    /// Reads what a `Resource` field names; what is not understood has the kind `.unknown`.
    ///
    /// - `activity:NAME`, Steward's short form, and `arn:PARTITION:states:REGION:ACCOUNT:activity:NAME`
    /// - `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:VERSION-OR-ALIAS]`
    /// - `arn:PARTITION:states:::SERVICE:ACTION[.sync|.sync:2|.waitForTaskToken]`, where SERVICE may be `aws-sdk:NAME`
    package convenience init(parsing text: String) {
        let (kind, pattern) = Resource.read(text)
        self.init(text: text, kind: kind, pattern: pattern)
    }

    private static func read(_ text: String) -> (Kind, Pattern) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, parts[0] == "activity" {
            return (isName(parts[1]) ? .activity(name: parts[1]) : .unknown, .requestResponse)
        }
        guard parts.count >= 7, parts[0] == "arn", parts[1].hasPrefix("aws") else {
            return (.unknown, .requestResponse)
        }
        switch (parts[2], parts[5]) {
        case ("states", "activity") where parts.count == 7 && isName(parts[6]):
            return (.activity(name: parts[6]), .requestResponse)
        case ("lambda", "function") where isFunction(Array(parts[6...])):
            return (.lambda(functionARN: text), .requestResponse)
        case ("states", _) where parts[3].isEmpty && parts[4].isEmpty:
            return integration(Array(parts[5...]))
        default: return (.unknown, .requestResponse)
        }
    }

    private static func integration(_ parts: [String]) -> (Kind, Pattern) {
        var text = parts.joined(separator: ":")
        var pattern = Pattern.requestResponse
        for suffix in [Pattern.sync2, .sync, .waitForTaskToken] where text.hasSuffix(suffix.rawValue) {
            pattern = suffix
            text.removeLast(suffix.rawValue.count)
            break
        }
        let names = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let service = names.dropLast().joined(separator: ":")
        guard names.count == (names[0] == "aws-sdk" ? 3 : 2), names.allSatisfy({ isIdentifier($0) }),
            let action = names.last
        else { return (.unknown, pattern) }
        return (.integration(service: service, action: action), pattern)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    /// A function's name, perhaps with a version or an alias.
    private static func isFunction(_ parts: [String]) -> Bool {
        let allowed = { (byte: UInt8) in isAlphanumeric(byte) || "-_".utf8.contains(byte) }
        guard (1...2).contains(parts.count), !parts[0].isEmpty, parts[0].utf8.allSatisfy(allowed) else { return false }
        guard parts.count == 2 else { return true }
        return parts[1] == "$LATEST" || !parts[1].isEmpty && parts[1].utf8.allSatisfy(allowed)
    }

    /// The names that AWS allows for activities: 1 to 80 characters, no blanks, brackets, wildcards or special
    /// characters (CreateActivity, "name").
    private static func isName(_ text: String) -> Bool {
        (1...80).contains(text.count)
            && !text.unicodeScalars.contains {
                $0.value < 0x20 || " <>{}[]?*\"#%\\^|~`$&,;:/".unicodeScalars.contains($0)
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || byte | 0x20 &- 0x61 < 26
    }
}
