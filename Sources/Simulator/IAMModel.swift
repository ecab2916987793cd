package import AWSClient
import AWSTasks
import Foundation
package import JSONModel

/// A model of IAM's user and policy calls that answers on the query protocol, in memory, with faults on demand. It
/// stands where the network would: `transport` is given to an `AWSClient`.
///
/// `@unchecked Sendable`: every stored property is read and written under `lock`.
package final class IAMModel: @unchecked Sendable {
    /// One call that reached IAM.
    package struct Call: Sendable, Equatable {
        package var action: String
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

    package struct User: Sendable, Equatable {
        package var id: String
        package var attached: [String]
        package var inline: [String: String]
        package var groups: [String]
    }

    private let lock = NSLock()
    private var users: [String: User] = [:]
    private var policies: [String: JSONValue] = [:]
    private var groupPolicies: [String: [String]] = [:]
    private var recorded: [Call] = []
    private var faults: [String: [Fault]] = [:]
    private var nextID = 1
    /// Members a page of a list holds at most.
    private let pageSize: Int
    private let account = "111122223333"
    /// Is told of every change that was made, whether or not its answer arrives.
    private let changed: @Sendable (Call) -> Void

    package init(pageSize: Int = 100, changed: @escaping @Sendable (Call) -> Void = { _ in }) {
        self.pageSize = pageSize
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
        }
    }

    package func addGroup(_ name: String, policies arns: [String]) {
        lock.withLock { groupPolicies[name] = arns }
    }

    package func addUser(_ name: String, attached: [String] = [], groups: [String] = [], inline: [String: String] = [:])
    {
        lock.withLock {
            users[name] = User(id: "AIDAMODEL\(nextID)", attached: attached, inline: inline, groups: groups)
            nextID += 1
        }
    }

    package func deleteUser(_ name: String) {
        lock.withLock { users[name] = nil }
    }

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

    package func arn(of user: String) -> String { "arn:aws:iam::\(account):user/\(user)" }

    /// Whether IAM lets the user invoke a model: a grant from somewhere and no deny anywhere.
    package func allowsInvocation(by name: String) -> Bool {
        lock.withLock { decision(for: name) == "allowed" }
    }

    private func decision(for name: String) -> String {
        guard let user = users[name] else { return "implicitDeny" }
        let managed = (user.attached + user.groups.flatMap { groupPolicies[$0] ?? [] }).compactMap { policies[$0] }
        let inline = user.inline.values.compactMap { try? JSONValue(parsing: $0) }
        let all = managed + inline
        let denied = all.contains { document in
            let statements = document["Statement"]?.arrayValue ?? []
            return statements.contains { statement in
                statement["Effect"] == "Deny"
                    && PolicyDocument(json: [
                        "Statement": [["Effect": "Allow", "Action": statement["Action"] ?? .null]]
                    ])
                    .grantsBedrock
            }
        }
        if denied { return "explicitDeny" }
        return all.contains { PolicyDocument(json: $0).grantsBedrock } ? "allowed" : "implicitDeny"
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
            let call = Call(action: action, user: form["UserName"], policy: form["PolicyArn"] ?? form["PolicyName"])
            recorded.append(call)
            if case .error(let code, let status) = fault { return Self.error(code, status, "injected by the test") }
            let response = respond(action, form)
            if call.isMutation, response.status == 200 { changed(call) }
            if case .lostAnswer = fault { throw HTTPTransportError.timedOut("the answer was lost") }
            return response
        }
    }

    private func respond(_ action: String, _ form: [String: String]) -> HTTPResponse {
        switch action {
        case "GetCallerIdentity":
            return Self.result(action, "<Arn>arn:aws:iam::\(account):user/steward</Arn><Account>\(account)</Account>")
        case "GetPolicy", "GetPolicyVersion": return policy(action, arn: form["PolicyArn"] ?? "")
        case "SimulatePrincipalPolicy":
            let name = (form["PolicySourceArn"] ?? "").split(separator: "/").last.map(String.init) ?? ""
            return Self.result(
                action,
                "<EvaluationResults><member><EvalDecision>\(decision(for: name))</EvalDecision></member>"
                    + "</EvaluationResults><IsTruncated>false</IsTruncated>")
        default: break
        }
        let name = form["UserName"] ?? ""
        guard let user = users[name] else {
            return Self.error("NoSuchEntity", 404, "The user with name \(name) cannot be found.")
        }
        return respond(action, form, name: name, user: user)
    }

    private func respond(_ action: String, _ form: [String: String], name: String, user: User) -> HTTPResponse {
        let policyName = form["PolicyName"] ?? ""
        switch action {
        case "GetUser":
            return Self.result(
                action,
                "<User><UserName>\(name)</UserName><UserId>\(user.id)</UserId><Arn>\(arn(of: name))</Arn></User>")
        case "ListAttachedUserPolicies":
            let members = user.attached.map { arn in
                "<PolicyName>\(arn.split(separator: "/").last ?? "")</PolicyName><PolicyArn>\(arn)</PolicyArn>"
            }
            return page(action, "AttachedPolicies", members, form)
        case "ListUserPolicies": return page(action, "PolicyNames", user.inline.keys.sorted(), form)
        case "ListGroupsForUser":
            return page(action, "Groups", user.groups.map { "<GroupName>\($0)</GroupName>" }, form)
        case "ListServiceSpecificCredentials": return Self.result(action, "<ServiceSpecificCredentials/>")
        case "GetUserPolicy":
            guard let document = user.inline[policyName] else { return Self.noSuchPolicy(policyName) }
            let encoded = document.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return Self.result(
                action, "<PolicyName>\(policyName)</PolicyName><PolicyDocument>\(encoded)</PolicyDocument>")
        case "PutUserPolicy":
            users[name]?.inline[policyName] = form["PolicyDocument"]
            return Self.done(action)
        case "DeleteUserPolicy":
            guard users[name]?.inline.removeValue(forKey: policyName) != nil else {
                return Self.noSuchPolicy(policyName)
            }
            return Self.done(action)
        case "AttachUserPolicy": return attach(form["PolicyArn"] ?? "", to: name)
        case "DetachUserPolicy":
            let arn = form["PolicyArn"] ?? ""
            guard user.attached.contains(arn) else { return Self.noSuchPolicy(arn) }
            users[name]?.attached.removeAll { $0 == arn }
            return Self.done(action)
        default: return Self.error("InvalidAction", 400, "Could not find operation \(action)")
        }
    }

    private func attach(_ arn: String, to name: String) -> HTTPResponse {
        guard policies[arn] != nil else { return Self.noSuchPolicy(arn) }
        if users[name]?.attached.contains(arn) == false { users[name]?.attached.append(arn) }
        return Self.done("AttachUserPolicy")
    }

    private func policy(_ action: String, arn: String) -> HTTPResponse {
        guard let document = policies[arn] else { return Self.noSuchPolicy(arn) }
        if action == "GetPolicy" {
            return Self.result(action, "<Policy><Arn>\(arn)</Arn><DefaultVersionId>v1</DefaultVersionId></Policy>")
        }
        let encoded = document.jsonString.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return Self.result(action, "<PolicyVersion><Document>\(encoded)</Document></PolicyVersion>")
    }

    private func page(_ action: String, _ list: String, _ members: [String], _ form: [String: String]) -> HTTPResponse {
        let start = Int(form["Marker"] ?? "") ?? 0
        let end = min(start + pageSize, members.count)
        let marker = end < members.count ? "<Marker>\(end)</Marker>" : ""
        let body = members[min(start, end)..<end].map { "<member>\($0)</member>" }.joined()
        return Self.result(
            action, "<\(list)>\(body)</\(list)><IsTruncated>\(end < members.count)</IsTruncated>\(marker)")
    }

    // MARK: The wire

    private static func form(_ body: [UInt8]) -> [String: String] {
        var form: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1].replacingOccurrences(of: "+", with: " ") : ""
            form[parts[0]] = value.removingPercentEncoding ?? value
        }
        return form
    }

    private static func result(_ action: String, _ content: String) -> HTTPResponse {
        response(
            200,
            "<\(action)Response><\(action)Result>\(content)</\(action)Result>"
                + "<ResponseMetadata><RequestId>model</RequestId></ResponseMetadata></\(action)Response>")
    }

    private static func done(_ action: String) -> HTTPResponse {
        response(
            200,
            "<\(action)Response><ResponseMetadata><RequestId>model</RequestId></ResponseMetadata>"
                + "</\(action)Response>")
    }

    private static func noSuchPolicy(_ name: String) -> HTTPResponse {
        error("NoSuchEntity", 404, "Policy \(name) was not found.")
    }

    private static func error(_ code: String, _ status: Int, _ message: String) -> HTTPResponse {
        response(
            status,
            "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error>"
                + "<RequestId>model</RequestId></ErrorResponse>")
    }

    private static func response(_ status: Int, _ xml: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [(name: "Content-Type", value: "text/xml")], body: Array(xml.utf8))
    }
}
