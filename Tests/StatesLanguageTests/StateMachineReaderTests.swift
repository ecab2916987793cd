import JSONModel
import JSONPath
import StatesLanguage
import Testing

@Suite struct StateMachineReaderTests {
    private func machine(_ text: String) throws -> StateMachine {
        let reading = StateMachineReader.read(text, file: "m.asl.yaml")
        return try #require(reading.machine, "\(reading.diagnostics)")
    }

    @Test func aTaskKeepsAllThatItsFieldsSay() throws {
        let machine = try machine(
            """
            Comment: pays
            Version: "1.0"
            TimeoutSeconds: 3600
            StartAt: Pay
            States:
              Pay:
                Type: Task
                Comment: one
                Resource: arn:aws:states:::sqs:sendMessage.waitForTaskToken
                InputPath: $.order
                Parameters: {Id.$: $.id}
                ResultSelector: {Ok: true}
                ResultPath: $.payment
                OutputPath: null
                TimeoutSecondsPath: $.limit
                HeartbeatSeconds: 20
                Assign: {last.$: $.id}
                Retry:
                  - ErrorEquals: [States.Timeout, Busy]
                    IntervalSeconds: 2
                    MaxAttempts: 0
                    BackoffRate: 1.5
                    MaxDelaySeconds: 60
                    JitterStrategy: FULL
                  - ErrorEquals: [States.ALL]
                Catch:
                  - ErrorEquals: [States.ALL]
                    ResultPath: null
                    Assign: {why.$: $.Error}
                    Next: Done
                Next: Done
              Done: {Type: Succeed}
            """)
        let state = try #require(machine.scope.states["Pay"])
        guard case .task(let task) = state.kind else {
            Issue.record("not a task")
            return
        }

        #expect(machine.comment == "pays")
        #expect(machine.version == "1.0")
        #expect(machine.timeoutSeconds == 3600)
        #expect(machine.scope.startAt == "Pay")
        #expect(machine.scope.order == ["Pay", "Done"])
        #expect(machine.document["States"]?["Pay"]?["Type"] == "Task")
        #expect(task.resource.kind == .integration(service: "sqs", action: "sendMessage"))
        #expect(task.resource.pattern == .waitForTaskToken)
        #expect(task.timeout?.pathText == "$.limit")
        #expect(task.heartbeat?.literalValue == 20)
        #expect(state.data.inputPath == .path(try Path(parsing: "$.order")))
        #expect(state.data.outputPath == .discard)
        #expect(state.data.resultPath == .path(try JSONPath(parsing: "$.payment")))
        #expect(state.data.resultSelector?.literalValue == ["Ok": true])
        #expect(state.data.assign.map(\.name) == ["last"])
        #expect(state.transition == .next("Done"))
        #expect(state.retriers.map(\.errorEquals) == [["States.Timeout", "Busy"], ["States.ALL"]])
        let (first, second) = (state.retriers[0], state.retriers[1])
        #expect(first.intervalSeconds == 2)
        #expect(first.maxAttempts == 0)
        #expect(first.backoffRate == 1.5)
        #expect(first.maxDelaySeconds == 60)
        #expect(first.jitter == .full)
        #expect(second.intervalSeconds == 1)
        #expect(second.maxAttempts == 3)
        #expect(second.backoffRate == 2)
        #expect(second.maxDelaySeconds == nil)
        #expect(second.jitter == .none)
        #expect(state.catchers.map(\.next) == ["Done"])
        #expect(state.catchers[0].resultPath == .discard)
        #expect(state.catchers[0].assign.map(\.name) == ["why"])
    }

