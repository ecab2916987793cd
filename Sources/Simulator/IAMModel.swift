package import AWSClient
import AWSTasks
import Foundation
package import JSONModel

/// A model of IAM's user, role, group and policy calls that answers on the query protocol, in memory, with faults on
/// demand. It stands where the network would: `transport` is given to an `AWSClient`.
///
/// `@unchecked Sendable`: every stored property is read and written under `lock`.
package final class IAMModel: @unchecked Sendable {
    /// One call that reached IAM.
    package struct Call: Sendable, Equatable {
        package var action: String
        /// The user or the role.
        package var user: String?
        /// The ARN of the managed policy, or the name of the inline one, that the call is about.
        package var policy: String?
        /// Whether the call can change anything.
        package var isMutation: Bool { !["Get", "List", "Simulate"].contains { action.hasPrefix($0) } }
    }

    /// What goes wrong with a call.
    package enum Fault: Sendable, Equatable {
        /// IAM answers this error and does nothing.
        case error(code: String, status: Int)
        /// The request never arrives; the caller sees a timeout.
        case lostRequest
        /// IAM does it, but the answer is lost; the caller sees a timeout.
        case lostAnswer
    }

    /// A user, or a role.
    package struct User: Sendable, Equatable {
        package var id: String
        package var attached: [String]
        package var inline: [String: String]
        package var groups: [String] = []
        package var path = "/"
        /// Bedrock API keys with their status.
        package var keys: [String: String] = [:]
        package var tags: [String: String] = [:]
    }

    struct Group: Sendable {
        var attached: [String]
        var inline: [String: String]
    }

    let lock = NSLock()
    var users: [String: User] = [:]
    var roles: [String: User] = [:]
    var policies: [String: JSONValue] = [:]
    var groups: [String: Group] = [:]
    private var recorded: [Call] = []
    private var faults: [String: [Fault]] = [:]
    private var nextID = 1
    /// Characters that the inline policies of one user or role may have together.
    private(set) var inlineLimit = 2048
    /// Managed policies that may be attached to one user or role.
    private(set) var attachedLimit = Int.max
    /// Members a page of a list holds at most.
    let pageSize: Int
    let account = "111122223333"
    /// As whom the caller is known.
    let caller: String
    /// Is told of every change that was made, whether or not its answer arrives, and whether who it is about may invoke
    /// a model from then on.
    private let changed: @Sendable (Call, Bool) -> Void

    package init(
        pageSize: Int = 100, caller: String = "arn:aws:iam::111122223333:user/steward",
        changed: @escaping @Sendable (Call, Bool) -> Void = { _, _ in }
    ) {
        self.pageSize = pageSize
        self.caller = caller
        self.changed = changed
    }

    package var transport: HTTPTransport {
        HTTPTransport(send: { [self] request in try answer(request) })
    }

    // MARK: Setting the scene

    package func addPolicy(arn: String, document: JSONValue) {
        lock.withLock { policies[arn] = document }
    }

    package func deletePolicy(arn: String) {
        lock.withLock {
            policies[arn] = nil
            for name in users.keys { users[name]?.attached.removeAll { $0 == arn } }
            for name in roles.keys { roles[name]?.attached.removeAll { $0 == arn } }
        }
    }

    package func addGroup(_ name: String, policies arns: [String], inline: [String: String] = [:]) {
        lock.withLock { groups[name] = Group(attached: arns, inline: inline) }
    }

    package func addUser(
        _ name: String, attached: [String] = [], groups: [String] = [], inline: [String: String] = [:],
        keys: [String: String] = [:]
    ) {
        lock.withLock {
            users[name] = User(
                id: "AIDAMODEL\(nextID)", attached: attached, inline: inline, groups: groups, keys: keys)
            nextID += 1
        }
    }

    package func addRole(
        _ name: String, attached: [String] = [], inline: [String: String] = [:], path: String = "/"
    ) {
        lock.withLock {
            roles[name] = User(id: "AROAMODEL\(nextID)", attached: attached, inline: inline, path: path)
            nextID += 1
        }
    }

    package func deleteUser(_ name: String) {
        lock.withLock { users[name] = nil }
    }

    /// Somebody else changes a user or a role.
    package func meddle(with name: String, _ change: (inout User) -> Void) {
        lock.withLock {
            if var user = users[name] {
                change(&user)
                users[name] = user
            } else if var role = roles[name] {
                change(&role)
                roles[name] = role
            }
        }
    }

    package func limitInlinePolicies(to characters: Int) { lock.withLock { inlineLimit = characters } }

    package func limitAttachedPolicies(to count: Int) { lock.withLock { attachedLimit = count } }

    /// The next calls of `action` meet these faults, one each, in order.
    package func inject(_ new: [Fault], into action: String) {
        lock.withLock { faults[action, default: []] += new }
    }

    /// From now on nothing goes wrong.
    package func forgetFaults() { lock.withLock { faults = [:] } }

    // MARK: Looking at it

    package var calls: [Call] { lock.withLock { recorded } }

    package func forgetCalls() { lock.withLock { recorded = [] } }

    package func user(_ name: String) -> User? { lock.withLock { users[name] } }

    package func role(_ name: String) -> User? { lock.withLock { roles[name] } }

    package func arn(of user: String) -> String { "arn:aws:iam::\(account):user/\(user)" }

    /// Whether IAM lets the user, or the role in a session, invoke a model: a grant from somewhere and no deny anywhere.
    package func allowsInvocation(by name: String, session: String? = nil) -> Bool {
        lock.withLock {
            guard let principal = users[name] ?? roles[name] else { return false }
            return decision(for: principal, userID: session.map { "\(principal.id):\($0)" }) == "allowed"
        }
    }

    // MARK: Answering

    private func answer(_ request: HTTPRequest) throws -> HTTPResponse {
        let form = Self.form(request.body)
        let action = form["Action"] ?? ""
        return try lock.withLock {
            var fault: Fault?
            if var waiting = faults[action], !waiting.isEmpty {
                fault = waiting.removeFirst()
                faults[action] = waiting
            }
            if case .lostRequest = fault { throw HTTPTransportError.timedOut("the request was lost") }
            let call = Call(
                action: action, user: form["UserName"] ?? form["RoleName"],
                policy: form["PolicyArn"] ?? form["PolicyName"])
            recorded.append(call)
            if case .error(let code, let status) = fault { return Self.error(code, status, "injected by the test") }
            let response = respond(action, form)
            if call.isMutation, response.status == 200 {
                let principal = users[call.user ?? ""] ?? roles[call.user ?? ""]
                changed(call, principal.map { decision(for: $0, userID: nil) } == "allowed")
            }
            if case .lostAnswer = fault { throw HTTPTransportError.timedOut("the answer was lost") }
            return response
        }
    }
}
