import AWSClient
package import Interpreter
package import JSONModel

/// Who carries Steward's deny, as IAM tells it.
package struct DenyScan: Sendable, Equatable {
    package var holders: [Holder]
    /// False when IAM did not let Steward look.
    package var isComplete: Bool
    /// Why it is not complete.
    package var reason: String?
    /// Where the next scan goes on; nil when all were looked at.
    package var next: String?
    /// Those whose tags say who they are, `arn` and `tags` of each: IAM tells them along, and nobody else may have.
    package var tagged: [JSONValue] = []

    package struct Holder: Sendable, Equatable {
        package var identity: IAMIdentity
        package var arn: String
        /// IAM's stable id, by which somebody is known who was given another name.
        package var id: String?
    }

    package var json: JSONValue {
        [
            "denies": .array(
                holders.map { holder in
                    [
                        "kind": .string(holder.identity.kind.rawValue), "name": .string(holder.identity.name),
                        "arn": .string(holder.arn), "id": holder.id.map(JSONValue.string) ?? .null,
                    ]
                }), "complete": .bool(isComplete), "reason": reason.map(JSONValue.string) ?? .null,
            "next": next.map(JSONValue.string) ?? .null, "tagged": .array(tagged),
        ]
    }
}

extension IAMAccess {
    /// Holders after which a scan goes on in another step, and principals of a page of IAM's: those that are found, with
    /// what is to be done about each, are part of a state, which holds 256 KiB.
    private static let enoughHolders = 50
    private static let pageSize: Int64 = 100
    /// Bytes that the tags of one principal may take of that state, and after how many a scan goes on in another step.
    private static let longestTags = 512
    private static let enoughTags = 20_000
    /// How the names of the tags end that say who somebody is, after the namespace. Not the mark of a provisioned key:
    /// that is believed of whoever made it.
    private static let tellingTags: Set<Substring> = ["Team", "Person", "Email", "Purpose", "BudgetTier"]

    /// Lists the users and roles of the account that carry Steward's deny, inline or attached, until there are enough.
    /// - Parameter start: `next` of the scan before; nil for the first.
    /// - Throws: `IAM.…` for what may pass by itself; that IAM does not let Steward look is part of the result.
    package func scanDenies(from start: String? = nil) async throws(TaskFailure) -> DenyScan {
        var scan = DenyScan(holders: [], isComplete: true, next: start)
        var tagBytes = 0
        repeat {
            var parameters: JSONObject = ["Filter": ["User", "Role"], "MaxItems": .int(Self.pageSize)]
            if let marker = scan.next { parameters["Marker"] = .string(marker) }
            let page: JSONValue
            do {
                page = try await client.call("iam", "GetAccountAuthorizationDetails", parameters)
            } catch  where error.isAccessDenied || error.isOperationMissing {
                let cause = iamFailure(error, doing: "").cause
                return DenyScan(holders: scan.holders, isComplete: false, reason: cause, tagged: scan.tagged)
            } catch {
                throw iamFailure(error, doing: "looking for Steward's denies")
            }
            for kind in IAMIdentity.Kind.allCases {
                scan.holders += Self.holders(kind, in: page)
                for (entry, bytes) in Self.tagged(kind, in: page) {
                    scan.tagged.append(entry)
                    tagBytes += bytes
                }
            }
            scan.next = page["IsTruncated"] == true ? page["Marker"]?.stringValue : nil
        } while scan.next != nil && scan.holders.count < Self.enoughHolders && tagBytes < Self.enoughTags
        return scan
    }

    /// Those of a page with tags that say who they are, and how long that is. What is longer than anybody's name and
    /// address is left out: whoever may tag must not make the scan too long for a state.
    private static func tagged(_ kind: IAMIdentity.Kind, in page: JSONValue) -> [(entry: JSONValue, bytes: Int)] {
        let word = IAMIdentity(kind: kind, name: "").word
        return (page["\(word)DetailList"]?.arrayValue ?? []).compactMap { detail in
            guard let arn = detail["Arn"]?.stringValue else { return nil }
            let tags = (detail["Tags"]?.arrayValue ?? []).compactMap { tag -> (String, JSONValue)? in
                guard let key = tag["Key"]?.stringValue, let end = key.split(separator: ":").last,
                    tellingTags.contains(end)
                else { return nil }
                return (key, .string(tag["Value"]?.stringValue ?? ""))
            }
            guard !tags.isEmpty else { return nil }
            let entry: JSONValue = ["arn": .string(arn), "tags": .object(JSONObject(tags))]
            let bytes = entry.jsonBytes.count
            guard bytes <= longestTags else { return nil }
            return (entry: entry, bytes: bytes)
        }
    }

    private static func holders(_ kind: IAMIdentity.Kind, in page: JSONValue) -> [DenyScan.Holder] {
        let word = IAMIdentity(kind: kind, name: "").word
        return (page["\(word)DetailList"]?.arrayValue ?? []).compactMap { detail in
            guard let name = detail["\(word)Name"]?.stringValue, let arn = detail["Arn"]?.stringValue else {
                return nil
            }
            let inline = (detail["\(word)PolicyList"]?.arrayValue ?? []).contains {
                $0["PolicyName"]?.stringValue == DenyPolicy.name
            }
            let managed = DenyPolicy.managedARN(besides: arn)
            let attached = (detail["AttachedManagedPolicies"]?.arrayValue ?? []).contains {
                $0["PolicyArn"]?.stringValue == managed
            }
            guard inline || attached else { return nil }
            return DenyScan.Holder(
                identity: IAMIdentity(kind: kind, name: name), arn: arn, id: detail["\(word)Id"]?.stringValue)
        }
    }
}
