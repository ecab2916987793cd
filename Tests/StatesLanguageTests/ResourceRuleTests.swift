import StatesLanguage
import Testing

/// What AWS would run and Steward would not, and what no one would run.
@Suite struct ResourceRuleTests {
    private static func findings(_ fields: String, language: String = "JSONPath") -> [Diagnostic] {
        StateMachineReader.read(
            WarningRuleTests.machine("A: {\(fields), End: true}", language: language), file: nil
        ).diagnostics
    }

    // MARK: Resources

    @Test(arguments: [
        ("ecs:runTask.sync", "'aws-sdk:ecs:runTask' starts the job, and does not wait for its end"),
        ("ecs:runTask", "'aws-sdk:ecs:runTask' is served"),
        ("athena:startQueryExecution.sync", "'aws-sdk:athena:startQueryExecution' starts the job"),
        ("apigateway:invoke", "a Lambda function or the worker of an activity"),
        ("bedrock:invokeModel", "a Lambda function or the worker of an activity"),
        ("nosuch:thing", "a Lambda function or the worker of an activity"),
        ("dynamdb:getItem", "did you mean 'dynamodb:getItem'?"),
        ("secretsmanager:getSecretValue", "'aws-sdk:secretsmanager:getSecretValue' is served"),
        ("aws-sdk:nosuch:thing", "a Lambda function or the worker of an activity"),
        ("aws-sdk:dynamoDb:GetItem", "did you mean 'aws-sdk:dynamodb:getItem'?"),
        ("aws-sdk:bedrockruntime:invokeModel", "a Lambda function or the worker of an activity"),
        ("aws-sdk:s3:listObjects", "did you mean 'aws-sdk:s3:listObjectsV2'?"),
        ("aws-sdk:lambda:listFunctions", "a Lambda function or the worker of an activity"),
    ])
    func aResourceThatIsNotServedIsTold(_ resource: String, _ hint: String) {
        let findings = Self.findings("Type: Task, Resource: \"arn:aws:states:::\(resource)\"")

        #expect(findings.map { "\($0.code) \($0.pointer)" } == ["W801 /States/A/Resource"])
        #expect(findings.first?.hint?.hasPrefix(hint) == true, "\(findings)")
    }

    @Test(arguments: [
        "arn:aws:states:::lambda:invoke", "arn:aws:states:::dynamodb:putItem", "arn:aws:states:::http:invoke",
        "arn:aws:states:::states:startExecution.sync:2", "arn:aws:states:::aws-sdk:dynamodb:query",
        "arn:aws:states:::aws-sdk:s3:getObject", "arn:aws:states:::aws-sdk:lambda:invoke",
        "arn:aws:states:::aws-sdk:sfn:describeExecution", "arn:aws:states:::aws-sdk:ecs:runTask",
        "arn:aws-us-gov:states:::sns:publish", "arn:aws:lambda:us-east-1:123456789012:function:f", "activity:x",
        "${Resource}", "arn:aws:states:::${Service}:invoke",
    ])
    func aResourceThatIsServedIsNot(_ resource: String) {
        #expect(Self.findings("Type: Task, Resource: \"\(resource)\"").isEmpty)
    }

    // MARK: Arguments

