import JSONModel

/// Definitions are read by many and kept for ever: secrets belong elsewhere.
enum SecretRules {
    private static let suspectKeys = ["password", "passwd", "secret", "apikey", "accesskey", "privatekey", "authtoken"]

    static func check(_ value: JSONValue, at path: String, findings: Findings) {
        switch value {
        case .object(let object):
            for (key, member) in object {
                let place = pointer(path, key)
                if let text = member.stringValue { check(text, key: key, at: place, findings: findings) }
                check(member, at: place, findings: findings)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                let place = pointer(path, index)
                if let text = element.stringValue { check(text, key: "", at: place, findings: findings) }
                check(element, at: place, findings: findings)
            }
        default: break
        }
    }

    private static func check(_ text: String, key: String, at path: String, findings: Findings) {
        if holdsAccessKey(text) {
            report("an AWS access key", at: path, findings: findings)
        } else if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
            report("a private key", at: path, findings: findings)
        } else if isSuspect(key), isLiteral(text) {
            report("a secret ('\(key)')", at: path, findings: findings)
        }
    }

    private static func report(_ what: String, at path: String, findings: Findings) {
        findings.report(
            .literalSecret, at: path, "This looks like \(what), written where everyone who may read workflows sees it",
            hint: "keep it in a secret store or a connection, and name that here")
    }

    /// Long-lived keys start with AKIA, temporary ones with ASIA; 16 capital letters and digits follow.
    private static func holdsAccessKey(_ text: String) -> Bool {
        let words = text.split { !($0.isASCII && ($0.isUppercase || $0.isNumber)) }
        return words.contains { $0.count == 20 && ($0.hasPrefix("AKIA") || $0.hasPrefix("ASIA")) }
    }

    private static func isSuspect(_ key: String) -> Bool {
        let plain = key.lowercased().filter { $0.isLetter }
        return suspectKeys.contains { plain.hasSuffix($0) }
    }

    /// A path, an expression, a place-holder, the ARN or the name of a secret is not the secret itself.
    private static func isLiteral(_ text: String) -> Bool {
        text.count >= 8 && !text.hasPrefix("$") && !text.hasPrefix("{%") && !text.hasPrefix("arn:")
            && !text.hasPrefix("States.") && !text.contains("{{") && !text.contains("${") && !text.contains(" ")
            && !text.contains("/") && text.contains { $0.isNumber }
    }
}
