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
            "next": next.map(JSONValue.string) ?? .null,
        ]
    }
}

extension IAMAccess {
    /// Holders after which a scan goes on in another step, and principals of a page of IAM's: those that are found, with
    /// what is to be done about each, are part of a state, which holds 256 KiB.
    private static let enoughHolders = 50
    private static let pageSize: Int64 = 100

    /// Lists the users and roles of the account that carry Steward's deny, inline or attached, until there are enough.
    /// - Parameter start: `next` of the scan before; nil for the first.
    /// - Throws: `IAM.…` for what may pass by itself; that IAM does not let Steward look is part of the result.
    package func scanDenies(from start: String? = nil) async throws(TaskFailure) -> DenyScan {
        var scan = DenyScan(holders: [], isComplete: true, next: start)
        repeat {
            var parameters: JSONObject = ["Filter": ["User", "Role"], "MaxItems": .int(Self.pageSize)]
            if let marker = scan.next { parameters["Marker"] = .string(marker) }
            let page: JSONValue
            do {
                page = try await client.call("iam", "GetAccountAuthorizationDetails", parameters)
            } catch  where error.isAccessDenied || error.isOperationMissing {
                return DenyScan(holders: scan.holders, isComplete: false, reason: iamFailure(error, doing: "").cause)
            } catch {
                throw iamFailure(error, doing: "looking for Steward's denies")
            }
            for kind in IAMIdentity.Kind.allCases { scan.holders += Self.holders(kind, in: page) }
            scan.next = page["IsTruncated"] == true ? page["Marker"]?.stringValue : nil
        } while scan.next != nil && scan.holders.count < Self.enoughHolders
        return scan
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
