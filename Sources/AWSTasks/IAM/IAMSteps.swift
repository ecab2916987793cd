package import Engine
package import Interpreter
package import JSONModel

/// The IAM side of the domain steps, by activity name: what a Task whose resource is `activity:NAME` does in IAM.
///
/// | activity | input | result |
/// | --- | --- | --- |
/// | `back-up-access` | `principal` | the snapshot (`AccessSnapshot.json`) |
/// | `take-away-access` | `principal`, `mode`, `backup` | `denied`, `detached` |
/// | `verify-access-gone` | `principal`, `mode`, `backup` | `verified`, `checkedAt`, `simulation`, `denyInPlace` |
/// | `give-back-access` | `principal`, `mode`, `backup` | `attached`, `drift` |
/// | `verify-access-back` | `principal`, `mode`, `backup` | `verified`, `checkedAt`, `simulation` |
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
                try await access.giveBack(Self.backup(in: input), mode: Self.mode(in: input)).json
            },
            "verify-access-back": { _, input in
                try await access.verifyBack(Self.backup(in: input), mode: Self.mode(in: input))
            },
        ]
    }

    private static func userName(in input: JSONValue) throws(TaskFailure) -> String {
        guard let name = input["principal"]?["userName"]?.stringValue, !name.isEmpty else {
            throw stewardFailure(
                "UnsupportedPrincipal",
                "principal.userName is missing: only IAM users can be suspended. Input: \(input["principal"] ?? .null)")
        }
        return name
    }

    private static func mode(in input: JSONValue) throws(TaskFailure) -> SuspensionMode {
        guard let text = input["mode"]?.stringValue else { return .both }
        guard let mode = SuspensionMode(rawValue: text) else {
            let known = SuspensionMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw stewardFailure("InvalidInput", "mode \"\(text)\" is none of \(known).")
        }
        return mode
    }

    private static func backup(in input: JSONValue) throws(TaskFailure) -> AccessSnapshot {
        let name = try userName(in: input)
        guard let backup = input["backup"].flatMap(AccessSnapshot.init(json:)) else {
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
