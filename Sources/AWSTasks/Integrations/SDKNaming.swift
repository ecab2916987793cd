/// The names that the AWS SDK for Java gives to members and exceptions, which Step Functions shows.
enum SDKNaming {
    private static let suffix = "Exception"

    /// A member's name, with a capital: an acronym at its beginning is a word, and the rest stays. `DBInstanceArn` is
    /// `DbInstanceArn`, `ARN` is `Arn`, `ETag` and `ChecksumCRC32` are themselves.
    static func member(_ name: String) -> String {
        let letters = Array(name)
        guard let first = letters.first else { return name }
        var end = 1
        while end < letters.count, letters[end].isUppercase,
            !(end + 1 < letters.count && letters[end + 1].isLowercase)
        {
            end += 1
        }
        return first.uppercased() + String(letters[1..<end]).lowercased() + String(letters[end...])
    }

    /// An error code without what exceptions end with.
    static func withoutSuffix(_ code: String) -> String {
        code.hasSuffix(suffix) ? String(code.dropLast(suffix.count)) : code
    }

    /// The exception of an error code in the SDK's version 1, which the optimised integrations use.
    static func exception(_ code: String) -> String { withoutSuffix(code) + suffix }

    /// The exception of an error code in version 2: every acronym is a word (`KMSInternal` is `KmsInternalException`), and
    /// a fault is an exception.
    static func exception2(_ code: String) -> String {
        var stem = withoutSuffix(code)
        if stem.hasSuffix("Fault") { stem.removeLast("Fault".count) }
        return words(stem).map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined() + suffix
    }

    /// A word begins at a capital after a small letter or a digit, at the last capital of several before a small letter,
    /// and at a letter after a digit.
    private static func words(_ name: String) -> [String] {
        let letters = Array(name)
        var words: [String] = []
        for (place, letter) in letters.enumerated() {
            let after = place + 1 < letters.count ? letters[place + 1] : nil
            if place == 0 || isBoundary(letters[place - 1], letter, after) { words.append("") }
            words[words.count - 1].append(letter)
        }
        return words
    }

    private static func isBoundary(_ left: Character, _ right: Character, _ after: Character?) -> Bool {
        if left.isNumber { return right.isLetter }
        if left.isLowercase { return right.isUppercase }
        return left.isUppercase && right.isUppercase && after?.isLowercase == true
    }
}
