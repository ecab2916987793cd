import AWSClient
package import Interpreter
package import JSONModel
import Words

/// What IAM shows of a principal that should have no access.
struct ObservedAccess: Sendable {
    /// Differences from what the suspension left, in words.
    var faults: [Wording] = []
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
            var seen = ObservedAccess(isDenied: try await isDenied(snapshot, attached, forEverybody: scope.isWhole))
            if mode.denies || !scope.isWhole, !seen.isDenied {
                seen.faults.append(
                    Wording("the deny policy is not in place", es: "la política de denegación no está puesta"))
            }
            if scope.isWhole, mode.detaches {
                seen.faults += snapshot.bedrockPolicies.filter { attached.contains($0.arn) }.map {
                    Wording("\($0.arn) is attached", es: "\($0.arn) está asociada")
                }
            }
            if scope.isWhole, mode.inactivatesKeys {
                let keys = try await reader.bedrockCredentials(of: snapshot.identity, knowing: snapshot.activeKeys)
                let active = Set(keys.filter { $0.status == "Active" }.map(\.id))
                seen.faults += snapshot.activeKeys.filter(active.contains).map {
                    Wording("the key \($0) is active", es: "la clave \($0) está activa")
                }
                // Neither a deny nor a detach holds them.
                if !mode.detaches, !seen.isDenied { seen.faults += Self.keysBesides(snapshot, keys) }
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
            // It asks about any resource, and so passes over a grant of one model: the policies are read all the same.
            if scope.isWhole, !seen.isDenied {
                let grants = try await grantsBesidesTaken(snapshot)
                seen.faults += grants ?? (seen.simulation == nil ? [Self.nobodyCanTell] : [])
            }
            if seen.simulation == "allowed" { seen.faults.append(Self.simulationAllows) }
            return seen
        }
    }

    /// Sessions of the scope that the deny does not name.
    private func sessionsBeyondDeny(
        _ snapshot: AccessSnapshot, _ document: PolicyDocument?, _ names: [String]
    ) -> [String] {
        guard let document, DenyPolicy.isForSessions(document) else { return [] }
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
            return Self.comparison(
                [Wording("the principal is gone", es: "la identidad ya no existe")], ["gone": true])
        } catch  where error.error == "Steward.PrincipalReplaced" {
            let fault = Wording(
                "the principal was deleted and made again: it is not suspended",
                es: "la identidad se borró y se volvió a crear: no está suspendida")
            return Self.comparison([fault], ["replaced": true])
        }
        let seen = try await observe(snapshot, mode, scope, anySession: anySession)
        let faults =
            seen.faults
            + seen.newSessions.map {
                Wording("the deny does not name the session \($0)", es: "la denegación no nombra la sesión \($0)")
            }
        return Self.comparison(
            faults, ["newSessionsOnly": .bool(seen.faults.isEmpty && !faults.isEmpty)])
    }

    /// The result of a comparison, with what is true of it besides.
    static func comparison(_ faults: [Wording], _ more: JSONObject) -> JSONValue {
        var result: JSONObject = ["intact": .bool(faults.isEmpty), "gone": false, "replaced": false]
        for (name, value) in Wording.members("faults", faults) { result[name] = value }
        for (name, value) in more { result[name] = value }
        return .object(result)
    }
}
