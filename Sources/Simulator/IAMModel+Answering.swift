import AWSClient
import Foundation
import JSONModel

/// The answers; whoever asks for one holds the lock.
extension IAMModel {
    func respond(_ action: String, _ form: [String: String]) -> HTTPResponse {
        switch action {
        case "GetCallerIdentity":
            return Self.result(action, "<Arn>\(caller)</Arn><Account>\(account)</Account>")
        case "GetPolicy", "GetPolicyVersion": return policy(action, arn: form["PolicyArn"] ?? "")
        case "CreatePolicy": return createPolicy(form)
        case "SimulatePrincipalPolicy": return simulate(action, form)
        case "GetAccountAuthorizationDetails": return details(action, form)
        case "ListAttachedGroupPolicies", "ListGroupPolicies", "GetGroupPolicy": return group(action, form)
        default: break
        }
        let isRole = form["RoleName"] != nil
        let name = form["RoleName"] ?? form["UserName"] ?? ""
        guard let principal = isRole ? roles[name] : users[name] else {
            return Self.error("NoSuchEntity", 404, "The \(isRole ? "role" : "user") with name \(name) cannot be found.")
        }
        return respond(action, form, name, principal, word: isRole ? "Role" : "User")
    }

    private func respond(
        _ action: String, _ form: [String: String], _ name: String, _ principal: User, word: String
    ) -> HTTPResponse {
        let policyName = form["PolicyName"] ?? ""
        switch action.replacing(word, with: "", maxReplacements: 1) {
        case "Get":
            let path = principal.path
            return Self.result(
                action,
                "<\(word)><\(word)Name>\(name)</\(word)Name><\(word)Id>\(principal.id)</\(word)Id><Path>\(path)</Path>"
                    + "<Arn>arn:aws:iam::\(account):\(word.lowercased())\(path)\(name)</Arn></\(word)>")
        case "ListAttachedPolicies": return page(action, "AttachedPolicies", Self.attached(principal.attached), form)
        case "ListPolicies": return page(action, "PolicyNames", principal.inline.keys.sorted(), form)
        case "ListGroupsFor":
            return page(action, "Groups", principal.groups.map { "<GroupName>\($0)</GroupName>" }, form)
        case "ListServiceSpecificCredentials", "UpdateServiceSpecificCredential":
            return credentials(action, form, name, principal)
        case "ListTags": return tags(action, of: principal)
        case "Tag": return changing(action, name, word) { $0.tags.merge(Self.tags(in: form)) { $1 } }
        case "Untag":
            return changing(action, name, word) { for key in Self.tagKeys(in: form) { $0.tags[key] = nil } }
        case "GetPolicy":
            guard let document = principal.inline[policyName] else { return Self.noSuchPolicy(policyName) }
            return Self.result(
                action,
                "<PolicyName>\(policyName)</PolicyName><PolicyDocument>\(Self.encoded(document))</PolicyDocument>")
        case "PutPolicy": return put(action, form, name, principal)
        case "DeletePolicy":
            guard principal.inline[policyName] != nil else { return Self.noSuchPolicy(policyName) }
            return changing(action, name, word) { $0.inline[policyName] = nil }
        case "AttachPolicy":
            let arn = form["PolicyArn"] ?? ""
            guard policies[arn] != nil else { return Self.noSuchPolicy(arn) }
            guard principal.attached.contains(arn) || principal.attached.count < attachedLimit else {
                return Self.error("LimitExceeded", 409, "Cannot exceed quota for PoliciesPer\(word): \(attachedLimit)")
            }
            return changing(action, name, word) { if !$0.attached.contains(arn) { $0.attached.append(arn) } }
        case "DetachPolicy":
            let arn = form["PolicyArn"] ?? ""
            guard principal.attached.contains(arn) else { return Self.noSuchPolicy(arn) }
            return changing(action, name, word) { $0.attached.removeAll { $0 == arn } }
        default: return Self.error("InvalidAction", 400, "Could not find operation \(action)")
        }
    }

    private func changing(
        _ action: String, _ name: String, _ word: String, _ change: (inout User) -> Void
    ) -> HTTPResponse {
        guard var principal = word == "Role" ? roles[name] : users[name] else {
            return Self.error("NoSuchEntity", 404, name)
        }
        change(&principal)
        if word == "Role" { roles[name] = principal } else { users[name] = principal }
        return Self.done(action)
    }

    private func put(
        _ action: String, _ form: [String: String], _ name: String, _ principal: User
    ) -> HTTPResponse {
        let (policy, document) = (form["PolicyName"] ?? "", form["PolicyDocument"] ?? "")
        var inline = principal.inline
        inline[policy] = document
        guard inline.values.map({ $0.filter { !$0.isWhitespace }.count }).reduce(0, +) <= inlineLimit else {
            return Self.error("LimitExceeded", 409, "Maximum policy size of \(inlineLimit) bytes exceeded for \(name)")
        }
        return changing(action, name, form["RoleName"] == nil ? "User" : "Role") { $0.inline = inline }
    }

    private func credentials(
        _ action: String, _ form: [String: String], _ name: String, _ principal: User
    ) -> HTTPResponse {
        guard action.hasPrefix("Update") else {
            let members = principal.keys.sorted { $0.key < $1.key }.map { id, status in
                "<member><UserName>\(name)</UserName><Status>\(status)</Status>"
                    + "<ServiceSpecificCredentialId>\(id)</ServiceSpecificCredentialId></member>"
            }
            return Self.result(
                action, "<ServiceSpecificCredentials>\(members.joined())</ServiceSpecificCredentials>")
        }
        let id = form["ServiceSpecificCredentialId"] ?? ""
        guard principal.keys[id] != nil else { return Self.noSuchPolicy(id) }
        return changing(action, name, "User") { $0.keys[id] = form["Status"] }
    }

