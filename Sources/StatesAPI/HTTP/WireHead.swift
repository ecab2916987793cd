import AWSClient
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import JSONModel

/// A call of the Step Functions API without its body, with what the listener has to know of it.
struct WireHead: Sendable {
    let fields: HTTPFields
    /// The header `Host`.
    let authority: String?
    /// What follows `?` in the path, which means nothing but is signed.
    let query: String
    /// `X-Amz-Target`, which names the operation: `AWSStepFunctions.StartExecution`.
    let target: String
    let kind: Admission.Kind

    /// A definition of 1 MiB, escaped, has room to spare.
    static let bodyLimit = 8 << 20

    private static let targetField = HTTPField.Name("X-Amz-Target")

    init(_ fields: HTTPFields, authority: String?, query: String = "") {
        self.fields = fields
        self.authority = authority
        self.query = query
        target = Self.targetField.flatMap { fields.first($0) } ?? ""
        kind = target.hasSuffix(".GetActivityTask") || target.hasSuffix(".StartSyncExecution") ? .longPoll : .request
    }

    init(request: Request) {
        let parts = (request.head.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            request.headers, authority: request.head.authority, query: parts.count > 1 ? String(parts[1]) : "")
    }

    /// Why the call is a web page's; nil when it is none.
    var pageRefusal: Refusal? { BrowserGuard.refusal(origin: fields.first(.origin), authority: authority) }

    func signed(body: [UInt8]) -> SignedRequest {
        var headers = fields.map { (name: $0.name.rawName, value: $0.value) }
        if let authority { headers.append((name: "host", value: authority)) }
        return SignedRequest(
            method: "POST", path: "/", query: query, headers: headers, bodyDigest: hexadecimal(sha256(body)))
    }

    /// A form or a text is not AWS JSON; a client that says nothing is believed.
    func checkContentType() throws(Refusal) {
        guard let type = fields.first(.contentType), type != "application/x-amz-json-1.0" else { return }
        let name = type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard ["application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/json"].contains(name) else {
            throw Refusal(
                "UnsupportedMediaTypeException",
                "The content type must be application/x-amz-json-1.0, not \(name.prefix(128))",
                status: 415)
        }
    }

    /// - Throws: AWS's `AccessDeniedException` when the caller's role does not include what the call needs.
    func authorize(_ caller: Caller, account: String, body: [UInt8]) throws(Refusal) {
        guard !caller.role.includes(Permissions.role(forOperation: operation)) else { return }
        let resource = Self.resource(in: body).map { " on resource: \($0)" } ?? ""
        let action = "states:\(operation.prefix(64))"
        throw Refusal(
            "AccessDeniedException",
            "User: arn:aws:iam::\(account):user/\(caller.name) is not authorized to perform: \(action)\(resource) "
                + "because no identity-based policy allows the \(action) action", status: 400)
    }

    /// The operation of the Step Functions API, such as `StartExecution`.
    private var operation: String {
        target.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(target[target.index(after: $0)...]) } ?? target
    }

    /// The ARN that the call is about, as far as the body says.
    private static func resource(in body: [UInt8]) -> String? {
        // A body that is no JSON is about nothing: the refusal stands without it.
        guard let members = (try? JSONValue(parsing: body))?.objectValue else { return nil }
        return members.lazy.compactMap { name, value in
            name.hasSuffix("Arn") && name != "roleArn" ? value.stringValue.map { String($0.prefix(256)) } : nil
        }.first
    }
}

extension HTTPFields {
    /// The value of the first field of the name. A field that comes once needs no more, and all that come more than once
    /// would have to be joined.
    fileprivate func first(_ name: HTTPField.Name) -> String? { first { $0.name == name }?.value }
}
