import JSONModel
import StatesLanguage
import WallTime

extension StateTest {
    /// The run of a test, with what has been seen so far.
    struct Run {
        let test: StateTest
        var report: Report

        init(test: StateTest) {
            self.test = test
            report = Report(variables: test.setting.variables, inspection: ["input": test.setting.input])
        }
    }
}

extension StateTest.Run {
    private var state: State { test.state }
    private var evaluation: StateEvaluation {
        test.evaluation.effort.beginState()
        return test.evaluation
    }
    private var isJSONata: Bool { state.queryLanguage == .jsonata }

    /// Bytes of JSON that all iterations of a Map may get, since the report shows them together.
    private static let mostShown = 16_777_216

    private mutating func show(_ name: String, _ value: JSONValue) { report.inspection[name] = value }

    // MARK: On the way in

    /// What happens before there is a result.
    mutating func enter() throws(StateFailure) {
        switch state.kind {
        case .pass(let result): try enterPass(result)
        case .task: try enterTask()
        case .map(let map): try enterMap(map)
        case .parallel: _ = try evaluation.arguments()
        case .choice, .wait, .succeed, .fail: try showInput()
        }
    }

    private mutating func showInput() throws(StateFailure) {
        let selected = try evaluation.selectedInput()
        if !isJSONata { show("afterInputPath", selected) }
    }

    private mutating func enterPass(_ result: JSONValue?) throws(StateFailure) {
        guard !isJSONata else { return }
        if let result { return show("result", result) }
        try showInput()
        show("afterParameters", try evaluation.arguments())
    }

    private mutating func enterTask() throws(StateFailure) {
        try showInput()
        show(isJSONata ? "afterArguments" : "afterParameters", try evaluation.arguments())
    }

    private mutating func enterMap(_ map: MapDefinition) throws(StateFailure) {
        try showInput()
        let items: MapItems
        if let read = test.setting.itemReaderData, map.itemReader != nil {
            items = try evaluation.items(read: read, by: map)
        } else if map.itemReader != nil {
            items = MapItems(values: [])
        } else {
            items = try evaluation.items(of: map)
            if !isJSONata { show("afterItemsPath", .array(items.values)) }
        }
        if map.itemSelector != nil {
            var inputs: [JSONValue] = []
            var bytes = 0
            for index in items.values.indices {
                guard let item = items[index] else { continue }
                inputs.append(try evaluation.iterationInput(item, of: map))
                bytes += try evaluation.size(of: inputs[index])
                guard bytes <= Self.mostShown else { throw .oversizedResult(of: state.name, isTerminal: true) }
            }
            show("afterItemSelector", .array(inputs))
        }
        if let batcher = map.itemBatcher {
            let batches = JSONValue.array(try evaluation.batches(of: items, by: batcher, map).values)
            guard PayloadLimit.size(of: batches, most: Self.mostShown) != nil else {
                throw .oversizedResult(of: state.name, isTerminal: true)
            }
            show("afterItemBatcher", batches)
        }
        show("maxConcurrency", try number(map.maxConcurrency, "MaxConcurrency") ?? 0)
        let tolerance = try evaluation.tolerance(of: map)
        if let count = tolerance.count { show("toleratedFailureCount", .number(count)) }
        if let percentage = tolerance.percentage { show("toleratedFailurePercentage", .double(percentage)) }
        if let failed = test.setting.failedIterations, tolerance.count != nil || tolerance.percentage != nil,
            !tolerance.allows(failed: failed, of: items.values.count)
        {
            throw .toleranceExceeded
        }
    }

    private func number(_ template: Template?, _ field: String) throws(StateFailure) -> JSONValue? {
        guard let template else { return nil }
        return .number(try evaluation.number(template, field, kind: "integer"))
    }

    // MARK: On the way out

    /// A Task, Parallel or Map has its result.
    mutating func finish(result: JSONValue) throws(StateFailure) {
        if case .task = state.kind { show("result", result) }
        try leave(result: result)
    }

