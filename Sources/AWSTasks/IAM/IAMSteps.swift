package import Engine
import Interpreter
package import JSONModel
import Words

/// The IAM side of the domain steps, by activity name: what a Task whose resource is `activity:NAME` does in IAM.
///
/// | activity | input | result |
/// | --- | --- | --- |
/// | `back-up-access` | | the snapshot (`AccessSnapshot.json`) |
/// | `take-away-access` | `enforcement`, `scope`, `backup`, `taken` of the step before | `TakenAway.json` |
/// | `verify-access-gone` | `enforcement`, `scope`, `backup` | `verified`, `checkedAt`, `simulation`, `denyInPlace` |
/// | `give-back-access` | `enforcement`, `backup` | `attached`, `drift`, `lost` |
/// | `verify-access-back` | `enforcement`, `backup` | `verified`, `checkedAt`, `simulation` |
/// | `compare-access` | `accounts`, each with `backup`, `scope` | `differing` |
/// | `scan-denies` | `next` of the scan before | `denies`, `complete`, `next`, `tagged` |
/// | `remove-orphan-deny` | | `removed` |
///
/// Whom it is about, `userName` or `roleName` says; `account`, or `principalId`, in which account. `enforcement` is a
/// `SuspensionMode`; `scope` says whether the deny is for sessions, and goes before it; `backup.snapshot` is the snapshot
/// to act on. What is given back is what `backup.enforcement` and `backup.taking` say was taken, where they say so: the
/// budget's own setting, and what IAM has, may have changed since.
package struct IAMSteps: Sendable {
    package typealias Perform = @Sendable (TaskContext, JSONValue) async throws -> JSONValue

    private let access: IAMAccess

    package init(access: IAMAccess) { self.access = access }

    package var performs: [String: Perform] {
        let access = access
        return [
            "back-up-access": { _, input in
                let input = AccessInput(input)
                return try await access.snapshot(of: input.identity(), in: input.account).json
            },
            "take-away-access": { _, input in
                let input = AccessInput(input)
                return try await access.takeAway(
                    input.backup(), mode: input.mode(), scope: input.scope(), mayEscalate: !input.hasFallenBack,
                    earlier: input.wasWhole ? input.modeOfBackup() : nil, accepted: input.accepted,
                    after: input.takenBefore
                ).json
            },
            "verify-access-gone": { _, input in
                let input = AccessInput(input)
                return try await access.verifyGone(input.backup(), mode: input.mode(), scope: input.scope())
            },
            "give-back-access": { _, input in
                let input = AccessInput(input)
                return try await access.giveBack(
                    input.backup(), mode: input.modeOfBackup(), accepted: input.accepted
                ).json
            },
            "verify-access-back": { _, input in
                let input = AccessInput(input)
                return try await access.verifyBack(
                    input.backup(), mode: input.modeOfBackup(), accepted: input.accepted)
            },
            "compare-access": { context, input in try await Self.compare(access, context, input) },
            "scan-denies": { _, input in try await access.scanDenies(from: input["next"]?.stringValue).json },
            "remove-orphan-deny": { _, input in try await access.removeOrphan(AccessInput(input).identity()) },
        ]
    }

    /// One account after another; those that can't be looked at are among those that differ, with the reason.
    private static func compare(
        _ access: IAMAccess, _ context: TaskContext, _ input: JSONValue
    ) async throws -> JSONValue {
        var differing: [JSONValue] = []
        for account in input["accounts"]?.arrayValue ?? [] {
            let one = AccessInput(account)
            var found: JSONValue
            do throws(TaskFailure) {
                found = try await access.compare(
                    one.backup(), mode: one.modeOfBackup(), scope: one.scope(), anySession: one.takesAnySession)
            } catch {
                found = IAMAccess.comparison([.failure(error.error, cause: error.cause)], ["failed": true])
            }
            await context.heartbeat()
            guard found["intact"] != true, var object = account.objectValue, let facts = found.objectValue else {
                continue
            }
            // The next step loads the backup again: a snapshot here would only make the state larger.
            object["backup"] = nil
            for (name, value) in facts { object[name] = value }
            differing.append(.object(object))
        }
        return ["differing": .array(differing)]
    }
}

