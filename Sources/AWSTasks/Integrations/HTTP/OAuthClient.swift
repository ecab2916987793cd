package import AWSClient
import JSONModel
package import WallTime

/// Gets bearer tokens with a client's own credentials (RFC 6749, section 4.4), and keeps them until shortly before they
/// expire.
package actor OAuthClient {
    /// A token is renewed this long before it expires.
    private static let margin: Duration = .seconds(30)
    /// How long a token is kept of which the server does not say how long it holds.
    private static let defaultLifetime: Int64 = 300

    private let endpoint: String
    private let clientID: String
    private let secret: Secret
    private let scope: String?
    private let now: @Sendable () -> Instant
    private var token: (text: String, expires: Instant)?

    /// - Parameter endpoint: the authorization server's token endpoint.
    package init(
        endpoint: String, clientID: String, secret: Secret, scope: String? = nil,
        now: @escaping @Sendable () -> Instant
    ) {
        self.endpoint = endpoint
        self.clientID = clientID
        self.secret = secret
        self.scope = scope
        self.now = now
    }

    /// A token that holds. Its endpoint stands in the configuration, so it may be on this machine.
    func token(_ transport: HTTPTransport) async throws -> String {
        if let token, token.expires > now() { return token.text }
        var fields = [
            ("grant_type", "client_credentials"), ("client_id", clientID), ("client_secret", try secret.read()),
        ]
        if let scope { fields.append(("scope", scope)) }
        let body = fields.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
        let response = try await transport.send(
            HTTPRequest(
                method: "POST", url: endpoint,
                headers: [
                    ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
                ], body: Array(body.utf8)))
        guard (200..<300).contains(response.status) else {
            throw SecretError(description: "the authorization server answered with status \(response.status)")
        }
        // What a server says that is not JSON holds no token.
        let answer = try? JSONValue(parsing: response.body)
        guard let text = answer?["access_token"]?.stringValue else {
            throw SecretError(description: "the authorization server answered without an access_token")
        }
        let lifetime = answer?["expires_in"]?.intValue ?? Self.defaultLifetime
        token = (text, now() + .seconds(max(0, min(lifetime, 86_400))) - Self.margin)
        return text
    }

    /// Forgets a token that a server refused.
    func forget(_ refused: String) { if token?.text == refused { token = nil } }
}
