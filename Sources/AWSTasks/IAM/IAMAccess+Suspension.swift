import AWSClient
package import Interpreter
package import JSONModel
import WallTime
package import Words

/// What taking access away changed.
package struct TakenAway: Sendable, Equatable {
    package var denied = false
    /// ARNs of the managed policies that are detached now and were in the backup.
    package var detached: [String] = []
    /// Bedrock API keys that are inactive now and were active in the backup.
    package var inactivated: [String] = []
    /// The sessions that the deny names; empty when it is for everybody.
    package var sessions: [String] = []
    /// ARNs that an attempt from before the role was shared had detached from everybody, and that are attached again.
    package var givenBack: [String] = []
    /// What would have gone on granting access, in words: why there is a deny that the mode does not ask for.
    package var grantedElsewhere: [Wording] = []
    /// Why the principal could not be tagged as suspended, in words: it is suspended all the same.
    package var tagProblem: String?
    /// What is yet to be taken, and is to be noted before; nil when all is done.
    package var next: TakingStep?

    /// - Parameter next: where it begins with a step.
    package init(next: TakingStep? = nil) { self.next = next }

    package var json: JSONValue {
        var object: JSONObject = [
            "denied": .bool(denied), "detached": .array(detached.map(JSONValue.string)),
            "inactivated": .array(inactivated.map(JSONValue.string)),
            "sessions": .array(sessions.map(JSONValue.string)),
            "escalated": .bool(!grantedElsewhere.isEmpty),
            "tagProblem": tagProblem.map(JSONValue.string) ?? .null, "next": next?.json ?? .null,
        ]
        if !givenBack.isEmpty { object["givenBack"] = .array(givenBack.map(JSONValue.string)) }
        for (name, value) in Wording.members("grantedElsewhere", grantedElsewhere) { object[name] = value }
        return .object(object)
    }
}

extension IAMAccess {
    /// Takes Bedrock access away in the given mode. The deny comes first: it covers what comes from groups, too.
    ///
    /// A mode that leaves another way open, a group's policy for one, is not enough: then the deny is put all the same.
    /// - Parameters:
    ///   - scope: For sessions of a shared role there is a deny that names them, whatever the mode: a detach would hit
    ///     everybody.
    ///   - mayEscalate: False when a deny has been found not to fit.
    ///   - earlier: What attempts from before the role was shared were told to do: the sessions that the deny does not name
    ///     get that back. Nil when there were none.
    ///   - accepted: ARNs that a person has given up; see `giveBack`.
    ///   - before: What was taken in the steps before this one, with `next`: only that is taken, and the answer says what
    ///     comes next. Nil to take all at once, of a backup that says what is `taken` only that.
    /// - Throws: `Steward.RefusesItself` for Steward's own identity and the break-glass list,
    ///   `Steward.PrincipalReplaced` when it is not the one of the backup, `Steward.PrincipalGone`,
    ///   `Steward.Unenforceable`, `Steward.DenyDoesNotFit`, `Steward.RestorationIncomplete` when the sessions are denied
    ///   and the others can't get all back, `IAM.…` for what IAM answered.
    package func takeAway(
        _ snapshot: AccessSnapshot, mode: SuspensionMode, scope: AccessScope = .whole, mayEscalate: Bool = true,
        earlier: SuspensionMode? = nil, accepted: Set<String> = [], after before: TakenAway? = nil
    ) async throws(TaskFailure) -> TakenAway {
        try await whileSame(snapshot) { () async throws(TaskFailure) in
            try await take(snapshot, mode, scope, mayEscalate, earlier, accepted, before)
        }
    }

    private func take(
        _ snapshot: AccessSnapshot, _ mode: SuspensionMode, _ scope: AccessScope, _ mayEscalate: Bool,
        _ earlier: SuspensionMode?, _ accepted: Set<String>, _ before: TakenAway?
    ) async throws(TaskFailure) -> TakenAway {
        var taken = try await takeAccess(snapshot, mode, scope, mayEscalate, before)
        guard taken.next == nil else { return taken }
        if !scope.isWhole, let earlier {
            taken.givenBack = try await giveBackToOtherSessions(snapshot, earlier, accepted: accepted)
        }
        taken.tagProblem = await tag(snapshot.identity, level: scope.isWhole ? mode.rawValue : "sessions")
        return taken
    }