    /// A state without a result of the world's.
    mutating func finish(now: Instant) throws(StateFailure) {
        switch state.kind {
        case .pass(let result):
            let value: JSONValue
            if let result { value = result } else { value = try evaluation.arguments() }
            try leave(result: value)
        case .choice(let choice): try choose(choice)
        case .wait(let wait):
            _ = try evaluation.end(of: wait, from: now)
            try leave()
        case .succeed: try leave()
        case .fail(let error, let cause):
            let input = try evaluation.selectedInput()
            throw StateFailure(
                TaskFailure(
                    error: try evaluation.text(error, input: input, field: "Error"),
                    cause: try evaluation.text(cause, input: input, field: "Cause")))
        case .task, .parallel, .map: break
        }
    }

    private mutating func leave(result: JSONValue) throws(StateFailure) {
        if !isJSONata {
            let steps = try evaluation.steps(result: result)
            show("afterResultSelector", steps.selected)
            show("afterResultPath", steps.combined)
        }
        leave(try evaluation.exit(result: result), to: state.next)
    }

    private mutating func leave() throws(StateFailure) {
        let exit = try evaluation.exit(
            selected: evaluation.selectedInput(), assign: state.data.assign, output: state.data.output)
        leave(exit, to: state.next)
    }

    private mutating func choose(_ choice: ChoiceDefinition) throws(StateFailure) {
        let input = try evaluation.selectedInput()
        if let rule = try evaluation.firstRule(of: choice.rules, input: input) {
            let exit = try evaluation.exit(
                selected: input, assign: rule.assign, output: rule.output ?? state.data.output)
            return leave(exit, to: rule.next)
        }
        guard let next = choice.defaultNext else {
            throw evaluation.failure(
                error: ErrorName.noChoiceMatched,
                cause: "Failed to transition out of the state. The state does not point to a next state.")
        }
        leave(
            try evaluation.exit(selected: input, assign: state.data.assign, output: state.data.output), to: next)
    }

    private mutating func leave(_ exit: StateExit, to next: String?) {
        report.output = exit.output
        report.nextState = next
        for (name, value) in exit.assigned { report.variables[name] = value }
    }

    // MARK: Failures

    /// The state has failed: its `Retry`, then its `Catch`.
    mutating func fail(_ failure: StateFailure) {
        report.failure = failure.failure.withoutPlace(in: state.name)
        report.status = .failed
        if let index = state.retriers.firstIndex(where: { failure.matches($0.errorEquals) }),
            test.setting.retries < state.retriers[index].maxAttempts
        {
            let retrier = state.retriers[index]
            var random = SplitMix64(seed: 0)
            let delay = retrier.delayMilliseconds(afterRetries: test.setting.retries, random: &random)
            report.status = .retriable
            report.inspection["errorDetails"] = [
                "retryIndex": .int(Int64(index)), "retryBackoffIntervalSeconds": .int((delay + 999) / 1000),
            ]
            return
        }
        guard let index = state.catchers.firstIndex(where: { failure.matches($0.errorEquals) }) else { return }
        do {
            let catcher = state.catchers[index]
            leave(try evaluation.exit(caught: failure.failure, by: catcher), to: catcher.next)
            report.status = .caught
            report.inspection["errorDetails"] = ["catchIndex": .int(Int64(index))]
        } catch {
            report.failure = error.failure.withoutPlace(in: state.name)
        }
    }
}

extension StateEvaluation {
    /// The result after `ResultSelector`, and the input with it after `ResultPath`.
    fileprivate func steps(result: JSONValue) throws(StateFailure) -> (selected: JSONValue, combined: JSONValue) {
        let selected: JSONValue
        if let selector = definition.data.resultSelector {
            selected = try value(selector, input: result, field: "ResultSelector")
        } else {
            selected = result
        }
        return (selected, try combine(selected, at: definition.data.resultPath))
    }
}

extension JSONValue {
    fileprivate static func number(_ number: Double) -> JSONValue {
        Int64(exactly: number).map { .int($0) } ?? .double(number)
    }
}

extension TaskFailure {
    /// Histories say where the state was entered; a test has no such place.
    fileprivate func withoutPlace(in state: String) -> TaskFailure {
        let prefix = "An error occurred while executing the state '\(state)' (entered at the event id #2). "
        guard cause.hasPrefix(prefix) else { return self }
        return TaskFailure(error: error, cause: String(cause.dropFirst(prefix.count)))
    }
}
