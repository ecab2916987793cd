package import Engine
import Interpreter
package import JSONModel

/// The IAM side of the domain steps, by activity name: what a Task whose resource is `activity:NAME` does in IAM.
///
/// | activity | input | result |
/// | --- | --- | --- |
/// | `back-up-access` | `userName` | the snapshot (`AccessSnapshot.json`) |
/// | `take-away-access` | `userName`, `enforcement`, `backup` | `denied`, `detached` |
/// | `verify-access-gone` | `userName`, `enforcement`, `backup` | `verified`, `checkedAt`, `simulation`, `denyInPlace` |
/// | `give-back-access` | `userName`, `enforcement`, `backup` | `attached`, `drift` |
/// | `verify-access-back` | `userName`, `enforcement`, `backup` | `verified`, `checkedAt`, `simulation` |
///
/// `enforcement` is a `SuspensionMode`; `backup.snapshot` is the snapshot to act on. What is given back is what
/// `backup.enforcement` says was taken, where it says so: the budget's own setting may have changed since.
package struct IAMSteps: Sendable {
    package typealias Perform = @Sendable (TaskContext, JSONValue) async throws -> JSONValue

    private let access: IAMAccess

    package init(access: IAMAccess) { self.access = access }

    package var performs: [String: Perform] {
        let access = access
        return [
            "back-up-access": { _, input in
                try await access.snapshot(userName: Self.userName(in: input)).json
            },
            "take-away-access": { _, input in
                try await access.takeAway(Self.backup(in: input), mode: Self.mode(in: input)).json
            },
            "verify-access-gone": { _, input in
                try await access.verifyGone(Self.backup(in: input), mode: Self.mode(in: input))
            },
            "give-back-access": { _, input in
                try await access.giveBack(Self.backup(in: input), mode: Self.modeOfBackup(in: input)).json
            },
            "verify-access-back": { _, input in
                try await access.verifyBack(Self.backup(in: input), mode: Self.modeOfBackup(in: input))
            },
        ]
    }

    private static func userName(in input: JSONValue) throws(TaskFailure) -> String {
        guard let name = input["userName"]?.stringValue, !name.isEmpty else {
            throw stewardFailure(
                "UnsupportedPrincipal",
                "userName is missing: only IAM users can be suspended, and this is a "
                    + "\(input["principalKind"]?.stringValue ?? "principal of unknown kind").")
        }
        return name
    }

    private static func mode(in input: JSONValue) throws(TaskFailure) -> SuspensionMode {
        try mode(input["enforcement"])
    }

    private static func modeOfBackup(in input: JSONValue) throws(TaskFailure) -> SuspensionMode {
        try mode(input["backup"]?["enforcement"] ?? input["enforcement"])
    }

    private static func mode(_ value: JSONValue?) throws(TaskFailure) -> SuspensionMode {
        guard let text = value?.stringValue else { return .both }
        guard let mode = SuspensionMode(rawValue: text) else {
            let known = SuspensionMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw stewardFailure("InvalidInput", "enforcement \"\(text)\" is none of \(known).")
        }
        return mode
    }

    private static func backup(in input: JSONValue) throws(TaskFailure) -> AccessSnapshot {
        let name = try userName(in: input)
        guard let backup = input["backup"]?["snapshot"].flatMap(AccessSnapshot.init(json:)) else {
            throw stewardFailure(
                "BackupDamaged",
                "the backup of \(name) is missing, incomplete or does not fit its hash; nothing was changed.")
        }
        guard backup.userName == name else {
            throw stewardFailure("BackupDamaged", "the backup is of \(backup.userName), not of \(name).")
        }
        return backup
    }
}
