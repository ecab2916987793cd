import Foundation
package import WallTime

/// The engine's decisions over its rows: synchronous, each within one transaction, with the time as an argument.
///
/// Everything here can be run by a test or a simulator without the engine around it. What is to be done once the
/// transaction is durable is left in `Work.effects`.
package final class EngineCore<Transaction: ExecutionTransaction>: Sendable {
    package let options: EngineOptions
    package let steps: [String: Step<Transaction>]
    /// Whether what a worker elsewhere reports may have to be recorded by a step.
    let recordsReports: Bool
    package let resources: [any ResourceHandler]
    package let redrivers: [DeadLetterKind: Redriver]
    package let machines = MachineCatalog()
    package let tokens: TaskTokens
    private let seed: UInt64
    private let registry = LockedBox(WorkflowRegistry())
    private let names: LockedBox<SplitMix>

    package typealias Redriver = @Sendable (Work<Transaction>, DeadLetter) throws -> Void

    /// - Parameter seed: decides everything random: the seeds of executions, and the names of those started without.
    package init(
        steps: [String: Step<Transaction>], resources: [any ResourceHandler] = [],
        redrivers: [DeadLetterKind: Redriver] = [:], options: EngineOptions = EngineOptions(), seed: UInt64
    ) {
        self.steps = steps
        recordsReports = steps.values.contains { $0.isPerformedElsewhere && $0.record != nil }
        self.resources = resources
        self.redrivers = redrivers
        self.options = options
        self.seed = seed
        tokens = TaskTokens(secret: options.tokenSecret)
        names = LockedBox(SplitMix(seed: seed))
    }

    /// A transaction's `Work`. The effects are to be carried out once it is durable, and dropped if it is undone.
    /// - Parameter announce: told of every execution started in it, while it is not yet durable.
    package func work(
        in transaction: Transaction, at now: Instant, handOuts: HandOuts = .none,
        announce: @escaping @Sendable (ExecutionID) -> Void = { _ in }
    ) -> Work<Transaction> {
        Work(transaction: transaction, now: now, core: self, handOuts: handOuts, announce: announce)
    }

    // MARK: Workflows

    package var workflows: [Workflow] { registry.withLock { $0.all } }

    package func workflow(named name: String) -> Workflow? { registry.withLock { $0.byName[name] } }

    /// Those that an event may start.
    var listeningWorkflows: [Workflow] { registry.withLock { $0.listening } }

    func replaceWorkflows(_ workflows: [Workflow]) {
        let replacement = WorkflowRegistry(workflows)
        registry.withLock { $0 = replacement }
    }

    // MARK: Names and seeds

    package func machineARN(_ name: String) -> String {
        "arn:aws:states:\(options.region):\(options.account):stateMachine:\(name)"
    }

    package func activityARN(_ name: String) -> String {
        "arn:aws:states:\(options.region):\(options.account):activity:\(name)"
    }

    /// An express execution's name says so: it is followed by a colon and what tells it apart from others of the name.
    package func executionARN(_ name: String, of machine: String) -> String {
        let kind = name.utf8.contains(UInt8(ascii: ":")) ? ":express:" : ":execution:"
        return String(joining: "arn:aws:states:", options.region, ":", options.account, kind, machine, ":", name)
    }

    package func randomName() -> String { names.withLock { ExecutionNames.random($0.next(), $0.next()) } }

    /// Of an execution that is started then without a name.
    package func executionName(at now: Instant) -> String {
        names.withLock { ExecutionNames.random(at: now, $0.next(), $0.next()) }
    }

    /// Different for every execution, and the same again when a simulation is repeated.
    func seed(for id: ExecutionID) -> UInt64 {
        var mixer = SplitMix(seed: seed ^ UInt64(bitPattern: id.rawValue) &* 0xD6E8_FEB8_6659_FD93)
        return mixer.next()
    }
}

/// The workflows in force.
struct WorkflowRegistry: Sendable {
    var all: [Workflow] = []
    var byName: [String: Workflow] = [:]
    /// Those that an event may start.
    var listening: [Workflow] = []

    init() {}

    init(_ workflows: [Workflow]) {
        all = workflows
        byName = Dictionary(workflows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        listening = workflows.filter { $0.enabled && $0.event != nil }
    }
}
