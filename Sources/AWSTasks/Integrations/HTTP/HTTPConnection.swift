package import AWSClient

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
