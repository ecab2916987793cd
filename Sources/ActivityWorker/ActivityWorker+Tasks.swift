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
            return .success(try await step(context(activity, token), JSONValue(parsing: input)))
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

    /// Tells the result, as often as it takes: the step is done, and only its report is missing.
    private func report(_ result: Result<JSONValue, TaskFailure>, _ activity: String, token: String) async {
        var backoff = Backoff()
        while true {
            do throws(AWSError) {
                switch result {
                case .success(let output):
                    let members: JSONObject = ["taskToken": .string(token), "output": .string(output.jsonString)]
                    _ = try await endpoint.call("SendTaskSuccess", members)
                case .failure(let failure):
                    let members: JSONObject = [
                        "taskToken": .string(token), "error": .string(String(failure.error.prefix(256))),
                        "cause": .string(String(failure.cause.prefix(32_768))),
                    ]
                    _ = try await endpoint.call("SendTaskFailure", members)
                }
                return
            } catch {
                let told: Logger.Metadata = ["activity": "\(activity)", "error": "\(error)"]
                guard !error.isTaskGone, error.isRetryable else {
                    return logger.warning("the result of a step is not wanted, or was refused", metadata: told)
                }
                if backoff.failures == 0 {
                    logger.warning("the result of a step could not be told yet; it is tried again", metadata: told)
                }
                let wait = backoff.next(fraction: randomFraction())
                do { try await clock.pause(for: wait) } catch { return }
            }
        }
    }
}
