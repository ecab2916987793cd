package import Engine
import JSONModel
package import TestKit
package import WallTime

/// What the world outside the engine has seen in a run: the clients, the workers, IAM. No crash takes any of it back,
/// and the checkers hold the store against it.
package final class RunLog: Sendable {
    /// A start that a client asked for.
    package struct Start: Sendable, Equatable {
        package var machine: String
        package var name: String
        /// Its number, once a client was answered.
        package var acknowledged: ExecutionID?

        package init(machine: String, name: String, acknowledged: ExecutionID? = nil) {
            self.machine = machine
            self.name = name
            self.acknowledged = acknowledged
        }
    }

    /// Work outside the store that a step has begun.
    package struct Call: Sendable, Equatable {
        package var step: String
        package var execution: ExecutionID
        package var task: Int
        package var state: String
        package var key: String
        package var at: Instant

        package init(step: String, execution: ExecutionID, task: Int, state: String, key: String, at: Instant) {
            self.step = step
            self.execution = execution
            self.task = task
            self.state = state
            self.key = key
            self.at = at
        }
    }

    /// A change of a user's policies that IAM made.
    package struct Change: Sendable, Equatable {
        package var action: String
        package var user: String
        package var policy: String
        package var at: Instant
        /// Whether the user may invoke a model from then on.
        package var mayInvoke: Bool

        package init(action: String, user: String, policy: String, at: Instant, mayInvoke: Bool = false) {
            self.action = action
            self.user = user
            self.policy = policy
            self.at = at
            self.mayInvoke = mayInvoke
        }
    }

    /// A use of a model, as its log record tells it: it is delivered once or more, sooner or later.
    package struct Spend: Sendable, Equatable {
        package var user: String
        package var request: String
        package var tokens: Int64
        package var at: Instant
        /// Whether a delivery of it was answered.
        package var isAcknowledged: Bool

        package init(user: String, request: String, tokens: Int64, at: Instant, isAcknowledged: Bool = false) {
            self.user = user
            self.request = request
            self.tokens = tokens
            self.at = at
            self.isAcknowledged = isAcknowledged
        }
    }

    /// A schedule that a client paused, until the resume was answered.
    package struct Pause: Sendable, Equatable {
        package var workflow: String
        package var from: Instant
        package var to: Instant?

        package init(workflow: String, from: Instant, to: Instant? = nil) {
            self.workflow = workflow
            self.from = from
            self.to = to
        }
    }

    private struct State {
        var pauses: [Pause] = []
        var starts: [Start] = []
        var spends: [Spend] = []
        var prices: [Int64] = []
        var calls: [Call] = []
        var changes: [Change] = []
        var handedOut: [String] = []
        var counts: [String: Int] = [:]
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        var lines = 0
    }

    private let state = Guarded(State())
    private let clock: VirtualClock
    /// Is told every line of the trace.
    private let listener: (@Sendable (String) -> Void)?

    package init(clock: VirtualClock, listener: (@Sendable (String) -> Void)? = nil) {
        self.clock = clock
        self.listener = listener
    }

    package var starts: [Start] { state.withLock(\.starts) }
    package var calls: [Call] { state.withLock(\.calls) }
    package var changes: [Change] { state.withLock(\.changes) }
    package var spends: [Spend] { state.withLock(\.spends) }
    /// What a token has cost at one time or another, in nano-dollars.
    package var prices: [Int64] { state.withLock(\.prices) }
    package var counts: [String: Int] { state.withLock(\.counts) }
    package var handedOut: [String] { state.withLock(\.handedOut) }
    /// FNV-1a over all lines: two runs with the same digest did the same things at the same instants.
    package var digest: UInt64 { state.withLock(\.digest) }
    package var lines: Int { state.withLock(\.lines) }

    /// Adds a line to the trace. The first word is counted.
    package func trace(_ line: String) {
        let text = "\(clock.now.iso8601) \(line)"
        state.withLock { state in
            for byte in text.utf8 { state.digest = (state.digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            state.lines += 1
            state.counts[String(line.prefix { $0 != " " }), default: 0] += 1
        }
        listener?(text)
    }

    package func asked(_ machine: String, _ name: String) {
        state.withLock { $0.starts.append(Start(machine: machine, name: name)) }
    }

    package func acknowledged(_ machine: String, _ name: String, _ id: ExecutionID) {
        trace("acknowledged \(machine)/\(name) as \(id.rawValue)")
        state.withLock { state in
            guard let place = state.starts.firstIndex(where: { $0.machine == machine && $0.name == name }) else {
                return
            }
            state.starts[place].acknowledged = id
        }
    }

    package func called(_ step: String, _ context: TaskContext) {
        trace("perform \(step) \(context.idempotencyKey) #\(context.retryCount)")
        let call = Call(
            step: step, execution: context.execution, task: context.task, state: context.state,
            key: context.idempotencyKey, at: clock.now)
        state.withLock { $0.calls.append(call) }
    }

    package var pauses: [Pause] { state.withLock(\.pauses) }

    package func paused(_ workflow: String) {
        let pause = Pause(workflow: workflow, from: clock.now)
        state.withLock { $0.pauses.append(pause) }
    }

    package func resumed(_ workflow: String) {
        let now = clock.now
        state.withLock { state in
            guard let place = state.pauses.firstIndex(where: { $0.workflow == workflow && $0.to == nil }) else {
                return
            }
            state.pauses[place].to = now
        }
    }

    package func used(_ spend: Spend) { state.withLock { $0.spends.append(spend) } }

    package func acknowledged(_ spend: Spend) {
        state.withLock { state in
            guard let place = state.spends.firstIndex(where: { $0.request == spend.request }) else { return }
            state.spends[place].isAcknowledged = true
        }
    }

    package func priced(_ nanosPerToken: Int64) { state.withLock { $0.prices.append(nanosPerToken) } }

    package func changed(_ action: String, _ user: String, _ policy: String, mayInvoke: Bool) {
        trace("iam \(action) \(user) \(policy)")
        let change = Change(action: action, user: user, policy: policy, at: clock.now, mayInvoke: mayInvoke)
        state.withLock { $0.changes.append(change) }
    }

    package func handedOut(_ token: String) { state.withLock { $0.handedOut.append(token) } }
}
