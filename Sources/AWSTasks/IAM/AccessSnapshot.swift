package import JSONModel
package import WallTime
import AWSClient

/// What gave a principal its access, as IAM told it: the backup that a suspension takes before it changes anything. A
/// restoration gives back nothing else, and of this only what was taken.
package struct AccessSnapshot: Sendable, Equatable {
    package struct Attached: Sendable, Equatable {
        package var name: String
        package var arn: String
        /// Whether the policy lets its holder spend on Bedrock: these are the ones that mode `detach` takes away.
        package var grantsBedrock: Bool
    }

    package struct Inline: Sendable, Equatable {
        package var name: String
        package var document: JSONValue
        package var grantsBedrock: Bool
    }

    package struct ServiceCredential: Sendable, Equatable {
        package var id: String
        package var status: String
    }

    package var identity: IAMIdentity
    /// IAM's stable id: whoever was deleted and made again under the same name has another.
    package var entityID: String
    package var arn: String
    package var takenAt: Instant
    /// True when Steward's deny was in place already: such a snapshot does not show what the principal had before.
    package var underSuspension: Bool
    package var attached: [Attached]
    package var inline: [Inline]
    package var groups: [String]
    package var permissionsBoundary: String?
    /// Bedrock API keys of the user; nil when this IAM does not offer them.
    package var serviceCredentials: [ServiceCredential]?
    /// ARNs and ids of keys that suspensions were about to take; nil where nobody has noted it, and all may be. The ledger
    /// keeps it beside the snapshot.
    package var taken: Set<String>?

    /// The Bedrock API keys that were in use: those that mode `key` sets inactive, and no others.
    package var activeKeys: [String] { (serviceCredentials ?? []).filter { $0.status == "Active" }.map(\.id) }

    /// The managed policies that mode `detach` takes away.
    package var bedrockPolicies: [Attached] { attached.filter(\.grantsBedrock) }

    /// Those of `activeKeys` that a restoration sets active.
    var takenKeys: [String] { activeKeys.filter(mayBeTaken) }

    /// Those of `bedrockPolicies`, by ARN, that a restoration attaches.
    var takenPolicies: [String] { bedrockPolicies.map(\.arn).filter(mayBeTaken) }

    func mayBeTaken(_ item: String) -> Bool { taken?.contains(item) ?? true }
}

extension AccessSnapshot {
    static let format: Int64 = 1

    /// The snapshot as the workflow carries it and the ledger stores it, with a hash over everything else.
    package var json: JSONValue {
        var object = members
        object["hash"] = .string(hash)
        return .object(object)
    }

    /// SHA-256 over the snapshot's JSON without the hash, in hexadecimal.
    package var hash: String { hexadecimal(sha256(JSONValue.object(members).jsonBytes)) }

    private var members: JSONObject {
        // A user's snapshot says no kind: those that earlier versions took had none, and their hashes hold.
        var object: JSONObject = ["format": .int(Self.format)]
        if identity.kind == .role { object["kind"] = "role" }
        object["\(identity.kind.rawValue)Name"] = .string(identity.name)
        object["\(identity.kind.rawValue)Id"] = .string(entityID)
        for (name, value) in grants { object[name] = value }
        return object
    }

    private var grants: JSONObject {
        [
            "arn": .string(arn),
            "takenAt": .string(takenAt.iso8601),
            "takenUnderSuspension": .bool(underSuspension),
            "attachedPolicies": .array(
                attached.map {
                    ["name": .string($0.name), "arn": .string($0.arn), "grantsBedrock": .bool($0.grantsBedrock)]
                }),
            "inlinePolicies": .array(
                inline.map {
                    ["name": .string($0.name), "document": $0.document, "grantsBedrock": .bool($0.grantsBedrock)]
                }),
            "groups": .array(groups.map(JSONValue.string)),
            "permissionsBoundary": permissionsBoundary.map(JSONValue.string) ?? .null,
            "serviceCredentials": serviceCredentials.map { credentials in
                .array(credentials.map { ["id": .string($0.id), "status": .string($0.status)] })
            } ?? .null,
        ]
    }

    /// Reads a snapshot back. Nil when a part is missing or the hash does not fit what it covers: a damaged backup is
    /// not acted upon.
    package init?(json: JSONValue) {
        let kind = json["kind"]?.stringValue ?? IAMIdentity.Kind.user.rawValue
        guard json["format"]?.intValue == Self.format, let kind = IAMIdentity.Kind(rawValue: kind),
            let name = json["\(kind.rawValue)Name"]?.stringValue,
            let entityID = json["\(kind.rawValue)Id"]?.stringValue, let arn = json["arn"]?.stringValue,
            let takenAt = json["takenAt"]?.stringValue.flatMap(Instant.init(iso8601:)),
            let underSuspension = json["takenUnderSuspension"]?.boolValue,
            let attached = json["attachedPolicies"]?.arrayValue, let inline = json["inlinePolicies"]?.arrayValue,
            let groups = json["groups"]?.arrayValue
        else { return nil }
        self.init(
            identity: IAMIdentity(kind: kind, name: name), entityID: entityID, arn: arn, takenAt: takenAt,
            underSuspension: underSuspension,
            attached: attached.compactMap(Attached.init), inline: inline.compactMap(Inline.init),
            groups: groups.compactMap(\.stringValue), permissionsBoundary: json["permissionsBoundary"]?.stringValue,
            serviceCredentials: json["serviceCredentials"]?.arrayValue?.compactMap(ServiceCredential.init))
        guard json["hash"]?.stringValue == hash else { return nil }
    }
}

extension AccessSnapshot.Attached {
    fileprivate init?(_ json: JSONValue) {
        guard let name = json["name"]?.stringValue, let arn = json["arn"]?.stringValue,
            let grants = json["grantsBedrock"]?.boolValue
        else { return nil }
        self.init(name: name, arn: arn, grantsBedrock: grants)
    }
}

extension AccessSnapshot.Inline {
    fileprivate init?(_ json: JSONValue) {
        guard let name = json["name"]?.stringValue, let document = json["document"],
            let grants = json["grantsBedrock"]?.boolValue
        else { return nil }
        self.init(name: name, document: document, grantsBedrock: grants)
    }
}

extension AccessSnapshot.ServiceCredential {
    fileprivate init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, let status = json["status"]?.stringValue else { return nil }
        self.init(id: id, status: status)
    }
}
