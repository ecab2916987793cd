import AWSClient
import Engine
import Interpreter
import JSONModel
import Logging
import WallTime

extension ActivityWorker {
    /// Does one task and tells what came of it.
    func carryOut(_ activity: String, token: String, input: String) async {
        let step = Task { [self] in await perform(activity, token: token, input: input) }
        let heartbeat = Task { [self] in await beat(token) { step.cancel() } }
        let result = await step.value
        heartbeat.cancel()
        faults(FaultPoint(.afterPerform, state: activity))
        await report(result, activity, token: token)
    }

    private func perform(_ activity: String, token: String, input: String) async -> Result<JSONValue, TaskFailure> {
        guard let step = performs[activity] else {
            return .failure(TaskFailure(error: "States.TaskFailed", cause: "This worker does not serve \(activity)."))
        }
        do {
            faults(FaultPoint(.beforePerform, state: activity))
            let output = try await step(context(activity, token), JSONValue(parsing: input))
            // The endpoint would refuse it, and the task stay open until it times out.
            return PayloadLimit.allows(output) ? .success(output) : .failure(Self.oversized(activity))
        } catch let failure as TaskFailure {
            return .failure(failure)
        } catch {
            return .failure(TaskFailure(error: "States.TaskFailed", cause: "\(error)"))
        }
    }

    /// What a worker knows of a task: no more than its token.
    private func context(_ activity: String, _ token: String) -> TaskContext {
        TaskContext(
            execution: ExecutionID(rawValue: 0), executionARN: "", executionName: "", stateMachine: "", state: activity,
            resource: "activity:\(activity)", retryCount: 0, idempotencyKey: hexadecimal(sha256(token.utf8)),
            now: clock.now(), deadline: nil, heartbeat: {})
    }

    /// Tells the engine that the step is at work, until it ends or nobody wants it any more.
    private func beat(_ token: String, _ abandon: @Sendable () -> Void) async {
        while !Task.isCancelled {
            do { try await clock.pause(for: options.heartbeat) } catch { return }
            do throws(AWSError) {
                _ = try await endpoint.call("SendTaskHeartbeat", ["taskToken": .string(token)])
            } catch {
                if error.isTaskGone { return abandon() }
                logger.warning("a heartbeat was not taken", metadata: ["error": "\(error)"])
            }
        }
    }

    private static func oversized(_ activity: String) -> TaskFailure {
        TaskFailure(
            error: "States.DataLimitExceeded",
            cause:
                "The step '\(activity)' returned a result of more than \(PayloadLimit.bytes) bytes of JSON, or one nested "
                + "deeper than \(PayloadLimit.depth) levels, which no task may have as its result. Have the step return less, "
                + "or keep the data elsewhere and return where it is.")
    }

    /// Tells the result, as often as it takes: the step is done, and only its report is missing. A result that the
    /// endpoint refuses for good is the task's failure.
    private func report(_ result: Result<JSONValue, TaskFailure>, _ activity: String, token: String) async {
        var result = result
        var backoff = Backoff()
        while true {
            do throws(AWSError) {
                return try await tell(result, token)
            } catch {
                let told: Logger.Metadata = ["activity": "\(activity)", "error": "\(error)"]
                guard !error.isTaskGone, error.isRetryable || error.isOfSurroundings else {
                    logger.warning("the result of a step is not wanted, or was refused", metadata: told)
                    guard case .success = result, !error.isTaskGone, !error.isOfConfiguration else { return }
                    result = .failure(
                        TaskFailure(
                            error: "States.TaskFailed",
                            cause: "The step '\(activity)' is done, but the endpoint refused its result: \(error)"))
                    continue
                }
                if backoff.failures == 0 {
                    logger.warning("the result of a step could not be told yet; it is tried again", metadata: told)
                }
                let wait = backoff.next(fraction: randomFraction())
                do { try await clock.pause(for: wait) } catch { return }
            }
        }
    }

    private func tell(_ result: Result<JSONValue, TaskFailure>, _ token: String) async throws(AWSError) {
        switch result {
        case .success(let output):
            let members: JSONObject = ["taskToken": .string(token), "output": .string(output.jsonString)]
            _ = try await endpoint.call("SendTaskSuccess", members)
        case .failure(let failure):
            let members: JSONObject = [
                "taskToken": .string(token), "error": .string(failure.error.beginning(256)),
                "cause": .string(failure.cause.beginning(32_768)),
            ]
            _ = try await endpoint.call("SendTaskFailure", members)
        }
    }
}

extension String {
    /// As many code points at most, which is what the API counts.
    fileprivate func beginning(_ length: Int) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(length)))
    }
}
