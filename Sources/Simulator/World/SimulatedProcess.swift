import AWSClient
import AWSTasks
import BedrockUsage
import Budgets
package import Engine
package import Enforcement
import Foundation
import JSONModel
import Logging
import StatesAPI
package import TestKit
import WallTime

/// What a world keeps between processes.
package struct Surroundings: Sendable {
    package var clock: VirtualClock
    package var iam: IAMModel
    package var log: RunLog
    package var dice: Guarded<SeededRandom>
    package var isCalm: @Sendable () -> Bool
}

/// One life of the daemon: the real engine, the real domain and IAM steps, the real nested executions, on a store of
/// which it knows nothing.
package final class SimulatedProcess<Store: ExecutionStore>: Sendable where Store.Transaction: BudgetLedger {
    package let engine: Engine<FaultyStore<Store>>
    package let service: EnforcementService<FaultyStore<Store>>
    package let prices: PriceService<FaultyStore<Store>>
    package let weather: Weather
    private let nested = StatesIntegration<FaultyStore<Store>>()
    private let running = Guarded<Task<Void, any Error>?>(nil)

    package init(_ base: Store, _ around: Surroundings) throws {
        let weather = Weather()
        let clock = Self.clock(around.clock, weather)
        let settings = CurrentSettings(
            EnforcementSettings(
                defaultBudget: DefaultBudget(periodRule: .span(seconds: 7200)), channels: { _ in ["log"] },
                digest: { hexadecimal(sha256($0)) }))
        let store = FaultyStore(base, weather: weather, clock: clock)
        let engine = Engine(
            store: store, clock: clock, steps: try Self.steps(settings, around, weather, clock), resources: [nested],
            // Each life draws its own names, as a daemon does: the same again would be somebody else's.
            seed: around.dice.withLock { $0.next() }, faults: { weather.pass($0) },
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
        nested.connect(WireAPI(engine: engine, clock: clock))
        self.engine = engine
        self.weather = weather
        service = EnforcementService(engine: engine, settings: settings)
        prices = PriceService(engine: engine, settings: settings)
    }

    package func run() { running.withLock { $0 = Task { [engine] in try await engine.run() } } }

    /// The process is dead: nothing that it still does has an effect, and its tasks end.
    package func kill() async {
        weather.die()
        running.withLock { $0?.cancel() }
        await engine.drain(deadline: .zero)
        _ = await running.withLock { $0 }?.result
        nested.connect(nil)
    }

    /// The process ends in good order.
    package func stop() async {
        await engine.drain(deadline: .seconds(30))
        running.withLock { $0?.cancel() }
        _ = await running.withLock { $0 }?.result
        weather.die()
        nested.connect(nil)
    }

    /// The world's clock, as long as the process lives.
    private static func clock(_ clock: VirtualClock, _ weather: Weather) -> WallClock {
        let whole = clock.wallClock
        return WallClock(
            now: whole.now, monotonicNanoseconds: whole.monotonicNanoseconds,
            sleepUntil: { due in
                if due <= whole.now() { return }
                if weather.isDead { throw CancellationError() }
                try await whole.sleepUntil(due)
                if weather.isDead { throw CancellationError() }
            })
    }

    private static func steps(
        _ settings: CurrentSettings, _ around: Surroundings, _ weather: Weather, _ clock: WallClock
    ) throws -> [String: Step<Store.Transaction>] {
        var steps: [String: Step<Store.Transaction>] = DomainSteps.all(settings)
        let client = AWSClient(
            configuration: try AWSConfiguration(environment: ["AWS_REGION": "us-east-1"]),
            credentials: .fixed(
                AWSCredentials(accessKeyID: "AKIAMODEL", secretAccessKey: "model", sessionToken: nil, expiration: nil)),
            transport: SimulatedNetwork(around: around, weather: weather, clock: clock).transport, clock: clock,
            randomFraction: { Double(around.dice.withLock { $0.roll(0...1000) }) / 1000 })
        for (name, perform) in IAMSteps(access: IAMAccess(client: client, clock: clock)).performs {
            steps[name] = Step(perform: { context, input in
                try weather.requireLife()
                around.log.called(name, context)
                return try await perform(context, input)
            })
        }
        steps["back-up-access"]?.record = DomainSteps.recordBackup(settings)
        steps["take-away-access"]?.record = DomainSteps.recordTaken(settings)
        let simulated = SimulatedSteps(
            log: around.log, weather: weather, clock: clock, dice: around.dice, isCalm: around.isCalm)
        let random: [String: Step<Store.Transaction>] = simulated.all()
        return steps.merging(random) { first, _ in first }
    }
}

/// What stands between a process and IAM: it takes time, and a dead process sends nothing.
private struct SimulatedNetwork: Sendable {
    let around: Surroundings
    let weather: Weather
    let clock: WallClock

    var transport: HTTPTransport {
        let model = around.iam.transport
        return HTTPTransport(send: { request in
            try weather.requireLife()
            let pause = around.dice.withLock { $0.roll(0...400) }
            if pause > 200 { try await clock.sleepUntil(clock.now() + .milliseconds(Int64(pause))) }
            try weather.requireLife()
            return try await model.send(request)
        })
    }
}