    private func takeAccess(
        _ snapshot: AccessSnapshot, _ mode: SuspensionMode, _ scope: AccessScope, _ mayEscalate: Bool,
        _ before: TakenAway?
    ) async throws(TaskFailure) -> TakenAway {
        try await refuseItself(snapshot)
        try requireEnforceable(try await requireSame(snapshot))
        var taken = before ?? TakenAway()
        taken.next = nil
        if case .sessions(let sessions) = scope {
            try await deny(snapshot, scope)
            (taken.denied, taken.sessions) = (true, sessions)
            return taken
        }
        let step = before?.next ?? TakingStep(kind: .all)
        if step.kind.isFirst, mode.denies {
            try await deny(snapshot, scope)
            taken.denied = true
        }
        taken.next = try await takeItems(step, snapshot, mode, &taken)
        guard taken.next == nil else { return taken }
        guard !mode.denies, mayEscalate else { return taken }
        taken.grantedElsewhere = try await grantsThatStay(snapshot, mode)
        guard !taken.grantedElsewhere.isEmpty else { return taken }
        try await deny(snapshot, scope)
        taken.denied = true
        return taken
    }

    /// Takes what the step is about, behind the deny.
    /// - Returns: the next step, with what it will take; nil when there is none.
    private func takeItems(
        _ step: TakingStep, _ snapshot: AccessSnapshot, _ mode: SuspensionMode, _ taken: inout TakenAway
    ) async throws(TaskFailure) -> TakingStep? {
        if step.kind == .first, mode.detaches {
            let attached = try await attachedNow(snapshot)
            let policies = snapshot.bedrockPolicies.map(\.arn).filter(attached.contains)
            if !policies.isEmpty { return TakingStep(kind: .detach, items: policies) }
        }
        if mode.detaches, step.kind == .detach || step.kind == .all {
            let policies = snapshot.bedrockPolicies.map(\.arn).filter(step.items.contains)
            taken.detached = try await attempt("detaching policies of \(snapshot.identity)") {
                () async throws(AWSError) in
                try await detach(step.kind == .all ? snapshot.takenPolicies : policies, from: snapshot.identity)
            }
        }
        guard mode.inactivatesKeys else { return nil }
        switch step.kind {
        case .all: taken.inactivated = try await setInactive(snapshot.takenKeys, snapshot)
        case .key:
            taken.inactivated = try await setInactive(
                snapshot.activeKeys.filter(step.items.contains), snapshot)
        case .first, .detach:
            let keys = try await activeNow(snapshot)
            if !keys.isEmpty { return TakingStep(kind: .key, items: keys) }
        }
        return nil
    }

    /// ARNs of the managed policies that are attached.
    func attachedNow(_ snapshot: AccessSnapshot) async throws(TaskFailure) -> Set<String> {
        try await attempt("reading the policies of \(snapshot.identity)") { () async throws(AWSError) in
            Set(try await reader.attachedPolicies(of: snapshot.identity).map(\.arn))
        }
    }

    /// Detaches those of `arns` that are attached; the answer is all of them, since what is not attached is detached.
    private func detach(_ arns: [String], from identity: IAMIdentity) async throws(AWSError) -> [String] {
        let attached = Set(try await reader.attachedPolicies(of: identity).map(\.arn))
        for arn in arns where attached.contains(arn) {
            do {
                try await write("Detach\(identity.word)Policy", identity.naming(["PolicyArn": .string(arn)]))
            } catch  where error.code == "NoSuchEntity" {
                continue
            }
        }
        return arns
    }

    /// What still lets the principal spend after a detach, or after its keys are inactive, in words.
    ///
    /// A detach leaves groups, the principal's own inline policies, and what was attached after the backup; IAM's
    /// simulation knows of more where it is offered. A mode that only takes keys means to leave the rest, so it is not
    /// enough only when there is no key.
    func grantsThatStay(
        _ snapshot: AccessSnapshot, _ mode: SuspensionMode
    ) async throws(TaskFailure) -> [Wording] {
        guard mode.detaches else { return try await keysThatStay(snapshot) }
        return try await attempt("looking for what else grants \(snapshot.identity) access") {
            () async throws(AWSError) in
            let known = try await grantsBesidesTaken(snapshot)
            if let known, !known.isEmpty { return known }
            switch try await reader.simulatedInvocation(byARN: snapshot.arn) {
            // Where a rehearsal has noted what would be detached, IAM speaks of what is attached still.
            case "allowed" where rehearsal?.parameters(of: "Detach\(snapshot.identity.word)Policy").isEmpty != false:
                return [Self.simulationAllows]
            case nil where known == nil: return [Self.nobodyCanTell]
            default: return []
            }
        }
    }