    @Test(arguments: [
        ("lambda:invoke", "Payload: {a: 1}", "'FunctionName'"),
        ("lambda:invoke", "FunctionName: f, Payload: {a: 1}", nil), ("lambda:invoke", "FunctionName.$: $.f", nil),
        ("http:invoke", "Method: GET, Authentication: {ConnectionArn: c}", "'ApiEndpoint'"),
        ("http:invoke", "ApiEndpoint: \"https://a.b\", Method.$: $.m, Authentication.$: $.c", nil),
        ("sqs:sendMessage", "MessageBody: x", "'QueueUrl'"),
        ("sns:publish", "Subject: x", "'TopicArn' or 'TargetArn' or 'PhoneNumber', and 'Message'"),
        ("sns:publish", "Message: x, PhoneNumber: y", nil), ("dynamodb:putItem", "TableName: t, Key: {}", "'Item'"),
        ("states:startExecution", "Input: {}", "'StateMachineArn'"), ("aws-sdk:s3:getObject", "Bucket: b", "'Key'"),
        ("aws-sdk:s3:listObjectsV2", "Bucket: b", nil),
        // Actions that are not in the table are not judged.
        ("aws-sdk:kms:encrypt", "KeyId: k", nil),
        // Filled in before it runs.
        ("lambda:invoke", "\"${Parameters}\": 1", nil),
    ])
    func argumentsThatAreWrittenOutAreWhole(_ resource: String, _ parameters: String, _ missing: String?) {
        let findings = Self.findings(
            "Type: Task, Resource: \"arn:aws:states:::\(resource)\", Parameters: {\(parameters)}")

        #expect(findings.map { "\($0.code) \($0.pointer)" } == (missing == nil ? [] : ["W815 /States/A/Parameters"]))
        #expect(
            findings.map(\.message) == missing.map { ["'Parameters' lacks \($0), which '\(resource)' needs"] } ?? [])
    }

    @Test func theInputMayHoldThem() {
        #expect(Self.findings("Type: Task, Resource: \"arn:aws:states:::lambda:invoke\"").isEmpty)
        let resource = "Type: Task, Resource: \"arn:aws:states:::lambda:invoke\""
        #expect(Self.findings(resource + ", Arguments: \"{% $states.input %}\"", language: "JSONata").isEmpty)
        #expect(
            Self.findings(resource + ", Arguments: {FunctionNmae: f}", language: "JSONata").map(\.hint)
                == ["did you mean that by 'FunctionNmae'?"])
        #expect(
            Self.findings(resource + ", Parameters: {Payload: 1}").map(\.hint)
                == ["write 'FunctionName' with a value, or 'FunctionName.$' with a path"])
    }

    // MARK: A distributed Map's data

    private static func map(_ fields: String) -> [String] {
        let text = WarningRuleTests.machine(
            """
            A:
              Type: Map
              ItemProcessor:
                ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: STANDARD}
                StartAt: I
                States: {I: {Type: Pass, End: true}}
              \(fields)
              End: true
            """)
        return WarningRuleTests.warnings(text)
    }

    @Test(arguments: [
        ("InputType: PARQUET", ["W814 /States/A/ItemReader/ReaderConfig/InputType"]), ("InputType: JSONL", [String]()),
        (
            "InputType: CSV, CSVHeaderLocation: GIVEN, CSVHeaders: [a, b, a]",
            ["W819 /States/A/ItemReader/ReaderConfig/CSVHeaders/2"]
        ),
        ("InputType: CSV, CSVHeaderLocation: GIVEN, CSVHeaders: [a, A]", []),
        // They are not used.
        ("InputType: CSV, CSVHeaderLocation: FIRST_ROW, CSVHeaders: [a, a]", []),
    ])
    func whatCannotBeReadIsTold(_ config: String, _ expected: [String]) {
        let found = Self.map(
            "ItemReader: {Resource: \"arn:aws:states:::s3:getObject\", Parameters: {Bucket: b, Key.$: $.k}, "
                + "ReaderConfig: {\(config)}}")

        #expect(found == expected)
    }

    @Test func objectsHaveABucketAndAKey() {
        let reader = "ItemReader: {Resource: \"arn:aws:states:::s3:getObject\", Parameters: {Bucket: b}}"
        #expect(Self.map(reader) == ["W815 /States/A/ItemReader/Parameters"])
        let writer = "ResultWriter: {Resource: \"arn:aws:states:::s3:putObject\", Parameters: {Prefix: p}}"
        #expect(Self.map(writer) == ["W815 /States/A/ResultWriter/Parameters"])
    }
}
