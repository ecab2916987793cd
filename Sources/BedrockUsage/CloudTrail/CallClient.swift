/// What called from where, as CloudTrail's `userAgent` and `sourceIPAddress` say it. Callers choose what a user agent says,
/// so that it is cut short: to what called, and its version without the last places, which would tell each release apart.
enum CallClient {
    /// Characters that are kept.
    static let longest = 64
    /// Places of a version that are kept: `1.34` of `1.34.131`.
    private static let versionPlaces = 2

    /// `Boto3/1.34` of `Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1 …`; nil for one that is empty.
    static func agent(_ text: String) -> String? {
        // Some stand in brackets: `[Boto3/1.34.131 md/Botocore#1.34.131 …]`.
        let start = text.drop { $0 == "[" || $0 == " " }
        let token = start.split(separator: " ", maxSplits: 1).first
        guard let first = token?.split(separator: "]").first else { return nil }
        // What AWS itself calls for somebody.
        if start.hasPrefix("AWS Internal") { return "AWS Internal" }
        let parts = first.split(separator: "/", maxSplits: 1)
        guard let product = parts.first else { return nil }
        guard parts.count == 2 else { return bounded(product) }
        let version = parts[1].prefix(while: isOfVersion).split(separator: ".").prefix(versionPlaces)
        return bounded(version.isEmpty ? product : "\(product)/\(version.joined(separator: "."))")
    }

    /// An IP address, or the name of an AWS service; nil for one that is empty.
    static func address(_ text: String) -> String? { text.isEmpty ? nil : bounded(text[...]) }

    private static func isOfVersion(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || ".-_+~".contains(character))
    }

    /// What nobody can print is shown as a question mark.
    private static func bounded(_ text: Substring) -> String {
        String(text.unicodeScalars.prefix(longest).map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" })
    }
}
