import AWSClient
package import Interpreter
package import JSONModel

/// What IAM shows of a principal that should have no access.
struct ObservedAccess: Sendable {
    /// Differences from what the suspension left, in words.
    var faults: [String] = []
    var isDenied = false
    /// Sessions that should be in the deny and are not.
    var newSessions: [String] = []
    /// What IAM's simulation says of an invocation; nil where it was not asked, or is not offered.
    var simulation: String?
}

extension IAMAccess {
    /// Compares IAM with what a suspension in this mode leaves. Changes nothing.
    func observe(
        _ snapshot: AccessSnapshot, _ mode: SuspensionMode, _ scope: AccessScope, anySession: Bool = true
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
                    try await reader.bedrockCredentials(of: snapshot.identity, knowing: snapshot.activeKeys)
                        .filter { $0.status == "Active" }.map(\.id))
                seen.faults += snapshot.activeKeys.filter(active.contains).map { "the key \($0) is active" }
            }
            var caller: String?
            if case .sessions(let names) = scope {
                let document = try await reader.inlinePolicy(DenyPolicy.name, of: snapshot.identity)
                let beyond = sessionsBeyondDeny(snapshot, document, names)
                if seen.isDenied, !anySession { seen.newSessions = beyond }
                // Whether the deny works is asked for one whom it names.
                let named =
                    names.filter { !beyond.contains($0) } + DenyPolicy.sessions(in: document, roleID: snapshot.entityID)
                caller = (named.first ?? names.first).map { "\(snapshot.entityID):\($0)" }
            }
            // Who only loses keys may well be allowed by other credentials.
            guard seen.isDenied || mode.detaches else { return seen }
            seen.simulation = try await reader.simulatedInvocation(byARN: snapshot.arn, userID: caller)
            if seen.simulation == "allowed" { seen.faults.append("IAM's simulation still allows bedrock:InvokeModel") }
            return seen
        }
    }

    /// Sessions of the scope that the deny does not name.
    private func sessionsBeyondDeny(
        _ snapshot: AccessSnapshot, _ document: PolicyDocument?, _ names: [String]
    ) -> [String] {
        guard let document, document.json["Statement"]?[0]?["Condition"] != nil else { return [] }
        let named = Set(DenyPolicy.sessions(in: document, roleID: snapshot.entityID))
        return names.filter { !named.contains($0) }
    }

    /// How IAM differs from what a suspension has left, for the reconciliation: `intact`, and `faults` in words.
    ///
    /// `gone` says that the principal does not exist any more, `replaced` that another has its name, `newSessionsOnly`
    /// that everything is as it was left and sessions have begun since that the deny does not name.
    /// - Parameter anySession: Whether it is enough that the deny names some sessions.
    package func compare(
        _ snapshot: AccessSnapshot, mode: SuspensionMode, scope: AccessScope, anySession: Bool = false
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
        let seen = try await observe(snapshot, mode, scope, anySession: anySession)
        let faults = seen.faults + seen.newSessions.map { "the deny does not name the session \($0)" }
        return [
            "intact": .bool(faults.isEmpty), "gone": false, "replaced": false,
            "newSessionsOnly": .bool(seen.faults.isEmpty && !faults.isEmpty),
            "faults": .array(faults.map(JSONValue.string)),
        ]
    }
}
