package import JSONModel

/// An IAM policy document, as far as Steward needs to understand one.
package struct PolicyDocument: Sendable, Equatable {
    package let json: JSONValue

    package init(json: JSONValue) { self.json = json }

    /// Reads a document as IAM hands it out: JSON, percent-encoded (RFC 3986) in `GetUserPolicy` and
    /// `GetPolicyVersion`.
    package init?(fromIAM text: String) {
        let decoded = text.first == "{" ? text : PolicyDocument.percentDecoded(text)
        guard let decoded, let json = try? JSONValue(parsing: decoded) else { return nil }
        self.json = json
    }

    /// Actions of which a policy that allows any lets its holder spend on Bedrock.
    static let spendingActions = [
        "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "bedrock:CallWithBearerToken",
        "bedrock:CreateModelInvocationJob", "bedrock:InvokeAgent", "bedrock:InvokeInlineAgent", "bedrock:InvokeFlow",
        "bedrock:RetrieveAndGenerate", "bedrock:Retrieve", "bedrock:CreateProvisionedModelThroughput",
        "bedrock:CreateModelCustomizationJob", "bedrock:CreateEvaluationJob", "bedrock:StartAsyncInvoke",
        "bedrock-mantle:CreateInference", "bedrock-mantle:CallWithBearerToken", "bedrock-websearch:InvokeSearch",
        "bedrock-websearch:InvokeFetch",
    ]

    /// True when an Allow statement of the document covers an action that spends on Bedrock. Conditions and resources
    /// are not looked at: a grant under a condition is a grant.
    package var grantsBedrock: Bool {
        statements.contains { statement in
            guard statement["Effect"]?.stringValue == "Allow" else { return false }
            if let excluded = statement["NotAction"] {
                let patterns = Self.strings(excluded)
                return Self.spendingActions.contains { action in !patterns.contains { Self.matches(action, $0) } }
            }
            let patterns = Self.strings(statement["Action"])
            return Self.spendingActions.contains { action in patterns.contains { Self.matches(action, $0) } }
        }
    }

    private var statements: [JSONValue] {
        switch json["Statement"] {
        case .array(let statements): statements
        case .some(let single): [single]
        case nil: []
        }
    }

    private static func strings(_ value: JSONValue?) -> [String] {
        switch value {
        case .string(let one): [one]
        case .array(let many): many.compactMap(\.stringValue)
        default: []
        }
    }

    /// IAM's action matching: `*` and `?`, upper and lower case alike.
    static func matches(_ action: String, _ pattern: String) -> Bool {
        let text = Array(action.lowercased().utf8)
        let pattern = Array(pattern.lowercased().utf8)
        var textPlace = 0
        var patternPlace = 0
        var star: (pattern: Int, text: Int)?
        while textPlace < text.count {
            if patternPlace < pattern.count, pattern[patternPlace] == UInt8(ascii: "*") {
                star = (patternPlace, textPlace)
                patternPlace += 1
            } else if patternPlace < pattern.count,
                pattern[patternPlace] == text[textPlace] || pattern[patternPlace] == UInt8(ascii: "?")
            {
                textPlace += 1
                patternPlace += 1
            } else if let last = star {
                patternPlace = last.pattern + 1
                textPlace = last.text + 1
                star = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[patternPlace...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func percentDecoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hexadecimalDigit),
                let low = iterator.next().flatMap(hexadecimalDigit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
