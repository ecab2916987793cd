import AWSClient
import Interpreter
import JSONModel
import WallTime

/// The tags that a suspended user or role carries, so that whoever looks at it in IAM sees why it has no access. Only a
/// label: nothing goes by them, and whether they can be written decides nothing.
package struct SuspensionTags: Sendable, Hashable {
    /// `true` while access is taken.
    package var restricted: String
    /// How: a `SuspensionMode`, or `sessions`.
    package var level: String
    /// When they were put, ISO 8601.
    package var timestamp: String

    package static let standard = SuspensionTags(
        restricted: "StewardRestricted", level: "StewardRestrictionLevel", timestamp: "StewardRestrictionTimestamp")

    package init(restricted: String, level: String, timestamp: String) {
        self.restricted = restricted
        self.level = level
        self.timestamp = timestamp
    }

    package var keys: [String] { [restricted, level, timestamp] }

    /// Whether IAM takes it as a tag's key ("Tags for IAM resources").
    package static func isKey(_ text: String) -> Bool {
        text.wholeMatch(of: /[\p{L}\p{Z}\p{N}_.:\/=+\-@]{1,128}/) != nil && !text.lowercased().hasPrefix("aws:")
    }
}

extension IAMAccess {
    /// Tags the principal as suspended, unless it is tagged so already: a repeated step keeps the first time.
    /// - Returns: nil when it is, or when tags are off; else why not, in words.
    func tag(_ identity: IAMIdentity, level: String) async -> String? {
        guard let tags else { return nil }
        do throws(AWSError) {
            let found = try await tagsOf(identity)
            guard found[tags.restricted] != "true" || found[tags.level] != level else { return nil }
            let wished = [
                (tags.restricted, "true"), (tags.level, level), (tags.timestamp, clock.now().iso8601),
            ]
            let list = JSONValue.array(wished.map { ["Key": .string($0.0), "Value": .string($0.1)] })
            try await write("Tag\(identity.word)", identity.naming(["Tags": list]))
            return nil
        } catch {
            return iamFailure(error, doing: "tagging \(identity) as suspended").cause
        }
    }

    /// Takes those tags off that are there.
    /// - Returns: nil when none is left, or when tags are off; else why not, in words.
    func untag(_ identity: IAMIdentity) async -> String? {
        guard let tags else { return nil }
        do throws(AWSError) {
            let found = try await tagsOf(identity)
            let ours = tags.keys.filter { found[$0] != nil }
            guard !ours.isEmpty else { return nil }
            try await write("Untag\(identity.word)", identity.naming(["TagKeys": .array(ours.map(JSONValue.string))]))
            return nil
        } catch  where error.code == "NoSuchEntity" {
            return nil
        } catch {
            return iamFailure(error, doing: "taking the tags of a suspension off \(identity)").cause
        }
    }

    private func tagsOf(_ identity: IAMIdentity) async throws(AWSError) -> [String: String] {
        let list = try await client.callAllPages(
            "iam", "List\(identity.word)Tags", identity.naming(), collecting: "Tags")
        let pairs = list.compactMap { tag in
            tag["Key"]?.stringValue.map { ($0, tag["Value"]?.stringValue ?? "") }
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }
}
