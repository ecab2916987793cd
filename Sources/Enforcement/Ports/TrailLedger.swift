package import Budgets
package import WallTime

/// What CloudTrail tells of principals, in the transactions of what is done about it.
package protocol TrailLedger: AnyObject, SendableMetatype {
    /// Remembers an event; false when it is known already.
    func insertTrailEvent(_ id: String, at: Instant) throws -> Bool
    /// Forgets events that happened before then, `limit` at most; how many.
    func forgetTrailEvents(before instant: Instant, limit: Int) throws -> Int
    /// Remembers when a principal was deleted of whom nothing else is known; the latest deletion counts. Forgotten like
    /// an event.
    func noteDeletion(of principal: PrincipalID, at: Instant) throws
    /// What `noteDeletion` remembers; nil for nothing.
    func deletion(of principal: PrincipalID) throws -> Instant?
    /// Remembers whose the uses under a name are; the latest instant counts. Forgotten like an event.
    func noteOwner(_ owner: NameOwner) throws
    /// What `noteOwner` remembers of a name, the earliest first.
    func owners(of name: PrincipalID) throws -> [NameOwner]
    /// Whether `noteOwner` remembers anything at all.
    func hasNameOwners() throws -> Bool
    /// Nil for a principal that CloudTrail has told nothing of.
    func trail(of principal: PrincipalID) throws -> PrincipalTrail?
    /// Adds the trail or replaces it. Its principal has to be there.
    func saveTrail(_ trail: PrincipalTrail) throws
    /// Adds to how often the principal was seen at the endpoint in the Region. It has to be there.
    func noteSighting(_ sighting: Sighting) throws
    /// The last seen first.
    func sightings(_ query: SightingQuery) throws -> [Sighting]
}

extension PrincipalID {
    /// The name under which its deletion is remembered among the events.
    package var deletionMark: String { "deleted/\(self)" }
}

/// What is known of a principal from CloudTrail. Times are those of the events, which may come in any order.
package struct PrincipalTrail: Sendable, Hashable {
    package var principal: PrincipalID
    /// IAM's unique id, such as `AIDA…`: another one means another user of the same name.
    package var uniqueID: String?
    package var createdAt: Instant?
    package var deletedAt: Instant?
    /// When its tags last changed.
    package var taggedAt: Instant?
    /// When a key of it was first seen that nobody provisioned.
    package var rogueSince: Instant?

    package init(
        principal: PrincipalID, uniqueID: String? = nil, createdAt: Instant? = nil, deletedAt: Instant? = nil,
        taggedAt: Instant? = nil, rogueSince: Instant? = nil
    ) {
        self.principal = principal
        self.uniqueID = uniqueID
        self.createdAt = createdAt
        self.deletedAt = deletedAt
        self.taggedAt = taggedAt
        self.rogueSince = rogueSince
    }
}

/// How often CloudTrail showed a principal at one of Bedrock's endpoints in a Region. About: a delivery that came twice
/// counts twice.
package struct Sighting: Sendable, Hashable {
    package var principal: PrincipalID
    /// Such as `bedrock` or `bedrock-mantle`.
    package var endpoint: String
    package var region: String
    /// The last one.
    package var operation: String
    package var count: Int64
    package var firstAt: Instant
    package var lastAt: Instant

    package init(
        principal: PrincipalID, endpoint: String, region: String, operation: String, count: Int64, firstAt: Instant,
        lastAt: Instant
    ) {
        self.principal = principal
        self.endpoint = endpoint
        self.region = region
        self.operation = operation
        self.count = count
        self.firstAt = firstAt
        self.lastAt = lastAt
    }
}

/// Which sightings to list; nil takes all.
package struct SightingQuery: Sendable, Hashable {
    package var principal: PrincipalID?
    package var endpoint: String?
    package var since: Instant?
    package var limit: Int

    package init(principal: PrincipalID? = nil, endpoint: String? = nil, since: Instant? = nil, limit: Int = 100) {
        self.principal = principal
        self.endpoint = endpoint
        self.since = since
        self.limit = limit
    }
}
