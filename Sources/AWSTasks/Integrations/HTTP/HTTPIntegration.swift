package import AWSClient
package import Engine
import Foundation
package import Interpreter
package import JSONModel
package import StatesLanguage

/// `http:invoke`: calls an API over HTTPS, with the secrets of a connection.
package struct HTTPIntegration: ResourceHandler {
    /// AWS waits as long.
    static let timeout: Duration = .seconds(60)

    private let transport: HTTPTransport
    private let connections: [String: HTTPConnection]
    private let allowsLocalAddresses: Bool
    private let userAgent: String

    /// - Parameter allowsLocalAddresses: whether definitions may reach this machine and its link, and `http://`.
    package init(
        transport: HTTPTransport, connections: [HTTPConnection], allowsLocalAddresses: Bool, region: String
    ) {
        self.transport = transport
        self.connections = Dictionary(connections.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.allowsLocalAddresses = allowsLocalAddresses
        userAgent = "Steward|StepFunctions|HttpInvoke|\(region)"
    }

    package func handles(_ resource: Resource) -> Bool {
        resource.kind == .integration(service: "http", action: "invoke") && resource.pattern == .requestResponse
    }

    package func perform(
        _ resource: Resource, _ context: TaskContext, _ input: JSONValue
    ) async throws(TaskFailure) -> JSONValue {
        let invocation = try HTTPInvocation(input.objectValue ?? [:], allowsPlainHTTP: allowsLocalAddresses)
        let connection = try connection(invocation.connectionARN)
        var (request, token) = try await authorized(invocation, connection)
        var response = try await send(request)
        if response.status == 401, let refused = token, case .clientCredentials(let client) = connection.authorization {
            // The token may have been withdrawn before its time: one new one is asked for.
            await client.forget(refused)
            (request, token) = try await authorized(invocation, connection)
            response = try await send(request)
        }
        return try HTTPResult(response).output()
    }

    private func connection(_ arn: String) throws(TaskFailure) -> HTTPConnection {
        // arn:aws:events:REGION:ACCOUNT:connection/NAME/ID
        let resource = arn.split(separator: ":", maxSplits: 5).last ?? ""
        let parts = resource.split(separator: "/")
        if arn.hasPrefix("arn:"), parts.count >= 2, parts[0] == "connection",
            let connection = connections[String(parts[1])]
        {
            return connection
        }
        let known = connections.keys.sorted().joined(separator: ", ")
        throw TaskFailure(
            error: "Events.ConnectionResource.ResourceNotFound",
            cause: "There is no connection '\(arn)'. Set it up under http.connections in the daemon's configuration; "
                + (known.isEmpty ? "there is none." : "there are: \(known)."))
    }

    /// The request with what the connection adds, and the token that it bears, if any.
    private func authorized(
        _ invocation: HTTPInvocation, _ connection: HTTPConnection
    ) async throws(TaskFailure) -> (HTTPRequest, token: String?) {
        do {
            var invocation = invocation
            var token: String?
            switch connection.authorization {
            case .apiKey(let name, let value): invocation.setHeader(name, try value.read())
            case .basic(let userName, let password):
                invocation.setHeader(
                    "Authorization", "Basic \(base64(Array("\(userName):\(try password.read())".utf8)))")
            case .clientCredentials(let client):
                let fresh = try await client.token(transport)
                invocation.setHeader("Authorization", "Bearer \(fresh)")
                token = fresh
            }
            for header in connection.headers { invocation.setHeader(header.name, try header.value.read()) }
            for field in connection.query { invocation.setQuery(field.name, try field.value.read()) }
            for member in connection.body { try invocation.setBody(member.name, member.value.read()) }
            let request = invocation.request(
                userAgent: userAgent, refusesLocalAddresses: !allowsLocalAddresses)
            return (request, token)
        } catch {
            throw TaskFailure(
                error: "Events.ConnectionResource.InvalidConnectionState",
                cause: "The connection '\(connection.name)' is not usable: \(error).")
        }
    }

    private func send(_ request: HTTPRequest) async throws(TaskFailure) -> HTTPResponse {
        do { return try await transport.send(request) } catch {
            throw TaskFailure(error: "States.Http.Socket", cause: "\(error)")
        }
    }
}

extension HTTPInvocation {
    fileprivate mutating func setHeader(_ name: String, _ value: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append((name, value))
    }

    fileprivate mutating func setQuery(_ name: String, _ value: String) {
        query.removeAll { $0.name == name }
        query.append((name, value))
    }

    private struct BodyError: Error, CustomStringConvertible {
        let description = "it adds to the body, which has to be an object then"
    }

    fileprivate mutating func setBody(_ name: String, _ value: String) throws {
        guard var object = (body ?? [:]).objectValue else { throw BodyError() }
        object[name] = .string(value)
        body = .object(object)
    }
}
