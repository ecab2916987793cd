import AWSClient
package import Interpreter
package import JSONModel
import WallTime

/// What taking access away changed.
package struct TakenAway: Sendable, Equatable {
    package var denied: Bool
    /// ARNs of the managed policies that are detached now and were in the backup.
    package var detached: [String]

    package var json: JSONValue {
        ["denied": .bool(denied), "detached": .array(detached.map(JSONValue.string))]
    }
}

extension IAMAccess {
    /// Takes Bedrock access away in the given mode. The deny comes first: it covers what comes from groups, too.
    /// - Throws: `Steward.RefusesItself` for Steward's own identity and the break-glass list,
    ///   `Steward.PrincipalReplaced` when the user is not the one of the backup, `IAM.…` for what IAM answered.
    package func takeAway(
        _ snapshot: AccessSnapshot, mode: SuspensionMode
    ) async throws(TaskFailure) -> TakenAway {
        try await refuseItself(snapshot.arn)
        try await requireSame(snapshot)
        let userName = snapshot.userName
        if mode.denies {
            try await attempt("denying Bedrock to \(userName)") { () async throws(AWSError) in
                guard try await reader.inlinePolicy(DenyPolicy.name, of: userName) != DenyPolicy.document else {
                    return
                }
                _ = try await client.call(
                    "iam", "PutUserPolicy",
                    [
                        "UserName": .string(userName), "PolicyName": .string(DenyPolicy.name),
                        "PolicyDocument": .string(DenyPolicy.document.json.jsonString),
                    ])
            }
        }
        guard mode.detaches else { return TakenAway(denied: mode.denies, detached: []) }
        let detached = try await attempt("detaching policies of \(userName)") { () async throws(AWSError) in
            try await detach(snapshot.bedrockPolicies.map(\.arn), from: userName)
        }
        return TakenAway(denied: mode.denies, detached: detached)
    }

    /// Detaches those of `arns` that are attached; the answer is all of them, since what is not attached is detached.
    private func detach(_ arns: [String], from userName: String) async throws(AWSError) -> [String] {
        let attached = Set(try await reader.attachedPolicies(of: userName).map(\.arn))
        for arn in arns where attached.contains(arn) {
            do {
                _ = try await client.call(
                    "iam", "DetachUserPolicy", ["UserName": .string(userName), "PolicyArn": .string(arn)])
            } catch  where error.code == "NoSuchEntity" {
                continue
            }
        }
        return arns
    }

    /// Reads back that access is gone, and asks IAM's simulation where it has one.
    /// - Throws: `Steward.NotVerified` when IAM still shows access; the state's `Retry` waits out IAM's own delay.
    package func verifyGone(_ snapshot: AccessSnapshot, mode: SuspensionMode) async throws(TaskFailure) -> JSONValue {
        let userName = snapshot.userName
        let (deny, attached, decision) = try await attempt("verifying that \(userName) has no access") {
            () async throws(AWSError) in
            (
                try await reader.inlinePolicy(DenyPolicy.name, of: userName),
                Set(try await reader.attachedPolicies(of: userName).map(\.arn)),
                try await reader.simulatedInvocation(byARN: snapshot.arn)
            )
        }
        var faults: [String] = []
        if mode.denies, deny != DenyPolicy.document { faults.append("the deny policy is not in place") }
        if mode.detaches {
            faults += snapshot.bedrockPolicies.filter { attached.contains($0.arn) }.map { "\($0.arn) is attached" }
        }
        if decision == "allowed" { faults.append("IAM's simulation still allows bedrock:InvokeModel") }
        guard faults.isEmpty else {
            throw stewardFailure(
                "NotVerified",
                "\(userName) may still have Bedrock access: \(faults.joined(separator: "; ")). IAM can lag behind a "
                    + "change; if this stays, look at what grants the access and redrive.")
        }
        return [
            "verified": true, "checkedAt": .string(clock.now().iso8601),
            "simulation": .string(decision ?? "notOffered"), "denyInPlace": .bool(deny == DenyPolicy.document),
        ]
    }

    private func refuseItself(_ arn: String) async throws(TaskFailure) {
        guard !untouchable.contains(arn) else {
            throw stewardFailure("RefusesItself", "\(arn) is on the break-glass list and is never suspended.")
        }
        let identity = try await attempt("asking STS who Steward is") { () async throws(AWSError) in
            try await client.call("sts", "GetCallerIdentity", [:])
        }
        guard identity["Arn"]?.stringValue != arn else {
            throw stewardFailure("RefusesItself", "\(arn) is Steward's own identity and is never suspended.")
        }
    }
}
