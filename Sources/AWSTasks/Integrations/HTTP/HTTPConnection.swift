import Foundation

/// What `http:invoke` authenticates with, as an EventBridge connection does: state machines name it by ARN, its secrets
/// stand in the environment or in files.
package struct HTTPConnection: Sendable {
    package enum Authorization: Sendable {
        case apiKey(name: String, value: Secret)
        case basic(userName: String, password: Secret)
        case clientCredentials(OAuthClient)
    }

    /// A header, query parameter or member of the body that every request gets.
    package struct Parameter: Sendable {
        package var name: String
        package var value: Secret

        package init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    /// As in `arn:aws:events:REGION:ACCOUNT:connection/NAME/ID`.
    package let name: String
    package let authorization: Authorization
    package var headers: [Parameter] = []
    package var query: [Parameter] = []
    package var body: [Parameter] = []

    package init(name: String, authorization: Authorization) {
        self.name = name
        self.authorization = authorization
    }
}

/// A text that is read where it stands, each time it is needed: what is replaced there holds from the next request on.
package enum Secret: Sendable {
    case environment(String)
    /// A path; line breaks at the end are no part of the secret.
    case file(String)
    /// For what is none, such as the name of a team in a header.
    case plain(String)

    /// - Throws: `SecretError` when it is not there.
    package func read() throws(SecretError) -> String {
        switch self {
        case .plain(let text): return text
        case .environment(let name):
            guard let value = ProcessInfo.processInfo.environment[name] else {
                throw SecretError(description: "the environment variable \(name) is not set")
            }
            return value
        case .file(let path):
            let text: String
            do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
                throw SecretError(description: "the file \(path) can't be read")
            }
            return text.trimmingCharacters(in: .newlines)
        }
    }
}

/// Where a secret is missing; never what it is.
package struct SecretError: Error, CustomStringConvertible {
    package let description: String
}
