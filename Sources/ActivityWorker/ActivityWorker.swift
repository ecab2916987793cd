import AWSClient
package import Engine
import Interpreter
package import JSONModel
package import Logging
package import WallTime

/// Serves activities of a Step Functions endpoint: polls for tasks, carries them out, tells the result.
///
/// A worker keeps nothing. When it dies, its tasks time out at the engine (`HeartbeatSeconds`, `TimeoutSeconds`) and are
/// retried, by another worker; so a step must be harmless when it is done twice.
package final class ActivityWorker: Sendable {
    package typealias Perform = @Sendable (TaskContext, JSONValue) async throws -> JSONValue

    package struct Options: Sendable {
        /// Shown in the history of the executions.
        package var name: String
        /// Tasks of one activity that are carried out at one time.
        package var concurrency = 4
        /// How often the engine hears that a step is still at work.
        package var heartbeat: Duration = .seconds(10)

        package init(name: String) { self.name = name }
    }

    let endpoint: ActivityEndpoint
    let performs: [String: Perform]
    let options: Options
    let clock: WallClock
    let randomFraction: @Sendable () -> Double
    let faults: @Sendable (FaultPoint) -> Void
    let logger: Logger

    /// - Parameter performs: what is done, by the name of the activity.
    package init(
        endpoint: ActivityEndpoint, performs: [String: Perform], options: Options, clock: WallClock,
        randomFraction: @escaping @Sendable () -> Double, faults: @escaping @Sendable (FaultPoint) -> Void = { _ in },
        logger: Logger
    ) {
        self.endpoint = endpoint
        self.performs = performs
        self.options = options
        self.clock = clock
        self.randomFraction = randomFraction
        self.faults = faults
        self.logger = logger
    }

    /// Works until the task is cancelled, which ends the polls; then what is under way has `drain` to end.
    /// - Throws: `AWSError` when the endpoint refuses the worker: its rights or its settings are wrong.
    package func run(drain: Duration) async throws {
        let arns = try await register()
        logger.notice(
            "the worker serves activities",
            metadata: ["activities": "\(arns.keys.sorted().joined(separator: ", "))", "worker": "\(options.name)"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (activity, arn) in arns {
                group.addTask { [self] in try await serve(activity, arn, drain: drain) }
            }
            do {
                try await group.waitForAll()
            } catch {
                // One activity that cannot be served ends the worker; the others drain.
                group.cancelAll()
                throw error
            }
        }
    }

    /// Waits for the endpoint as long as it is away.
    private func register() async throws -> [String: String] {
        var backoff = Backoff()
        while true {
            do throws(AWSError) {
                return try await endpoint.activities(performs.keys.sorted())
            } catch {
                if error.isOfConfiguration { throw error }
                try await pause(&backoff, after: error, "the endpoint does not answer; it is tried again")
            }
        }
    }

    private func serve(_ activity: String, _ arn: String, drain: Duration) async throws {
        let slots = Slots(options.concurrency)
        var backoff = Backoff()
        var failure: AWSError?
        while failure == nil, await slots.take() {
            do throws(AWSError) {
                guard let task = try await endpoint.task(of: arn, worker: options.name) else {
                    backoff.succeeded()
                    slots.giveBack()
                    continue
                }
                if backoff.failures > 0 {
                    logger.notice("the endpoint answers again", metadata: ["activity": "\(activity)"])
                }
                backoff.succeeded()
                // Not a child: the end of the polls must not cancel the step.
                Task { [self] in
                    await carryOut(activity, token: task.token, input: task.input)
                    slots.giveBack()
                }
            } catch {
                slots.giveBack()
                if Task.isCancelled { break }
                if error.isOfConfiguration { failure = error; break }
                do {
                    try await pause(&backoff, after: error, "polling failed; it is tried again")
                } catch { break }
            }
        }
        await rest(slots, within: drain, activity)
        if let failure { throw failure }
    }

    private func pause(_ backoff: inout Backoff, after error: AWSError, _ what: Logger.Message) async throws {
        let wait = backoff.next(fraction: randomFraction())
        if backoff.failures == 1 || backoff.failures.isMultiple(of: 10) {
            logger.warning(what, metadata: ["error": "\(error)", "pause": "\(wait)"])
        }
        try await clock.pause(for: wait)
    }

    /// Waits for the steps under way.
    private func rest(_ slots: Slots, within drain: Duration, _ activity: String) async {
        // Its own task: this one is cancelled already.
        let timer = Task.detached { [clock] in
            do { try await clock.pause(for: drain) } catch { return }
            slots.close()
        }
        await slots.waitUntilAllAreBack()
        timer.cancel()
        let left = slots.taken
        if left > 0 {
            logger.warning(
                "steps are left in the middle; the engine gives them to another worker when they time out",
                metadata: ["activity": "\(activity)", "count": "\(left)"])
        }
    }
}
