import Engine
import Enforcement
import Foundation
import JSONModel
import TestKit
import WallTime

/// Something that should be gone when nobody uses it any more.
struct Remains {
    private(set) weak var object: AnyObject?
}

/// One run: a world that a seed decides, from the first start to the last check.
///
/// Touched only by the executor's thread. What runs as tasks gets `Surroundings` and `current`, which are Sendable.
final class World<Disk: Medium> {
    let executor: SeededExecutor
    let disk: Disk
    let around: Surroundings
    let current = Guarded<SimulatedProcess<Disk.Store>?>(nil)
    /// The engines of all processes that there were.
    private(set) var engines: [Remains] = []
    let clients: Clients<Disk.Store>
    var random: SeededRandom
    var installation: Installation
    let purses: Purses
    var origins: [String: IAMModel.User] = [:]
    var restartAt: Instant?
    /// Jobs until the process dies; nil when that is not planned.
    var deathAtStep: Int?
    var names = 0
    /// By how much the clock was set back, all times together.
    var setBack = Duration.zero
    private let calm: Guarded<Bool>
    private var workers: [Task<Void, Never>] = []

    var clock: VirtualClock { around.clock }
    var log: RunLog { around.log }
    var process: SimulatedProcess<Disk.Store>? { current.withLock { $0 } }
    var users: [String] { origins.keys.sorted() }

    init(
        seed: UInt64, root: URL, disk: Disk, executor: SeededExecutor, listener: (@Sendable (String) -> Void)?
    ) throws {
        var random = SeededRandom(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        let clock = VirtualClock(at: Instant(milliseconds: 1_795_168_800_000 + Int64(random.roll(0...86_400_000))))
        let log = RunLog(clock: clock, listener: listener)
        let calm = Guarded(false)
        let iam = IAMModel(
            pageSize: random.roll(1...3),
            changed: { log.changed($0.action, $0.user ?? "", $0.policy ?? "", mayInvoke: $1) })
        around = Surroundings(
            clock: clock, iam: iam, log: log, dice: Guarded(random.split()), isCalm: { calm.withLock { $0 } })
        self.calm = calm
        self.disk = disk
        self.executor = executor
        clients = Clients(around: around, current: current)
        installation = try Installation(root: root, random: random.split())
        let users = (0..<random.roll(1...3)).map { "user-\($0)" }
        purses = Purses(users: users, random: random.split())
        self.random = random
        populate(users)
    }

    /// Users of IAM with different grants.
    private func populate(_ users: [String]) {
        let managed = "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"
        let other = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        let grant: JSONValue = ["Statement": [["Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"]]]
        let iam = around.iam
        iam.addPolicy(arn: managed, document: grant)
        iam.addPolicy(arn: other, document: ["Statement": [["Effect": "Allow", "Action": "s3:Get*", "Resource": "*"]]])
        iam.addGroup("spenders", policies: [managed])
        for name in users {
            iam.addUser(
                name, attached: random.chance(50) ? [managed, other] : [managed],
                groups: random.chance(30) ? ["spenders"] : [],
                inline: random.chance(30) ? ["own": grant.jsonString] : [:])
            origins[name] = iam.user(name)
        }
    }

    // MARK: Life and death

    /// Starts a process, as an operator's service manager would: again and again until one comes up.
    func boot(afterCrash crashed: Bool) throws {
        restartAt = nil
        var crashed = crashed
        for attempt in 1... {
            let process = try SimulatedProcess(try disk.open(afterCrash: crashed), around)
            engines.append(Remains(object: process.engine))
            if attempt < 4, random.chance(15), !around.isCalm() {
                process.weather.die(atWrite: random.roll(1...12), random.chance(50) ? .beforeCommit : .afterCommit)
            }
            let (installation, purses) = (installation, purses)
            do {
                try perform("set-up") {
                    try await installation.install(on: process.engine)
                    try await process.prices.refresh()
                    try await purses.install(on: process.service)
                }
            } catch let error where process.weather.isDead {
                log.trace("crash at start, \(error is StoreError)")
                try perform("burial") { await process.kill() }
                crashed = true
                continue
            }
            process.run()
            current.withLock { $0 = process }
            return log.trace("start of process, attempt \(attempt)")
        }
    }

    /// Puts the installation as it is now in force, as saving a YAML file does.
    func reinstall(_ process: SimulatedProcess<Disk.Store>) {
        let installation = installation
        let log = log
        Task { await installation.replace(on: process.engine, log) }
    }

    func crash() throws {
        guard let process else { return }
        current.withLock { $0 = nil }
        deathAtStep = nil
        log.trace("crash")
        try perform("burial") { await process.kill() }
        restartAt = clock.now + .milliseconds(Int64(random.roll(0...20) * random.roll(0...60_000)))
    }

    func restart() throws {
        guard let process else { return }
        current.withLock { $0 = nil }
        log.trace("stop")
        try perform("stop") { await process.stop() }
        try boot(afterCrash: process.weather.isDead && random.chance(10))
    }

    func startWorkers() {
        for number in 0..<3 {
            let activity = RandomMachine.remoteActivities[number % RandomMachine.remoteActivities.count]
            let worker = RemoteWorker(name: "w\(number)", activity: activity, around: around, current: current)
            workers.append(Task { await worker.work() })
        }
    }

    /// From now on nothing goes wrong any more.
    func calmDown() throws {
        calm.withLock { $0 = true }
        around.iam.forgetFaults()
        deathAtStep = nil
        process?.weather.clear()
        log.trace("calm")
        if process == nil { try boot(afterCrash: true) }
    }

    /// Ends everything that runs.
    func close() throws {
        for worker in workers { worker.cancel() }
        if let process {
            current.withLock { $0 = nil }
            try perform("last stop") { await process.stop() }
        }
        settle()
    }

    // MARK: Turning the crank

    /// Runs what is ready. Now and then time goes by while others wait for their turn.
    func settle() {
        executor.runUntilIdle {
            if let left = deathAtStep {
                deathAtStep = left - 1
                if left <= 0 {
                    process?.weather.die()
                    deathAtStep = nil
                }
            }
            if random.chance(2) { clock.advance(by: .milliseconds(Int64(random.roll(1...30)))) }
        }
    }

    /// Does something asynchronous, letting time go by until it is done.
    @discardableResult
    func perform<Result: Sendable>(
        _ what: String, _ body: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        let outcome = Guarded<Swift.Result<Result, any Error>?>(nil)
        Task {
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
        }
        for _ in 0..<100_000 {
            settle()
            if let result = outcome.withLock({ $0 }) { return try result.get() }
            guard let next = clock.nextWake else { break }
            clock.advance(to: next)
        }
        throw ConditionNeverHeld(description: "\(what) never came to an end")
    }

    func name(_ prefix: String) -> String {
        names += 1
        return "\(prefix)\(names)"
    }
}
