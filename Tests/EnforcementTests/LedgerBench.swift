import Budgets
import Engine
import Interpreter
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

/// A ledger in memory at a time that a test sets, with a bus that remembers what was published.
final class LedgerBench: Sendable {
    let store = MemoryStore()
    private let time: Guarded<Instant>
    private let sent = Guarded<[BusEvent]>([])
    private let isListening = Guarded(true)
    private let options: Guarded<EnforcementSettings>

    init(at text: String = "2026-11-20T10:00:00Z", policy: SuspensionPolicy = SuspensionPolicy()) {
        time = Guarded(day(text))
        options = Guarded(
            EnforcementSettings(
                prices: CurrentPrices(prices), policy: policy, channels: { _ in ["log"] },
                digest: { bytes in "hash-\(bytes.reduce(0) { $0 &* 31 &+ Int($1) })" }))
    }

    var now: Instant { time.withLock { $0 } }
    var settings: EnforcementSettings { options.withLock { $0 } }
    /// Events for which a workflow was started.
    var published: [BusEvent] { sent.withLock { $0 } }
    var publishedTypes: [String] { published.map(\.detailType) }

    func move(to text: String) { time.withLock { $0 = day(text) } }
    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
    func listen(_ listens: Bool) { isListening.withLock { $0 = listens } }
    func configure(_ change: (inout EnforcementSettings) -> Void) { options.withLock { change(&$0) } }

    /// Runs `body` in one transaction.
    func transact<Result: Sendable>(
        _ body: @escaping @Sendable (Desk<MemoryTransaction>) throws -> Result
    ) async throws -> Result {
        let (now, settings) = (now, settings)
        return try await store.write { transaction in
            try body(
                Desk(transaction: transaction, now: now, settings: settings) { event in
                    try self.publish(event, transaction)
                })
        }
    }

    /// As the engine does: the same event starts nothing again, and what is started runs.
    private func publish(_ event: BusEvent, _ transaction: MemoryTransaction) throws -> [String] {
        guard isListening.withLock({ $0 }), try transaction.execution(named: event.id, of: "machine") == nil else {
            return []
        }
        let definition = MachineDefinition(source: "", json: [:], hash: "h")
        let version = try transaction.saveStateMachine(name: "machine", definition: definition, at: now)
        _ = try transaction.insertExecution(
            NewExecution(
                stateMachine: "machine", version: version.id, name: event.id, workflow: nil, startedAt: now))
        sent.withLock { $0.append(event) }
        return [event.id]
    }

    /// All executions that were started have ended, whatever they did; or one of them.
    func endWorkflows(_ name: String? = nil) async throws {
        let now = now
        try await store.write { transaction in
            for record in try transaction.executions(ExecutionQuery(statuses: [.running], limit: 10_000)).executions
            where name == nil || record.name == name {
                try transaction.finishExecution(record.id, status: .failed, at: now, error: nil, cause: nil)
            }
        }
    }

    /// The same, and all went well.
    func succeedWorkflows() async throws {
        let now = now
        try await store.write { transaction in
            for record in try transaction.executions(ExecutionQuery(statuses: [.running], limit: 10_000)).executions {
                try transaction.finishExecution(record.id, status: .succeeded, at: now, error: nil, cause: nil)
            }
        }
    }

    @discardableResult
    func meter(_ records: [UsageRecord]) async throws -> IngestReport {
        try await transact { try Metering.meter(records, source: "test", $0) }
    }

    @discardableResult
    func meter(_ events: UsageEvent...) async throws -> IngestReport { try await meter(events.map { .usage($0) }) }

    /// Runs a domain step, with another idempotency key each time unless one is given, in the execution that the account
    /// knows, unless another is named.
    @discardableResult
    func step(
        _ name: String, _ input: JSONValue = [:], key: String? = nil, in execution: String? = nil
    ) async throws -> JSONValue {
        let budget = input["budgetId"]?.stringValue.map(BudgetID.init(rawValue:))
        let known = try await store.read { transaction in try budget.flatMap { try transaction.account($0) } }
        let context = context(key ?? "key-\(store.commits)", in: execution ?? known?.workflows.last ?? "run-1")
        return try await transact { desk in try failingTask { try StepRun(desk, context, input).run(name) } }
    }

