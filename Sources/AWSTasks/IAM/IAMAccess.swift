package import AWSClient
package import Interpreter
import JSONModel
package import WallTime

/// How access is taken away: the union of a deny, a detach and inactive keys that the name says.
package enum SuspensionMode: String, Sendable, CaseIterable {
    /// Detach the managed policies that grant Bedrock.
    case detach
    /// Put the deny policy.
    case deny
    /// The deny first, then detach.
    case both
    /// Set the Bedrock API keys inactive; other credentials of the user go on.
    case key
    case denyAndKey = "deny+key"
    case detachAndKey = "detach+key"
    case all = "both+key"

    var denies: Bool { [.deny, .both, .denyAndKey, .all].contains(self) }
    var detaches: Bool { [.detach, .both, .detachAndKey, .all].contains(self) }
    var inactivatesKeys: Bool { [.key, .denyAndKey, .detachAndKey, .all].contains(self) }
}

/// Backs up, takes away, verifies and gives back the Bedrock access of an IAM user or role.
///
/// Every operation states the wished result and reads before it writes, so that repeating it after a crash changes
/// nothing and calls nothing that was done.
package struct IAMAccess: Sendable {
    let client: AWSClient
    let clock: WallClock
    /// ARNs that are never touched: the break-glass list as it is now.
    var untouchable: Set<String> { currentlyUntouchable() }
    private let currentlyUntouchable: @Sendable () -> Set<String>
    /// How those are tagged whose access is taken; nil for not at all.
    let tags: SuspensionTags?
    let pace: WritePace
    /// Notes what would be written instead of writing it; nil when it is meant.
    private(set) var rehearsal: Rehearsal?
    var reader: IAMReader { IAMReader(client: client) }

    /// - Parameters:
    ///   - untouchable: asked each time that access would be taken.
    ///   - pace: Shared by all that write to IAM; by default one of its own.
    package init(
        client: AWSClient, clock: WallClock, untouchable: @escaping @Sendable () -> Set<String> = { [] },
        tags: SuspensionTags? = nil, pace: WritePace? = nil
    ) {
        self.client = client
        self.clock = clock
        currentlyUntouchable = untouchable
        self.tags = tags
        self.pace = pace ?? WritePace(clock: clock)
    }

    /// Reads everything that gives access. Changes nothing.
    /// - Parameter account: The account that it belongs to; nil where that is not known, and the name has to do.
    /// - Throws: `Steward.OtherAccount`, `Steward.PrincipalGone`, `Steward.Unenforceable`, `IAM.…`.
    package func snapshot(
        of identity: IAMIdentity, in account: String? = nil
    ) async throws(TaskFailure) -> AccessSnapshot {
        if let account { try await requireOwn(account, identity) }
        let entity = try await find(identity)
        try requireEnforceable(entity)
        return try await attempt("backing up the access of \(identity)") { () async throws(AWSError) in
            let (inline, denied) = try await inlinePolicies(of: identity)
            let attached = try await attachedPolicies(of: identity, besides: entity.arn)
            return AccessSnapshot(
                identity: entity.identity, entityID: entity.id, arn: entity.arn, takenAt: clock.now(),
                underSuspension: denied || attached.denied, attached: attached.own, inline: inline,
                groups: try await reader.groups(of: identity), permissionsBoundary: entity.permissionsBoundary,
                serviceCredentials: try await reader.bedrockCredentials(of: identity))
        }
    }

    /// The principal's own managed policies, and whether Steward's deny is among those attached.
    func attachedPolicies(
        of identity: IAMIdentity, besides arn: String
    ) async throws(AWSError) -> (own: [AccessSnapshot.Attached], denied: Bool) {
        let deny = DenyPolicy.managedARN(besides: arn)
        var own: [AccessSnapshot.Attached] = []
        var denied = false
        for policy in try await reader.attachedPolicies(of: identity) {
            guard policy.arn != deny else {
                denied = true
                continue
            }
            let document = try await reader.managedPolicy(policy.arn)
            own.append(.init(name: policy.name, arn: policy.arn, grantsBedrock: document?.grantsBedrock ?? false))
        }
        return (own, denied)
    }

    /// The principal's own inline policies, and whether Steward's deny is among them.
    func inlinePolicies(
        of identity: IAMIdentity
    ) async throws(AWSError) -> (own: [AccessSnapshot.Inline], denied: Bool) {
        var own: [AccessSnapshot.Inline] = []
        var denied = false
        for name in try await reader.inlinePolicyNames(of: identity) {
            if name == DenyPolicy.name {
                denied = true
            } else if let document = try await reader.inlinePolicy(name, of: identity) {
                own.append(.init(name: name, document: document.json, grantsBedrock: document.grantsBedrock))
            }
        }
        return (own, denied)
    }

    /// - Throws: `Steward.PrincipalGone` when IAM does not know it.
    func find(_ identity: IAMIdentity) async throws(TaskFailure) -> IAMReader.Entity {
        do {
            return try await reader.entity(identity)
        } catch  where error.code == "NoSuchEntity" {
            throw stewardFailure("PrincipalGone", "\(identity) is not in IAM any more: \(error.message)")
        } catch {
            throw iamFailure(error, doing: "looking up \(identity)")
        }
    }

    /// It exists and is still the one that the snapshot was taken of. That it is gone is not believed of an account that
    /// is not the snapshot's: Steward may have been given other credentials.
    @discardableResult
    func requireSame(_ snapshot: AccessSnapshot) async throws(TaskFailure) -> IAMReader.Entity {
        let entity: IAMReader.Entity
        do {
            entity = try await find(snapshot.identity)
        } catch {
            if error.error == "Steward.PrincipalGone" { try await requireOwn(snapshot) }
            throw error
        }
        guard entity.id == snapshot.entityID else {
            try await requireOwn(snapshot)
            throw stewardFailure(
                "PrincipalReplaced",
                "\(snapshot.identity) was deleted and made again since the backup (id \(snapshot.entityID), now "
                    + "\(entity.id)): the backup is not its own. Nothing was changed.")
        }
        return entity
    }

    /// Runs what acts on the principal of a backup. IAM names whoever is missing alike, policies and principals: where
    /// something is, it is looked whether the principal was deleted meanwhile before a policy is blamed.
    /// - Throws: `Steward.PrincipalGone`, `Steward.PrincipalReplaced`, and what `work` does.
    func whileSame<Result>(
        _ snapshot: AccessSnapshot, _ work: () async throws(TaskFailure) -> Result
    ) async throws(TaskFailure) -> Result {
        do {
            return try await work()
        } catch {
            let isMissing = ["IAM.NoSuchEntity", "Steward.RestorationIncomplete"].contains(error.error)
            if isMissing { try await requireSame(snapshot) }
            throw error
        }
    }

    /// IAM goes by names: whoever has one in the account in which Steward acts is not who has it elsewhere.
    private func requireOwn(_ account: String, _ identity: IAMIdentity) async throws(TaskFailure) {
        let own = Self.account(of: try await callerARN())
        guard let own, own != account else { return }
        throw stewardFailure(
            "OtherAccount",
            "\(identity) belongs to the account \(account), and Steward acts in \(own): nothing was changed. Whoever "
                + "has the name in \(own) is somebody else. Limit it in its own account, or run a Steward there.")
    }

    private func requireOwn(_ snapshot: AccessSnapshot) async throws(TaskFailure) {
        guard let account = Self.account(of: snapshot.arn) else { return }
        try await requireOwn(account, snapshot.identity)
    }

    /// Who Steward acts as, as STS names it.
    func callerARN() async throws(TaskFailure) -> String {
        try await attempt("asking STS who Steward is") { () async throws(AWSError) in
            try await client.call("sts", "GetCallerIdentity", [:])["Arn"]?.stringValue ?? ""
        }
    }

    /// The account that an ARN names; nil when it names none.
    static func account(of arn: String) -> String? {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count == 6 && !parts[4].isEmpty ? String(parts[4]) : nil
    }

    /// Roles that AWS manages can't be changed by anybody in the account: those of Identity Center and of services.
    func requireEnforceable(_ entity: IAMReader.Entity) throws(TaskFailure) {
        let isReserved = entity.path.hasPrefix("/aws-reserved/") || entity.path.hasPrefix("/aws-service-role/")
        guard entity.identity.kind == .role, isReserved || entity.identity.name.hasPrefix("AWSReservedSSO_") else {
            return
        }
        throw stewardFailure(
            "Unenforceable",
            "\(entity.identity) is managed by AWS (\(entity.arn)), and nobody in this account may change it. Limit it "
                + "where it is assigned: in IAM Identity Center, or with a service control policy.")
    }

    /// The same, with the writes noted and not made.
    func rehearsing(_ rehearsal: Rehearsal) -> IAMAccess {
        var access = self
        access.rehearsal = rehearsal
        return access
    }

    /// A call that changes IAM, when it is its turn.
    @discardableResult
    func write(_ action: String, _ parameters: JSONObject) async throws(AWSError) -> JSONValue {
        if let rehearsal {
            rehearsal.note(action, parameters)
            return .null
        }
        try await pace.turn(action)
        return try await client.call("iam", action, parameters)
    }

    /// Runs IAM calls and turns what they throw into the task's failure.
    func attempt<Result>(
        _ what: String, _ calls: () async throws(AWSError) -> Result
    ) async throws(TaskFailure) -> Result {
        do {
            return try await calls()
        } catch {
            throw iamFailure(error, doing: what)
        }
    }
}