/// The members of a step's input.
struct AccessInput {
    private let input: JSONValue

    init(_ input: JSONValue) { self.input = input }

    func identity() throws(TaskFailure) -> IAMIdentity {
        if let name = input["userName"]?.stringValue, !name.isEmpty { return .user(name) }
        if let name = input["roleName"]?.stringValue, !name.isEmpty { return .role(name) }
        let kind = input["principalKind"]?.stringValue
        guard kind != "root", kind != "federated-user" else {
            throw stewardFailure(
                "Unenforceable",
                "IAM has no policy of a principal of the kind \(kind ?? ""): nothing can be denied to it.")
        }
        throw stewardFailure(
            "UnsupportedPrincipal",
            "userName and roleName are missing: only IAM users and roles can be suspended, and this is a "
                + "\(kind ?? "principal of unknown kind").")
    }

    /// The account that the principal belongs to; nil where the input does not say.
    var account: String? {
        let id = input["principalId"]?.stringValue?.split(separator: "/").first.map(String.init)
        return input["account"]?.stringValue ?? id
    }

    func mode() throws(TaskFailure) -> SuspensionMode {
        try Self.mode(input["scope"]?["enforcement"] ?? input["enforcement"])
    }

    func modeOfBackup() throws(TaskFailure) -> SuspensionMode {
        try Self.mode(input["backup"]?["enforcement"] ?? input["enforcement"])
    }

    private static func mode(_ value: JSONValue?) throws(TaskFailure) -> SuspensionMode {
        guard let text = value?.stringValue else { return .both }
        guard let mode = SuspensionMode(rawValue: text) else {
            let known = SuspensionMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw stewardFailure("InvalidInput", "enforcement \"\(text)\" is none of \(known).")
        }
        return mode
    }

    /// Executions that began before there were scopes have none: the deny is for everybody.
    func scope() throws(TaskFailure) -> AccessScope {
        guard let sessions = input["scope"]?["sessions"], !sessions.isNull else { return .whole }
        let names = (sessions.arrayValue ?? []).compactMap(\.stringValue)
        guard !names.isEmpty else {
            throw stewardFailure("InvalidInput", "scope.sessions names no session; nothing was changed.")
        }
        return .sessions(names)
    }

    /// Whether it is enough that a deny names some sessions.
    var takesAnySession: Bool { input["scope"]?["anySession"]?.boolValue ?? false }

    /// A deny was found not to fit, and the rest has to do.
    var hasFallenBack: Bool { input["scope"]?["fellBack"]?.boolValue ?? false }

    /// An earlier attempt may have been for everybody who acts as the role.
    var wasWhole: Bool { input["scope"]?["wasWhole"]?.boolValue ?? false }

    /// Policies that a person has given up.
    var accepted: Set<String> {
        Set((input["backup"]?["acceptedLoss"]?.arrayValue ?? []).compactMap(\.stringValue))
    }

    /// What was taken so far; nil where all is to be taken at once.
    var takenBefore: TakenAway? { input["taken"].flatMap(TakenAway.init(json:)) }

    /// What the backup says was about to be taken, and what the workflow itself has taken since it read the backup.
    private var taken: Set<String>? {
        guard let noted = input["backup"]?["taking"]?.arrayValue else { return nil }
        let since = ["detached", "inactivated"].flatMap { input["taken"]?[$0]?.arrayValue ?? [] }
        return Set((noted + since).compactMap(\.stringValue))
    }

    func backup() throws(TaskFailure) -> AccessSnapshot {
        let identity = try identity()
        guard var backup = input["backup"]?["snapshot"].flatMap(AccessSnapshot.init(json:)) else {
            throw stewardFailure(
                "BackupDamaged",
                "the backup of \(identity) is missing, incomplete or does not fit its hash; nothing was changed.")
        }
        guard backup.identity == identity else {
            throw stewardFailure("BackupDamaged", "the backup is of \(backup.identity), not of \(identity).")
        }
        backup.taken = taken
        return backup
    }
}
