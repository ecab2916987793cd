import AWSClient

/// Tags of users and roles.
extension IAMModel {
    func tags(_ action: String, of principal: User) -> HTTPResponse {
        let members = principal.tags.sorted { $0.key < $1.key }.map {
            "<member><Key>\($0.key)</Key><Value>\($0.value)</Value></member>"
        }
        return Self.result(action, "<Tags>\(members.joined())</Tags><IsTruncated>false</IsTruncated>")
    }

    /// The tags that a request sets.
    static func tags(in form: [String: String]) -> [String: String] {
        var tags: [String: String] = [:]
        for (name, key) in form where name.hasPrefix("Tags.member.") && name.hasSuffix(".Key") {
            tags[key] = form[name.dropLast(4) + ".Value"] ?? ""
        }
        return tags
    }

    /// The keys that a request removes.
    static func tagKeys(in form: [String: String]) -> [String] {
        form.filter { $0.key.hasPrefix("TagKeys.member.") }.map(\.value)
    }
}
