import Interpreter
import JSONModel
import Logging
import StatesLanguage
import WallTime

/// Carrying out tasks in this process.
extension Engine {
    typealias Performance = @Sendable (TaskContext) async throws -> JSONValue

    /// Starts a task as soon as `runner` has room for it.
    /// - Parameter isLeft: whether a task for which there is room is left to the caller to start.
    /// - Returns: the task that was left.
    func start(
        _ order: TaskOrder, of execution: LoadedExecution.Facts, on runner: StepRunner, isLeft: Bool,
        _ perform: @escaping Performance
    ) -> AdmittedStep? {
        let handle = StepHandle { [self] done in
            // What still waits its turn when the engine drains is begun by the next process.
            guard !isDraining else {
                done()
                leave(order, of: execution.id)
                return nil
            }
            let delivery = await carryOut(order, of: execution, perform)
            done()
            if let delivery { return await record(delivery, order, of: execution.id) }
            leave(order, of: execution.id)
            return nil
        }
        live.withLock { $0.setStep(handle, order.task, of: execution.id) }
        guard runner.admit(handle) else { return nil }
        let step = AdmittedStep(handle: handle, runner: runner)
        if isLeft { return step }
        step.start()
        return nil
    }

    /// - Returns: nil when the process is about to end and the store is no longer there for the step: the next one does it.
    private func carryOut(
        _ order: TaskOrder, of execution: LoadedExecution.Facts, _ perform: Performance
    ) async -> Delivery? {
        let startedAt = clock.now()
        let context = core.context(
            of: order, in: execution, at: startedAt, heartbeat: heartbeat(of: order, in: execution.id))
        if order.heartbeat != nil { post(.stimulus(.taskStarted(order.task, worker: nil)), to: execution.id) }
        faults(FaultPoint(.beforePerform, state: order.state))
        let delivery: Delivery
        do {
            let output = try await perform(context)
            let waits = order.resource.pattern == .waitForTaskToken || order.resource.isNestedExecution
            let isRequest = waits && !order.resource.isActivity
            delivery =
                isRequest
                ? .submitted(order, output: output, startedAt: startedAt)
                : .performed(order, output: output, startedAt: startedAt)
        } catch let failure as TaskFailure {
            delivery = .failed(order, failure, startedAt: startedAt)
        } catch is StoreError where haveSurveysEnded {
            return nil
        } catch {
            let failure = TaskFailure(error: "States.TaskFailed", cause: "\(error)")
            delivery = .failed(order, failure, startedAt: startedAt)
        }
        faults(FaultPoint(.afterPerform, state: order.state))
        return delivery
    }

    /// Records the result. What a step returns once the engine has closed is dropped: it may be the consequence of its
    /// being told to stop, and the next process does it again.
    /// - Returns: the execution's next step, for the same task.
    private func record(_ delivery: Delivery, _ order: TaskOrder, of id: ExecutionID) async -> AdmittedStep? {
        let needsPump = live.withLock { live in
            live.setStep(nil, order.task, of: id)
            return live.isClosed ? false : live.post(Parcel(delivery: delivery), to: id)
        }
        quiet.check { isQuiet }
        guard needsPump else { return nil }
        if !Task.isCancelled { return await pump(id, isStep: true) }
        // A step that was told to stop leaves a cancelled task behind, in which nothing else should run.
        await Task { await pump(id) }.value
        return nil
    }

    /// The task stays open.
    private func leave(_ order: TaskOrder, of id: ExecutionID) {
        live.withLock { $0.setStep(nil, order.task, of: id) }
        quiet.check { isQuiet }
    }

    /// Heartbeats are notes in the history: of those that follow each other closely, one is recorded.
    private func heartbeat(of order: TaskOrder, in id: ExecutionID) -> @Sendable () async -> Void {
        guard let interval = order.heartbeat else { return {} }
        let spacing = interval / 4
        let last = LockedBox<Instant?>(nil)
        return { [self] in
            let now = clock.now()
            let isDue = last.withLock { last in
                if let last, now - last < spacing { return false }
                last = now
                return true
            }
            if isDue { post(.stimulus(.taskHeartbeat(order.task)), to: id) }
        }
    }
}

extension Resource {
    var isActivity: Bool { if case .activity = kind { true } else { false } }

    /// Whether the task starts an execution and waits for its end.
    var isNestedExecution: Bool {
        kind == .integration(service: "states", action: "startExecution") && (pattern == .sync || pattern == .sync2)
    }
}