    func backUp(_ snapshot: JSONValue, _ input: JSONValue) async throws -> JSONValue {
        let context = context("backup")
        return try await transact { desk in
            try failingTask { try StepRun(desk, context, input).recordBackup(snapshot) }
        }
    }

    func recordTaken(_ performed: JSONValue, _ input: JSONValue) async throws -> JSONValue {
        let context = context("taken")
        return try await transact { desk in
            try failingTask { try StepRun(desk, context, input).recordTaken(performed) }
        }
    }

    func recordTags(_ performed: JSONValue, _ input: JSONValue) async throws -> JSONValue {
        let context = context("tags")
        return try await transact { desk in
            try failingTask { try StepRun(desk, context, input).recordTags(performed) }
        }
    }

    func context(_ key: String, in execution: String = "run-1") -> TaskContext {
        TaskContext(
            execution: ExecutionID(rawValue: 1), executionARN: "arn", executionName: execution,
            stateMachine: "suspension",
            state: "State", resource: "activity:x", retryCount: 0, idempotencyKey: key, now: now, deadline: nil,
            heartbeat: {})
    }

    func account(_ name: String = "ana") async throws -> BudgetAccount {
        try #require(try await store.read { try $0.account(budgetID(name)) })
    }

    /// Changes a row behind everyone's back, to begin a test in some state.
    func alter(_ name: String = "ana", _ change: @escaping @Sendable (inout BudgetAccount) -> Void) async throws {
        try await store.write { transaction in
            guard var account = try transaction.account(budgetID(name)) else { return }
            change(&account)
            try transaction.saveAccount(account)
        }
    }

    var notices: [Notice] { get async throws { try await store.read { try $0.notices(limit: 1000).reversed() } } }
    var noticeKinds: [Notice.Kind] { get async throws { try await notices.map(\.kind) } }
    var audit: [AuditEntry] {
        get async throws { try await store.read { try $0.auditEntries(subject: nil, limit: 1000).reversed() } }
    }
    var deadLetters: [DeadLetter] {
        get async throws { try await store.read { try $0.deadLetters(DeadLetterQuery(status: nil)) } }
    }
}

/// One dollar for a million tokens of input; anything else is unknown.
let prices = PriceBook(rows: [
    PriceRow(
        model: "acme.a", effectiveFrom: Instant(milliseconds: 0),
        rates: Rates(input: TokenPrice(rawValue: 1_000_000), output: .free), source: "test")
])

func day(_ text: String) -> Instant {
    guard let instant = Instant(iso8601: text.contains("T") ? text : text + "T00:00:00Z") else {
        preconditionFailure("not a time: \(text)")
    }
    return instant
}

func principalID(_ name: String) -> PrincipalID { PrincipalID(account: "111122223333", kind: .user, name: name) }

func budgetID(_ name: String) -> BudgetID { BudgetScope.principal(principalID(name)).budgetID }

/// A use that costs so many cents.
func use(
    _ requestID: String, _ name: String = "ana", cents: Int64, at text: String = "2026-11-20T09:59:00Z",
    model: String = "acme.a"
) -> UsageEvent {
    UsageEvent(
        key: UsageKey(account: "111122223333", region: "us-east-1", requestID: requestID), at: day(text),
        principal: Principal(id: principalID(name)), model: ModelID(model), operation: "Converse",
        tokens: TokenCounts(input: cents * 10_000), source: "test")
}

func dollars(_ text: String) -> NanoDollars {
    guard let amount = NanoDollars(dollars: text) else { preconditionFailure("not an amount: \(text)") }
    return amount
}

/// What the workflows are given about a principal.
func request(_ name: String = "ana") -> JSONValue {
    ["budgetId": .string(budgetID(name).rawValue), "principalId": .string(principalID(name).description)]
}

extension JSONValue {
    func with(_ name: String, _ value: JSONValue) -> JSONValue { setting(name, value) }
}
