import AWSClient
package import Interpreter
package import JSONModel

/// What IAM shows of a principal that should have no access.
struct ObservedAccess: Sendable {
    /// Differences from what the suspension left, in words.
    var faults: [String] = []
    var isDenied = false
    /// What IAM's simulation says of an invocation; nil where it was not asked, or is not offered.
    var simulation: String?
}

extension IAMAccess {
    /// Compares IAM with what a suspension in this mode leaves. Changes nothing.
    func observe(
        _ snapshot: AccessSnapshot, _ mode: SuspensionMode, _ scope: AccessScope
    ) async throws(TaskFailure) -> ObservedAccess {
        try await attempt("verifying that \(snapshot.identity) has no access") { () async throws(AWSError) in
            let attached = Set(try await reader.attachedPolicies(of: snapshot.identity).map(\.arn))
            var seen = ObservedAccess(isDenied: try await isDenied(snapshot, attached))
            if mode.denies || !scope.isWhole, !seen.isDenied { seen.faults.append("the deny policy is not in place") }
            if scope.isWhole, mode.detaches {
                seen.faults += snapshot.bedrockPolicies.filter { attached.contains($0.arn) }.map {
                    "\($0.arn) is attached"
                }
            }
            if scope.isWhole, mode.inactivatesKeys {
                let active = Set(
                    (try await reader.bedrockCredentials(of: snapshot.identity) ?? []).filter { $0.status == "Active" }
                        .map(\.id))
                seen.faults += snapshot.activeKeys.filter(active.contains).map { "the key \($0) is active" }
            }
            // Who only loses keys may well be allowed by other credentials.
            guard seen.isDenied || mode.detaches else { return seen }
            seen.simulation = try await reader.simulatedInvocation(
                byARN: snapshot.arn, userID: Self.caller(snapshot, scope))
            if seen.simulation == "allowed" { seen.faults.append("IAM's simulation still allows bedrock:InvokeModel") }
            return seen
        }
    }

    /// `aws:userid` of one of the sessions that the deny is for.
    private static func caller(_ snapshot: AccessSnapshot, _ scope: AccessScope) -> String? {
        guard case .sessions(let sessions) = scope, let first = sessions.first else { return nil }
        return "\(snapshot.entityID):\(first)"
    }

    /// How IAM differs from what a suspension has left, for the reconciliation: `intact`, and `faults` in words.
    ///
    /// `gone` says that the principal does not exist any more, `replaced` that another has its name.
    package func compare(
        _ snapshot: AccessSnapshot, mode: SuspensionMode, scope: AccessScope
    ) async throws(TaskFailure) -> JSONValue {
        do {
            try await requireSame(snapshot)
        } catch  where error.error == "Steward.PrincipalGone" {
            return ["intact": false, "gone": true, "replaced": false, "faults": ["the principal is gone"]]
        } catch  where error.error == "Steward.PrincipalReplaced" {
            return [
                "intact": false, "gone": false, "replaced": true,
                "faults": ["the principal was deleted and made again: it is not suspended"],
            ]
        }
        let seen = try await observe(snapshot, mode, scope)
        return [
            "intact": .bool(seen.faults.isEmpty), "gone": false, "replaced": false,
            "faults": .array(seen.faults.map(JSONValue.string)),
        ]
    }
}
