package import JSONModel
package import WallTime

/// An event on Steward's bus, in EventBridge's envelope.
package struct BusEvent: Sendable, Equatable {
    /// Unique; an event that is published again with the same id starts nothing again.
    package var id: String
    package var source: String
    package var detailType: String
    package var at: Instant
    package var account: String
    package var region: String
    package var resources: [String]
    package var detail: JSONValue

    package init(
        id: String, source: String, detailType: String, at: Instant, account: String, region: String,
        resources: [String] = [], detail: JSONValue
    ) {
        self.id = id
        self.source = source
        self.detailType = detailType
        self.at = at
        self.account = account
        self.region = region
        self.resources = resources
        self.detail = detail
    }
}
