import AWSClient
package import Interpreter
package import JSONModel

/// Who carries Steward's deny, as IAM tells it.
package struct DenyScan: Sendable, Equatable {
    package var holders: [Holder]
    /// False when IAM did not let Steward look, or there are more than a run takes.
    package var isComplete: Bool
    /// Why it is not complete.
    package var reason: String?

    package struct Holder: Sendable, Equatable {
        package var identity: IAMIdentity
        package var arn: String
    }

    package var json: JSONValue {
        [
            "denies": .array(
                holders.map { holder in
                    [
                        "kind": .string(holder.identity.kind.rawValue), "name": .string(holder.identity.name),
                        "arn": .string(holder.arn),
                    ]
                }), "complete": .bool(isComplete), "reason": reason.map(JSONValue.string) ?? .null,
        ]
    }
}

extension IAMAccess {
    /// Holders that one run takes: their list is part of a state, which holds 256 KiB.
    static let maximumHolders = 500

    /// Lists the users and roles of the account that carry Steward's deny, inline or attached.
    /// - Throws: `IAM.…` for what may pass by itself; that IAM does not let Steward look is part of the result.
    package func scanDenies() async throws(TaskFailure) -> DenyScan {
        var scan = DenyScan(holders: [], isComplete: true)
        var marker: JSONValue?
        repeat {
            var parameters: JSONObject = ["Filter": ["User", "Role"], "MaxItems": 200]
            if let marker { parameters["Marker"] = marker }
            let page: JSONValue
            do {
                page = try await client.call("iam", "GetAccountAuthorizationDetails", parameters)
            } catch  where error.isAccessDenied || error.isOperationMissing {
                return DenyScan(holders: scan.holders, isComplete: false, reason: iamFailure(error, doing: "").cause)
            } catch {
                throw iamFailure(error, doing: "looking for Steward's denies")
            }
            for kind in IAMIdentity.Kind.allCases { scan.holders += Self.holders(kind, in: page) }
            guard scan.holders.count <= Self.maximumHolders else {
                scan.holders.removeLast(scan.holders.count - Self.maximumHolders)
                (scan.isComplete, scan.reason) = (false, "there are more than \(Self.maximumHolders) denies")
                return scan
            }
            marker = page["IsTruncated"] == true ? page["Marker"] : nil
        } while marker != nil
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
            return inline || attached ? DenyScan.Holder(identity: IAMIdentity(kind: kind, name: name), arn: arn) : nil
        }
    }
}