    @Test func mapAndParallelHoldScopes() throws {
        let machine = try machine(
            """
            StartAt: Both
            States:
              Both:
                Type: Parallel
                Branches:
                  - {StartAt: A, States: {A: {Type: Pass, Result: 1, End: true}}}
                  - {StartAt: B, States: {B: {Type: Fail, ErrorPath: $.e, CausePath: "States.Format('{}', $.c)"}}}
                Next: Each
              Each:
                Type: Map
                ItemsPath: $.items
                ItemSelector: {i.$: $$.Map.Item.Index}
                MaxConcurrencyPath: $.limit
                ToleratedFailurePercentage: 12.5
                ItemProcessor:
                  ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                  StartAt: One
                  States: {One: {Type: Wait, Seconds: 0, End: true}}
                Label: each
                End: true
            """)
        guard case .parallel(let branches)? = machine.scope.states["Both"]?.kind,
            case .map(let map)? = machine.scope.states["Each"]?.kind,
            case .fail(let error?, let cause?)? = branches[1].states["B"]?.kind
        else {
            Issue.record("wrong kinds")
            return
        }

        #expect(branches.map(\.startAt) == ["A", "B"])
        #expect(error.pathText == "$.e")
        if case .intrinsic(let call) = cause { #expect(call.name == "States.Format") } else { Issue.record("\(cause)") }
        #expect(map.mode == .distributed)
        #expect(map.items?.pathText == "$.items")
        #expect(map.maxConcurrency?.pathText == "$.limit")
        #expect(map.toleratedFailurePercentage?.literalValue == 12.5)
        #expect(map.toleratedFailureCount == nil)
        #expect(map.processor.startAt == "One")
        #expect(map.label == "each")
        #expect(map.executionType == .standard)
        #expect(branches[0].states["A"]?.queryLanguage == .jsonPath)
    }

    @Test func anIteratorIsAnOlderItemProcessor() throws {
        let machine = try machine(
            """
            StartAt: Each
            States:
              Each:
                Type: Map
                Parameters: {x: 1}
                Iterator: {StartAt: One, States: {One: {Type: Succeed}}}
                End: true
            """)
        guard case .map(let map)? = machine.scope.states["Each"]?.kind else {
            Issue.record("not a map")
            return
        }

        #expect(map.processor.order == ["One"])
        #expect(map.mode == .inline)
        #expect(map.itemSelector?.literalValue == ["x": 1])
        #expect(machine.scope.states["Each"]?.data.parameters == nil)
    }

    @Test func jsonataStatesHoldExpressions() throws {
        let machine = try machine(
            """
            QueryLanguage: JSONata
            StartAt: Ask
            States:
              Ask:
                Type: Task
                Resource: activity:ask
                TimeoutSeconds: "{% $states.input.limit %}"
                Arguments: {q: "{% $states.input.q %}", n: [1, "{% $n %}"], plain: "a {% b %} c"}
                Output: "{% $states.result %}"
                Assign: {answer: "{% $states.result.answer %}"}
                Catch: [{ErrorEquals: [States.ALL], Output: "{% $states.errorOutput %}", Next: Choose}]
                Next: Choose
              Choose:
                Type: Choice
                Choices:
                  - {Condition: "{%  $answer = 42  %}", Next: Rest, Output: 1}
                  - {Condition: true, Next: Rest}
                Default: Rest
              Rest: {Type: Wait, Timestamp: "{% $states.input.t %}", End: true}
            """)
        guard case .task(let task)? = machine.scope.states["Ask"]?.kind,
            case .choice(let choice)? = machine.scope.states["Choose"]?.kind,
            case .expression? = task.timeout, case .expression = choice.rules[0].condition,
            case .object(let arguments)? = machine.scope.states["Ask"]?.data.arguments
        else {
            Issue.record("wrong kinds")
            return
        }

        #expect(machine.queryLanguage == .jsonata)
        #expect(machine.scope.states["Ask"]?.queryLanguage == .jsonata)
        #expect(arguments.map(\.key) == ["q", "n", "plain"])
        #expect(arguments[2].value.literalValue == "a {% b %} c")
        #expect(choice.rules[0].output?.literalValue == 1)
        #expect(machine.scope.states["Ask"]?.catchers[0].output != nil)
    }

    /// A state's own language does not pass on to the states inside it.
    @Test func statesInsideAJSONataStateKeepTheMachinesLanguage() throws {
        let machine = try machine(
            """
            StartAt: Each
            States:
              Each:
                Type: Map
                QueryLanguage: JSONata
                Items: [1, 2]
                ItemProcessor:
                  StartAt: One
                  States: {One: {Type: Pass, Parameters: {a.$: $}, End: true}}
                End: true
            """)
        guard case .map(let map)? = machine.scope.states["Each"]?.kind else {
            Issue.record("not a map")
            return
        }

        #expect(map.items?.literalValue == [1, 2])
        #expect(map.processor.states["One"]?.queryLanguage == .jsonPath)
    }

    @Test func aDefinitionReadsTheSameFromTextAndFromJSON() throws {
        let json = try JSONValue(parsing: #"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}"#)

        let fromText = StateMachineReader.read(json.prettyJSON(), file: "a.json")
        let fromJSON = StateMachineReader.read(json: json)

        #expect(fromText.machine == nil)
        #expect(fromText.diagnostics.map(\.code).sorted() == fromJSON.diagnostics.map(\.code).sorted())
        #expect(Set(fromText.diagnostics.map(\.pointer)) == Set(fromJSON.diagnostics.map(\.pointer)))
        #expect(fromText.diagnostics.allSatisfy { $0.position != nil && $0.file == "a.json" })
        #expect(fromJSON.diagnostics.allSatisfy { $0.position == nil })
    }

    @Test(arguments: [
        ("activity:charge", Resource.Kind.activity(name: "charge"), Resource.Pattern.requestResponse),
        ("arn:aws:states:eu-west-1:123456789012:activity:charge", .activity(name: "charge"), .requestResponse),
        ("activity:", .unknown, .requestResponse), ("activity:a b", .unknown, .requestResponse),
        ("arn:aws-cn:states:::sns:publish", .integration(service: "sns", action: "publish"), .requestResponse),
        ("arn:aws:states:::ecs:runTask.sync", .integration(service: "ecs", action: "runTask"), .sync),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            .integration(service: "states", action: "startExecution"), .sync2
        ),
        (
            "arn:aws:states:::aws-sdk:iam:getUser.waitForTaskToken",
            .integration(service: "aws-sdk:iam", action: "getUser"), .waitForTaskToken
        ),
        ("arn:aws:states:::aws-sdk:iam", .unknown, .requestResponse),
        ("arn:aws:states:::sns", .unknown, .requestResponse),
        ("arn:aws:states:::sns:publish:x", .unknown, .requestResponse),
        ("https://example.com", .unknown, .requestResponse), ("", .unknown, .requestResponse),
        ("arn:aws:lambda:eu-west-1:1:function:f:", .unknown, .requestResponse),
        ("arn:aws:lambda:eu-west-1:1:function:f:$*#", .unknown, .requestResponse),
    ])
    func resourcesAreTakenApart(text: String, kind: Resource.Kind, pattern: Resource.Pattern) {
        #expect(Resource(parsing: text) == Resource(text: text, kind: kind, pattern: pattern))
    }

    @Test(arguments: ["", ":7", ":prod", ":$LATEST"])
    func functionARNsMayHaveAQualifier(qualifier: String) {
        let text = "arn:aws:lambda:eu-west-1:123456789012:function:my_f-1\(qualifier)"

        #expect(Resource(parsing: text).kind == .lambda(functionARN: text))
    }
}

extension Template {
    var literalValue: JSONValue? { if case .literal(let value) = self { value } else { nil } }
    var pathText: String? { if case .path(let path) = self { path.text } else { nil } }
}