    private func group(_ action: String, _ form: [String: String]) -> HTTPResponse {
        let name = form["GroupName"] ?? ""
        guard let group = groups[name] else { return Self.error("NoSuchEntity", 404, "no group \(name)") }
        switch action {
        case "ListAttachedGroupPolicies": return page(action, "AttachedPolicies", Self.attached(group.attached), form)
        case "ListGroupPolicies": return page(action, "PolicyNames", group.inline.keys.sorted(), form)
        default:
            let policy = form["PolicyName"] ?? ""
            guard let document = group.inline[policy] else { return Self.noSuchPolicy(policy) }
            return Self.result(action, "<PolicyDocument>\(Self.encoded(document))</PolicyDocument>")
        }
    }

    private func simulate(_ action: String, _ form: [String: String]) -> HTTPResponse {
        let arn = form["PolicySourceArn"] ?? ""
        let name = arn.split(separator: "/").last.map(String.init) ?? ""
        let principal = arn.contains(":role/") ? roles[name] : users[name]
        let userID = form["ContextEntries.member.1.ContextKeyValues.member.1"]
        let decision = principal.map { self.decision(for: $0, userID: userID) } ?? "implicitDeny"
        return Self.result(
            action,
            "<EvaluationResults><member><EvalDecision>\(decision)</EvalDecision></member></EvaluationResults>"
                + "<IsTruncated>false</IsTruncated>")
    }

    private func details(_ action: String, _ form: [String: String]) -> HTTPResponse {
        let all = users.map { ("User", $0.key, $0.value) } + roles.map { ("Role", $0.key, $0.value) }
        let sorted = all.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        let start = Int(form["Marker"] ?? "") ?? 0
        let end = min(start + pageSize, sorted.count)
        func list(_ word: String) -> String {
            let members = sorted[min(start, end)..<end].filter { $0.0 == word }.map { _, name, principal in
                let inline = principal.inline.keys.sorted().map { "<member><PolicyName>\($0)</PolicyName></member>" }
                let attached = Self.attached(principal.attached).map { "<member>\($0)</member>" }
                let tags = principal.tags.sorted { $0.key < $1.key }.map {
                    "<member><Key>\($0.key)</Key><Value>\($0.value)</Value></member>"
                }
                return "<member><\(word)Name>\(name)</\(word)Name><\(word)Id>\(principal.id)</\(word)Id>"
                    + "<Tags>\(tags.joined())</Tags>"
                    + "<Arn>arn:aws:iam::\(account):\(word.lowercased())\(principal.path)\(name)</Arn>"
                    + "<\(word)PolicyList>\(inline.joined())</\(word)PolicyList>"
                    + "<AttachedManagedPolicies>\(attached.joined())</AttachedManagedPolicies></member>"
            }
            return "<\(word)DetailList>\(members.joined())</\(word)DetailList>"
        }
        let marker = end < sorted.count ? "<Marker>\(end)</Marker>" : ""
        return Self.result(
            action, list("User") + list("Role") + "<IsTruncated>\(end < sorted.count)</IsTruncated>\(marker)")
    }

    private func createPolicy(_ form: [String: String]) -> HTTPResponse {
        let arn = "arn:aws:iam::\(account):policy/\(form["PolicyName"] ?? "")"
        guard policies[arn] == nil else { return Self.error("EntityAlreadyExists", 409, arn) }
        // What is no JSON is not taken.
        guard let document = try? JSONValue(parsing: form["PolicyDocument"] ?? "") else {
            return Self.error("MalformedPolicyDocument", 400, "not JSON")
        }
        policies[arn] = document
        return Self.result("CreatePolicy", "<Policy><Arn>\(arn)</Arn></Policy>")
    }

    private func policy(_ action: String, arn: String) -> HTTPResponse {
        guard let document = policies[arn] else { return Self.noSuchPolicy(arn) }
        if action == "GetPolicy" {
            return Self.result(action, "<Policy><Arn>\(arn)</Arn><DefaultVersionId>v1</DefaultVersionId></Policy>")
        }
        return Self.result(
            action, "<PolicyVersion><Document>\(Self.encoded(document.jsonString))</Document></PolicyVersion>")
    }

    private static func attached(_ arns: [String]) -> [String] {
        arns.map { arn in
            "<PolicyName>\(arn.split(separator: "/").last ?? "")</PolicyName><PolicyArn>\(arn)</PolicyArn>"
        }
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

    private static func encoded(_ document: String) -> String {
        document.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    static func form(_ body: [UInt8]) -> [String: String] {
        var form: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1].replacingOccurrences(of: "+", with: " ") : ""
            form[parts[0]] = value.removingPercentEncoding ?? value
        }
        return form
    }

    static func result(_ action: String, _ content: String) -> HTTPResponse {
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

    static func error(_ code: String, _ status: Int, _ message: String) -> HTTPResponse {
        response(
            status,
            "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error>"
                + "<RequestId>model</RequestId></ErrorResponse>")
    }

    private static func response(_ status: Int, _ xml: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [(name: "Content-Type", value: "text/xml")], body: Array(xml.utf8))
    }
}
