import JSONModel

/// An IAM user or role by its name: IAM has the same calls for both, under the names of either.
package struct IAMIdentity: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable, CaseIterable { case user, role }

    package let kind: Kind
    /// Without the path.
    package let name: String

    package static func user(_ name: String) -> IAMIdentity { IAMIdentity(kind: .user, name: name) }
    package static func role(_ name: String) -> IAMIdentity { IAMIdentity(kind: .role, name: name) }

    package var description: String { kind == .user ? name : "role \(name)" }

    /// As it stands in the names of IAM's actions: `GetUser`, `PutRolePolicy`.
    var word: String { kind == .user ? "User" : "Role" }

    /// The member that names it in a request, with more members.
    func naming(_ more: JSONObject = [:]) -> JSONObject {
        var parameters: JSONObject = ["\(word)Name": .string(name)]
        for (name, value) in more { parameters[name] = value }
        return parameters
    }
}

/// Whom a deny is for.
package enum AccessScope: Sendable, Hashable {
    /// Everybody who acts as the principal.
    case whole
    /// These sessions of a role that several share, by the names that their callers chose.
    case sessions([String])

    var isWhole: Bool { self == .whole }
}
