package import AWSClient
package import Interpreter
import JSONModel
package import WallTime

/// How access is taken away.
package enum SuspensionMode: String, Sendable, CaseIterable {
    /// Detach the managed policies that grant Bedrock.
    case detach
    /// Put the deny policy.
    case deny
    /// The deny first, then detach.
    case both

    var denies: Bool { self != .detach }
    var detaches: Bool { self != .deny }
}

/// Backs up, takes away, verifies and gives back an IAM user's Bedrock access.
///
/// Every operation states the wished result and reads before it writes, so that repeating it after a crash changes
/// nothing and calls nothing that was done.
package struct IAMAccess: Sendable {
    let client: AWSClient
    let clock: WallClock
    /// ARNs that are never touched: the break-glass list.
    let untouchable: Set<String>
    var reader: IAMReader { IAMReader(client: client) }

    package init(client: AWSClient, clock: WallClock, untouchable: Set<String> = []) {
        self.client = client
        self.clock = clock
        self.untouchable = untouchable
    }

    /// Reads everything that gives the user access. Changes nothing.
    package func snapshot(userName: String) async throws(TaskFailure) -> AccessSnapshot {
        try await attempt("backing up the access of \(userName)") { () async throws(AWSError) in
            let user = try await reader.user(userName)
            let (inline, denied) = try await inlinePolicies(of: userName)
            return AccessSnapshot(
                userName: user.name, userID: user.id, arn: user.arn, takenAt: clock.now(), underSuspension: denied,
                attached: try await attachedPolicies(of: userName), inline: inline,
                groups: try await reader.groups(of: userName), permissionsBoundary: user.permissionsBoundary,
                serviceCredentials: try await reader.bedrockCredentials(of: userName))
        }
    }

    private func attachedPolicies(of userName: String) async throws(AWSError) -> [AccessSnapshot.Attached] {
        var attached: [AccessSnapshot.Attached] = []
        for policy in try await reader.attachedPolicies(of: userName) {
            let document = try await reader.managedPolicy(policy.arn)
            attached.append(.init(name: policy.name, arn: policy.arn, grantsBedrock: document?.grantsBedrock ?? false))
        }
        return attached
    }

    /// The user's own inline policies, and whether Steward's deny is among them.
    private func inlinePolicies(
        of userName: String
    ) async throws(AWSError) -> (own: [AccessSnapshot.Inline], denied: Bool) {
        var own: [AccessSnapshot.Inline] = []
        var denied = false
        for name in try await reader.inlinePolicyNames(of: userName) {
            if name == DenyPolicy.name {
                denied = true
            } else if let document = try await reader.inlinePolicy(name, of: userName) {
                own.append(.init(name: name, document: document.json, grantsBedrock: document.grantsBedrock))
            }
        }
        return (own, denied)
    }

    /// The user exists and is still the one that the snapshot was taken of.
    func requireSame(_ snapshot: AccessSnapshot) async throws(TaskFailure) {
        let user = try await attempt("looking up \(snapshot.userName)") { () async throws(AWSError) in
            try await reader.user(snapshot.userName)
        }
        guard user.id == snapshot.userID else {
            throw stewardFailure(
                "PrincipalReplaced",
                "\(snapshot.userName) was deleted and made again since the backup (id \(snapshot.userID), now "
                    + "\(user.id)): the backup is not its own. Nothing was changed.")
        }
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
