import Budgets
import JSONModel
import WallTime

/// One CloudTrail record ("CloudTrail record contents"): who did what to whom, as far as it concerns budgets.
///
/// Read by structure: what is missing where AWS leaves it out is no fault; what is needed and missing is one.
struct CloudTrailRecord {
    private let json: JSONValue
    private let source: String
    let service: String
    let operation: String

    /// Nil for a value that is no CloudTrail record.
    init?(_ json: JSONValue, source: String) {
        guard let service = json["eventSource"]?.stringValue, service.hasSuffix(".amazonaws.com"),
            let operation = json["eventName"]?.stringValue
        else { return nil }
        self.json = json
        self.source = source
        self.service = String(service.dropLast(".amazonaws.com".count))
        self.operation = operation
    }

    /// What the record says.
    /// - Parameter bytes: the record as it came, kept when its operation is not known.
    func read(_ bytes: [UInt8]) throws(InvocationLogError) -> UsageRecord {
        if let error = json["errorCode"]?.stringValue { return try failed(with: error) }
        if service == "iam" {
            guard let change = try IAMChange.read(json, operation: operation) else { return other }
            return try event(change, actor: actor)
        }
        if service == "sts", operation == "GetFederationToken" { return try session() }
        guard service == "bedrock" || service.hasPrefix("bedrock-") else { return other }
        if let change = try AgentRuntimeRecord.read(json, service: service, operation: operation) {
            guard let about = try principal(of: change) else {
                return .ignored(reason: "CloudTrail: \(operation) by \(nobody)")
            }
            return try event((about, .agentRuntime(change)), actor: actor)
        }
        let call = BedrockCall(endpoint: service, operation: operation)
        let occurrence: PrincipalEvent.Occurrence
        switch BedrockOperations.meaning(of: operation) {
        case .arrangement: return other
        case .call: occurrence = .called(client(of: call))
        case .job(let kind): occurrence = .jobStarted(job(kind, call))
        case .unknown: occurrence = .unknownOperation(call, record: bytes)
        }
        // An AWS service, or another account, has no identity here that a budget could be given to.
        guard let caller = try self.caller() else { return .ignored(reason: "CloudTrail: \(operation) by \(nobody)") }
        return try event((caller, occurrence), actor: actor)
    }

    /// Who asked for a session of which name. The root user may, too: it has no budget to speak of.
    private func session() throws(InvocationLogError) -> UsageRecord {
        guard let actor, actor.id.kind == .user, let name = json["requestParameters"]?["name"]?.stringValue,
            !name.isEmpty, !name.contains("/")
        else { return other }
        return try event((actor, .sessionIssued(name: name)), actor: actor)
    }

    /// Nothing that failed has changed anything. A call is counted all the same, if somebody made it who can have a budget.
    private func failed(with error: String) throws(InvocationLogError) -> UsageRecord {
        guard service == "bedrock" || service.hasPrefix("bedrock-"), let payer,
            BedrockOperations.meaning(of: operation) == .call
        else { return .ignored(reason: "CloudTrail: \(service) \(operation) failed with \(error)") }
        let call = BedrockCall(endpoint: service, operation: operation, errorCode: error)
        return try event((payer, .called(client(of: call))), actor: actor)
    }

    /// The call with what called from where.
    private func client(of call: BedrockCall) -> BedrockCall {
        var call = call
        call.agent = json["userAgent"]?.stringValue.flatMap(CallClient.agent)
        call.address = json["sourceIPAddress"]?.stringValue.flatMap(CallClient.address)
        return call
    }

    private var other: UsageRecord { .ignored(reason: "CloudTrail: \(service) \(operation)") }

    private func event(
        _ change: (principal: Principal, occurrence: PrincipalEvent.Occurrence), actor: Principal?
    ) throws(InvocationLogError) -> UsageRecord {
        guard let id = (json["eventID"] ?? json["requestID"])?.stringValue, !id.isEmpty else {
            throw .missing("eventID")
        }
        guard let time = json["eventTime"]?.stringValue else { throw .missing("eventTime") }
        guard let at = Instant(iso8601: time) else { throw .malformed("eventTime", time) }
        return .principal(
            PrincipalEvent(
                id: id, at: at, region: json["awsRegion"]?.stringValue ?? "unknown", principal: change.principal,
                actor: actor, occurrence: change.occurrence, source: source))
    }

    private func job(_ kind: BedrockJob.Kind, _ call: BedrockCall) -> BedrockJob {
        let answer = json["responseElements"]?.objectValue ?? [:]
        // `jobArn`, `invocationArn`, `provisionedModelArn` and so on: the answer names one thing.
        let arn = answer.first { name, _ in name.hasSuffix("Arn") }?.1.stringValue
        return BedrockJob(kind: kind, call: call, arn: arn, model: json["requestParameters"]?["modelId"]?.stringValue)
    }

    /// The identity of whoever called; a session is its role, whose path CloudTrail tells with the issuer.
    private var actor: Principal? { Self.identity(json["userIdentity"] ?? .null) }

    /// Who has to pay for a call: of a federated session, the user who got it with GetFederationToken. What is not about
    /// money, such as who is trusted, goes by the session itself: a user may give its sessions to others.
    private var payer: Principal? {
        guard let caller = actor else { return nil }
        guard caller.id.kind == .federatedUser,
            let arn = json["userIdentity"]?["sessionContext"]?["sessionIssuer"]?["arn"]?.stringValue,
            let issuer = Self.principal(arn), issuer.id.kind == .user, issuer.id.account == caller.id.account
        else { return caller }
        return Principal(id: issuer.id, partition: issuer.partition, path: issuer.path, session: caller.id.name)
    }

    /// The same of a call that a budget may have to pay.
    /// - Throws: `malformed` for one of IAM's identities whose ARN can't be read: what it used must not vanish.
    private func caller() throws(InvocationLogError) -> Principal? {
        if let payer { return payer }
        let identity = json["userIdentity"] ?? .null
        guard let type = identity["type"]?.stringValue, Self.typesOfIAM.contains(type),
            let arn = identity["arn"]?.stringValue
        else { return nil }
        throw .malformed("userIdentity.arn", arn)
    }

    /// Types of `userIdentity` whose calls are those of a user, a role or the root user of this account.
    private static let typesOfIAM = ["IAMUser", "Role", "AssumedRole", "FederatedUser", "Root"]

    /// Whom a change of a runtime is about: its role, or else who made it.
    private func principal(of change: AgentRuntimeChange) throws(InvocationLogError) -> Principal? {
        if let role = change.role { return role }
        return try caller()
    }

    private var nobody: String {
        let identity = json["userIdentity"] ?? .null
        return identity["invokedBy"]?.stringValue ?? identity["type"]?.stringValue ?? "no identity"
    }

    static func identity(_ json: JSONValue) -> Principal? {
        guard let arn = json["arn"]?.stringValue, let caller = principal(arn) else { return nil }
        guard let issuer = json["sessionContext"]?["sessionIssuer"]?["arn"]?.stringValue.flatMap(principal),
            issuer.id == caller.id
        else { return caller }
        return Principal(id: issuer.id, partition: issuer.partition, path: issuer.path, session: caller.session)
    }

    /// Nil for an identity that no budget can be given to, such as an AWS account.
    private static func principal(_ arn: String) -> Principal? {
        do { return try Principal(arn: arn) } catch { return nil }
    }
}
