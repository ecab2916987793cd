package import JSONModel

/// What the daemon tells about itself; the API only passes it on.
package struct DaemonReport: Sendable {
    package enum Health: Sendable, Equatable {
        case ok
        case draining
        case failing(reason: String)
    }

    package var health: Health
    package var version: String
    /// Further members of `GET /api/v1/status`.
    package var details: JSONObject

    package init(health: Health, version: String, details: JSONObject) {
        self.health = health
        self.version = version
        self.details = details
    }
}
