import JSONModel
import StatesLanguage

/// What `foreach` fills in for `${name}`.
struct Filling {
    static let none = Filling(values: [:])

    let values: JSONObject

    private enum Segment {
        case text(Substring)
        case placeHolder(name: String, start: String.Index)
    }

    /// The value that takes the place of a text that is one place-holder.
    func value(insteadOf text: String) -> JSONValue? {
        guard text.hasPrefix("${"), text.hasSuffix("}") else { return nil }
        return values[String(text.dropFirst(2).dropLast())]
    }

    /// The text with values in the place of place-holders. What is filled in is not looked at again.
    func fill(_ text: String) -> String {
        guard !values.isEmpty else { return text }
        return segments(of: text).reduce(into: "") { filled, segment in
            switch segment {
            case .text(let part): filled += part
            case .placeHolder(let name, _):
                filled += values[name].map { $0.stringValue ?? $0.jsonString } ?? "${\(name)}"
            }
        }
    }

    func fill(_ value: JSONValue) -> JSONValue {
        guard !values.isEmpty else { return value }
        switch value {
        case .string(let text): return self.value(insteadOf: text) ?? .string(fill(text))
        case .array(let elements): return .array(elements.map(fill))
        case .object(let object): return .object(JSONObject(object.map { (fill($0), fill($1)) }))
        default: return value
        }
    }

    func holds(in text: String) -> Bool { fill(text) != text }

    /// The place-holders that nothing is filled in for.
    /// - Returns: `character` counts the Unicode scalars before it.
    func unfilled(in text: String) -> [(name: String, character: Int)] {
        segments(of: text).compactMap { segment in
            guard case .placeHolder(let name, let start) = segment, !values.contains(name) else { return nil }
            return (name, text.unicodeScalars.distance(from: text.startIndex, to: start))
        }
    }

    private func segments(of text: String) -> [Segment] {
        var segments: [Segment] = []
        var rest = text[...]
        while let mark = rest.firstRange(of: "${") {
            guard let end = rest[mark.upperBound...].firstIndex(of: "}") else { break }
            let name = String(rest[mark.upperBound..<end])
            guard values.contains(name) || Self.isName(name) else {
                segments.append(.text(rest[..<mark.upperBound]))
                rest = rest[mark.upperBound...]
                continue
            }
            segments.append(.text(rest[..<mark.lowerBound]))
            segments.append(.placeHolder(name: name, start: mark.lowerBound))
            rest = rest[rest.index(after: end)...]
        }
        return segments + [.text(rest)]
    }

    /// Whether it is meant as a place-holder's name: variables of IAM policies (`${aws:username}`) and JSONata's
    /// `${key: value}` are not.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.first, first.isLetter || first == "_" else { return false }
        return text.allSatisfy { $0.isLetter || $0.isNumber || "_-.".contains($0) }
    }
}

extension Node {
    /// Reports place-holders that nothing is filled in for, and names that are the same once they are filled in.
    /// - Parameter hint: what to do about the former, unless another name is near.
    func checkPlaceHolders(hint: (_ name: String) -> String) {
        switch content {
        case .scalar(let value):
            guard let text = value.stringValue, !isFilledIn else { return }
            for (name, character) in filling.unfilled(in: text) {
                reportUnfilled(name, hint, position: findings.document.position(of: pointer, character: character))
            }
        case .list(let nodes): for node in nodes { node.checkPlaceHolders(hint: hint) }
        case .mapping(let members):
            var seen: Set<MemberName> = []
            for member in members {
                for (name, _) in member.filling.unfilled(in: member.name) {
                    member.reportUnfilled(name, hint, position: member.keyPosition)
                }
                if !seen.insert(MemberName(member.name)).inserted {
                    member.reportKey(
                        "The name '\(member.name)' stands here twice", hint: "once '\(member.writtenName)' is filled in"
                    )
                }
                member.checkPlaceHolders(hint: hint)
            }
        }
    }

    private func reportUnfilled(_ name: String, _ hint: (_ name: String) -> String, position: SourcePosition?) {
        let similar = closest(to: name, among: filling.values.keys).map { "did you mean '${\($0)}'?" }
        findings.report(
            "Nothing is filled in for '${\(name)}'", at: pointer, position: position, hint: similar ?? hint(name))
    }
}
