/// What can be set about an engine. Every limit has its reason beside it.
package struct EngineOptions: Sendable {
    /// The account and region that appear in ARNs.
    package var account = "000000000000"
    package var region = "us-east-1"
    /// Steps of this process that run at one time; more wait their turn.
    package var stepConcurrency = 64
    /// Requests of integrations that run at one time, besides: however slow the other side is, no step waits for them.
    package var requestConcurrency = 64
    /// Executions that one look at the timers takes up: bounds memory when very many are due at once.
    package var timerBatch = 1000
    /// Parked executions that stay in memory after something happened to them.
    package var warmExecutions = 512
    /// Executions that recovery loads at a time.
    package var recoveryBatch = 256
    /// Largest input of an execution, in bytes of JSON (AWS: 256 KiB).
    package var payloadLimit = 262_144
    /// The longest that the timer service sleeps, so that a jump of the wall clock is noticed.
    package var longestSleep: Duration = .seconds(60)
    /// How long a commit that the store refused (a full disk, say) waits before it is tried again.
    package var storeRetryDelay: Duration = .seconds(1)
    /// The longest that it waits when it is refused again and again: how late an execution notices that there is space.
    package var longestStoreRetryDelay: Duration = .seconds(5)
    /// How many fires of a `buffer_all` schedule wait at most; later ones are skipped and say so.
    package var bufferLimit = 1000
    /// The key of task tokens. A daemon that keeps it across restarts keeps its tokens valid.
    package var tokenSecret: [UInt8] = Array("steward task token".utf8)

    /// The role of state machines that were given none.
    package var roleARN: String { "arn:aws:iam::\(account):role/steward" }

    package init() {}

    package init(account: String, region: String) {
        self.account = account
        self.region = region
    }
}