    /// What grants access now and is not among the managed policies that a detach takes: what was attached since the
    /// backup or says something else since, its own inline policies, and its groups. Nil when there is none of its own
    /// and Steward may not read groups.
    func grantsBesidesTaken(_ snapshot: AccessSnapshot) async throws(AWSError) -> [Wording]? {
        let taken = Set(snapshot.bedrockPolicies.map(\.arn))
        var own: [Wording] = []
        for policy in try await attachedPolicies(of: snapshot.identity, besides: snapshot.arn).own
        where policy.grantsBedrock && !taken.contains(policy.arn) {
            own.append(
                Wording(
                    "\(policy.arn) grants it since the backup",
                    es: "lo concede \(policy.arn) desde la copia de seguridad"))
        }
        for policy in try await inlinePolicies(of: snapshot.identity).own where policy.grantsBedrock {
            own.append(
                Wording(
                    "its inline policy \(policy.name) grants it",
                    es: "lo concede su política insertada \(policy.name)"))
        }
        let ofGroups = try await reader.groupGrants(of: snapshot.identity)
        return own.isEmpty ? ofGroups : own + (ofGroups ?? [])
    }

    static let simulationAllows = Wording(
        "IAM's simulation still allows bedrock:InvokeModel",
        es: "la simulación de IAM todavía permite bedrock:InvokeModel")

    /// What nobody can tell may well be a grant.
    static let nobodyCanTell = Wording(
        "Steward may read neither its groups nor IAM's simulation",
        es: "Steward no puede leer ni sus grupos ni la simulación de IAM")

    func keysThatStay(_ snapshot: AccessSnapshot) async throws(TaskFailure) -> [Wording] {
        guard !snapshot.activeKeys.isEmpty else {
            return [
                Wording(
                    "it has no active Bedrock API key that could be taken",
                    es: "no tiene ninguna clave de API de Bedrock activa que se pudiera retirar")
            ]
        }
        let now = try await attempt("reading the Bedrock API keys of \(snapshot.identity)") {
            () async throws(AWSError) in
            try await reader.bedrockCredentials(of: snapshot.identity, knowing: snapshot.activeKeys)
        }
        return Self.keysBesides(snapshot, now)
    }

    /// Keys that are active and that mode `key` does not take, since they were not active in the backup: taking them would
    /// be no use, as a restoration may give back nothing that was not there.
    static func keysBesides(_ snapshot: AccessSnapshot, _ now: [AccessSnapshot.ServiceCredential]) -> [Wording] {
        let taken = Set(snapshot.activeKeys)
        let inactive = Set((snapshot.serviceCredentials ?? []).map(\.id)).subtracting(taken)
        return now.filter { $0.status == "Active" && !taken.contains($0.id) }.map { key in
            inactive.contains(key.id)
                ? Wording(
                    "the key \(key.id), which was inactive, is active",
                    es: "la clave \(key.id), que estaba inactiva, está activa")
                : Wording(
                    "the key \(key.id) was made since the backup",
                    es: "la clave \(key.id) se ha creado después de la copia de seguridad")
        }
    }

    /// Reads back that access is gone, and asks IAM's simulation where it has one.
    /// - Throws: `Steward.NotVerified` when IAM still shows access; the state's `Retry` waits out IAM's own delay.
    package func verifyGone(
        _ snapshot: AccessSnapshot, mode: SuspensionMode, scope: AccessScope = .whole
    ) async throws(TaskFailure) -> JSONValue {
        let seen = try await whileSame(snapshot) { () async throws(TaskFailure) in
            try await requireSame(snapshot)
            return try await observe(snapshot, mode, scope)
        }
        guard seen.faults.isEmpty else {
            let faults = seen.faults.map(\.english).joined(separator: "; ")
            throw stewardFailure(
                "NotVerified",
                "\(snapshot.identity) may still have Bedrock access: \(faults). IAM can "
                    + "lag behind a change; if this stays, look at what grants the access and redrive.")
        }
        return [
            "verified": true, "checkedAt": .string(clock.now().iso8601),
            "simulation": .string(seen.simulation ?? "notOffered"), "denyInPlace": .bool(seen.isDenied),
        ]
    }

    private func refuseItself(_ snapshot: AccessSnapshot) async throws(TaskFailure) {
        let arn = snapshot.arn
        guard !untouchable.contains(arn) else {
            throw stewardFailure("RefusesItself", "\(arn) is on the break-glass list and is never suspended.")
        }
        let own = try await callerARN()
        // A role acts under the ARN of a session: arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION.
        let isOwnRole =
            snapshot.identity.kind == .role && own.contains(":assumed-role/\(snapshot.identity.name)/")
            && Self.account(of: own) == Self.account(of: arn)
        guard own != arn, !isOwnRole else {
            throw stewardFailure("RefusesItself", "\(arn) is Steward's own identity and is never suspended.")
        }
    }
}
