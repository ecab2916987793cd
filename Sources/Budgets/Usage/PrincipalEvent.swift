package import WallTime

/// What a CloudTrail record tells of a principal. CloudTrail counts no tokens, so none of it is ever charged.
package struct PrincipalEvent: Sendable, Hashable {
    /// CloudTrail's `eventID`: the same for every delivery.
    package var id: String
    package var at: Instant
    package var region: String
    /// Whom it is about: the user or role that was changed, or whoever called Bedrock.
    package var principal: Principal
    /// Who did it; nil where CloudTrail names no identity.
    package var actor: Principal?
    package var occurrence: Occurrence
    /// Where it was read: an ingest source's name.
    package var source: String

    package init(
        id: String, at: Instant, region: String, principal: Principal, actor: Principal?, occurrence: Occurrence,
        source: String
    ) {
        self.id = id
        self.at = at
        self.region = region
        self.principal = principal
        self.actor = actor
        self.occurrence = occurrence
        self.source = source
    }

    package enum Occurrence: Sendable, Hashable {
        /// `CreateUser`, `CreateRole`.
        case created(uniqueID: String?, tags: [String: String])
        /// `DeleteUser`, `DeleteRole`.
        case deleted
        /// An IAM user has another name from now on, or another path (`UpdateUser`); a path that is not told stays. The
        /// event's principal is the user under the old name.
        case renamed(to: String, path: String?)
        /// A user got credentials for a session of that name (`GetFederationToken`).
        case sessionIssued(name: String)
        case credentialCreated(Credential)
        /// A credential was deleted, switched off or on, or reset; by the name of the operation.
        case credentialChanged(id: String, operation: String)
        case policyChanged(PolicyChange)
        case tagged([String: String])
        case untagged([String])
        /// Bedrock was called: a sign of life when that succeeded, and no meter.
        case called(BedrockCall)
        case jobStarted(BedrockJob)
        /// A runtime of AgentCore was made, changed or deleted; the principal is its role, where the event says it.
        case agentRuntime(AgentRuntimeChange)
        /// An operation that this version doesn't know: whether it spends is unknown, so its record is kept.
        case unknownOperation(BedrockCall, record: [UInt8])
    }
}

/// What a principal authenticates with.
package struct Credential: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A service-specific credential of Bedrock: a long-term API key.
        case bedrockKey = "bedrock-key"
        case accessKey = "access-key"
    }

    package var kind: Kind
    package var id: String

    package init(kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }
}

/// A policy that was attached, detached, put or deleted.
package struct PolicyChange: Sendable, Hashable {
    /// Such as `AttachUserPolicy`.
    package var operation: String
    /// A managed policy's ARN or an inline policy's name.
    package var policy: String

    package init(operation: String, policy: String) {
        self.operation = operation
        self.policy = policy
    }
}

/// A call of one of Bedrock's endpoints.
package struct BedrockCall: Sendable, Hashable {
    /// The service that was called, such as `bedrock` or `bedrock-mantle`.
    package var endpoint: String
    package var operation: String
    /// Set when the call failed: then it says nothing of who has access.
    package var errorCode: String?
    /// Product and version family of what called, such as `Boto3/1.34`; nil where CloudTrail does not tell it.
    package var agent: String?
    /// From where: an IP address, or the name of an AWS service that called for somebody. Nil as above.
    package var address: String?

    package init(
        endpoint: String, operation: String, errorCode: String? = nil, agent: String? = nil, address: String? = nil
    ) {
        self.endpoint = endpoint
        self.operation = operation
        self.errorCode = errorCode
        self.agent = agent
        self.address = address
    }
}

/// What happened to a runtime of Bedrock AgentCore.
package struct AgentRuntimeChange: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable { case created, updated, deleted }

    package var kind: Kind
    package var id: String
    package var arn: String?
    package var name: String?
    /// As whom it acts; nil where the event does not say it.
    package var role: Principal?

    package init(kind: Kind, id: String, arn: String?, name: String?, role: Principal?) {
        self.kind = kind
        self.id = id
        self.arn = arn
        self.name = name
        self.role = role
    }
}

/// Work that goes on after its call, and whose cost no invocation log record tells in time.
package struct BedrockJob: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case batch
        /// One invocation whose result comes later: `StartAsyncInvoke`.
        case invocation
        /// Throughput bought by the hour.
        case throughput
        /// Training, copying, importing or evaluating of models, and the like.
        case other
    }

    package var kind: Kind
    package var call: BedrockCall
    /// The job's ARN, where CloudTrail says it.
    package var arn: String?
    package var model: String?

    package init(kind: Kind, call: BedrockCall, arn: String?, model: String?) {
        self.kind = kind
        self.call = call
        self.arn = arn
        self.model = model
    }
}
