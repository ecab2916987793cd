import JSONModel
import StatesLanguage
import Testing

/// One broken definition for each rule: the code, and the place in the text.
@Suite struct LinterTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let code: String
        let pointer: String
        let text: String

        var testDescription: String { "\(code) at \(pointer)" }
    }

    /// The fields of a state named A, between its braces.
    static func state(_ code: String, _ place: String, _ fields: String, others: String = "") -> Case {
        let suffix = others.isEmpty ? "" : ", \(others)"
        let text = "{\"StartAt\": \"A\", \"States\": {\"A\": {\(fields)}\(suffix)}}"
        return Case(code: code, pointer: "/States/A" + place, text: text)
    }

    static let task = #""Type": "Task", "Resource": "activity:x", "End": true"#
    static let pass = #""Type": "Pass", "End": true"#

    static let fields: [Case] = [
        Case(code: "E006", pointer: "", text: "[1]"),
        Case(code: "E101", pointer: "", text: "{}"),
        Case(code: "E101", pointer: "", text: #"{"StartAt": "A"}"#),
        Case(code: "E206", pointer: "/States", text: #"{"StartAt": "A", "States": {}}"#),
        Case(code: "E103", pointer: "/States", text: #"{"StartAt": "A", "States": []}"#),
        Case(
            code: "E102", pointer: "/Commment",
            text: #"{"StartAt": "A", "Commment": "", "States": {"A": {"Type": "Succeed"}}}"#),
        Case(
            code: "E107", pointer: "/TimeoutSeconds",
            text: #"{"StartAt": "A", "TimeoutSeconds": 0, "States": {"A": {"Type": "Succeed"}}}"#),
        Case(
            code: "E106", pointer: "/QueryLanguage",
            text: #"{"StartAt": "A", "QueryLanguage": "XPath", "States": {"A": {"Type": "Succeed"}}}"#),
        Case(
            code: "E109", pointer: "/States/A/QueryLanguage",
            text: """
                {"StartAt": "A", "QueryLanguage": "JSONata",
                 "States": {"A": {"Type": "Succeed", "QueryLanguage": "JSONPath"}}}
                """),
        Case(code: "E103", pointer: "/States/A", text: #"{"StartAt": "A", "States": {"A": 1}}"#),
        state("E101", "", #""End": true"#),
        state("E106", "/Type", #""Type": "Taks", "End": true"#),
        state("E110", "", #""Type": "Pass""#),
        state("E110", "/End", #""Type": "Pass", "End": false"#),
        state("E105", "/End", #""Type": "Pass", "Next": "A", "End": true"#),
        state("E103", "/End", #""Type": "Pass", "End": "true""#),
        state("E102", "/Resource", pass + #", "Resource": "activity:x""#),
        state("E104", "/Output", pass + #", "Output": 1"#),
        state("E104", "/Parameters", pass + #", "QueryLanguage": "JSONata", "Parameters": {}"#),
        state("E103", "/Arguments", task + #", "QueryLanguage": "JSONata", "Arguments": 3"#),
        state("E101", "", #""Type": "Task", "End": true"#),
        state("E101", "/Credentials", task + #", "Credentials": {"Role": "x"}"#),
        state("E105", "/TimeoutSecondsPath", task + #", "TimeoutSeconds": 1, "TimeoutSecondsPath": "$.t""#),
        state("E107", "/TimeoutSeconds", task + #", "TimeoutSeconds": 0"#),
        state("E107", "/HeartbeatSeconds", task + #", "HeartbeatSeconds": -1"#),
        state("E103", "/TimeoutSeconds", task + #", "TimeoutSeconds": "60""#),
        state("E103", "/TimeoutSeconds", task + #", "TimeoutSeconds": 1.5"#),
        state("E101", "", #""Type": "Wait", "End": true"#),
        state("E105", "/SecondsPath", #""Type": "Wait", "End": true, "Seconds": 1, "SecondsPath": "$.s""#),
        state("E105", "/Timestamp", #""Type": "Wait", "End": true, "Seconds": 1, "Timestamp": "2026-01-01T00:00:00Z""#),
        state("E107", "/Seconds", #""Type": "Wait", "End": true, "Seconds": -1"#),
        state("E108", "/Timestamp", #""Type": "Wait", "End": true, "Timestamp": "2026-13-01T00:00:00Z""#),
        state("E108", "/Timestamp", #""Type": "Wait", "End": true, "Timestamp": "2026-01-01T00:00:00""#),
        state("E105", "/CausePath", #""Type": "Fail", "Cause": "c", "CausePath": "$.c""#),
        state("E102", "/End", #""Type": "Fail", "End": true"#),
    ]

    static let paths: [Case] = [
        state("E301", "/InputPath", pass + #", "InputPath": "a.b""#),
        state("E301", "/OutputPath", pass + #", "OutputPath": "$.a[""#),
        state("E303", "/ResultPath", pass + #", "ResultPath": "$.a[*]""#),
        state("E303", "/ResultPath", pass + #", "ResultPath": "$$.a""#),
        state("E303", "/ResultPath", pass + #", "ResultPath": "$a""#),
        state("E301", "/Parameters/x.$", pass + #", "Parameters": {"x.$": "plain"}"#),
        state("E301", "/Parameters/x.$", pass + #", "Parameters": {"x.$": 1}"#),
        state("E301", "/Parameters/l/1/x.$", pass + #", "Parameters": {"l": [0, {"x.$": null}]}"#),
        state("E302", "/Parameters/x.$", pass + #", "Parameters": {"x.$": "States.Nope()"}"#),
        state("E305", "/Parameters/x.$", pass + #", "Parameters": {"x": 1, "x.$": "$.x"}"#),
        state("E302", "/ErrorPath", #""Type": "Fail", "ErrorPath": "States.Array(1)""#),
        state("E304", "/Output", pass + #", "QueryLanguage": "JSONata", "Output": "{% $sum( %}""#),
        state("E306", "/Output", pass + #", "QueryLanguage": "JSONata", "Output": "{% $states.result %}""#),
        state("E306", "/Arguments", task + #", "QueryLanguage": "JSONata", "Arguments": "{% $states.errorOutput %}""#),
        state("E701", "/Assign/a-b", pass + #", "Assign": {"a-b": 1}"#),
        state("E701", "/Assign/states", pass + #", "Assign": {"states": 1}"#),
        state("E701", "/Assign/1.$", pass + #", "Assign": {"1.$": "$.a"}"#),
        state("E103", "/Assign", pass + #", "Assign": [1]"#),
    ]

    static let flow: [Case] = [
        Case(
            code: "E201", pointer: "/StartAt", text: #"{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}"#),
        state("E201", "/Next", #""Type": "Pass", "Next": "B""#),
        state("E201", "/Catch/0/Next", task + #", "Catch": [{"ErrorEquals": ["x"], "Next": "B"}]"#),
        state(
            "E201", "/Default",
            #""Type": "Choice", "Default": "C", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "B"}]"#,
            others: #""B": {"Type": "Succeed"}"#),
        Case(
            code: "E202", pointer: "/States/B",
            text: #"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}}"#),
        Case(
            code: "E203", pointer: "/States",
            text: """
                {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}
                """),
        Case(
            code: "E204", pointer: "/States/A/Branches/0/States/A",
            text: """
                {"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true,
                 "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}]}}}
                """),
        Case(
            code: "E205", pointer: "/States/" + String(repeating: "x", count: 81),
            text: """
                {"StartAt": "\(String(repeating: "x", count: 81))",
                 "States": {"\(String(repeating: "x", count: 81))": {"Type": "Succeed"}}}
                """),
        state(
            "E201", "/Branches/0/States/In/Next",
            #""Type": "Parallel", "End": true, "Branches": [{"StartAt": "In", "States": {"In": {"Type": "Pass", "#
                + #""Next": "A"}, "Out": {"Type": "Succeed"}}}]"#),
    ]

    static let errors: [Case] = [
        state("E401", "/Retry/0/ErrorEquals", task + #", "Retry": [{"ErrorEquals": []}]"#),
        state("E101", "/Retry/0", task + #", "Retry": [{}]"#),
        state("E103", "/Retry/0/ErrorEquals/0", task + #", "Retry": [{"ErrorEquals": [1]}]"#),
        state("E402", "/Retry/0/ErrorEquals", task + #", "Retry": [{"ErrorEquals": ["States.ALL", "x"]}]"#),
        state(
            "E403", "/Retry/0/ErrorEquals",
            task + #", "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["x"]}]"#),
        state("E107", "/Retry/0/IntervalSeconds", task + #", "Retry": [{"ErrorEquals": ["x"], "IntervalSeconds": 0}]"#),
        state("E107", "/Retry/0/MaxAttempts", task + #", "Retry": [{"ErrorEquals": ["x"], "MaxAttempts": -1}]"#),
        state("E107", "/Retry/0/BackoffRate", task + #", "Retry": [{"ErrorEquals": ["x"], "BackoffRate": 0.9}]"#),
        state(
            "E405", "/Retry/0/MaxDelaySeconds",
            task + #", "Retry": [{"ErrorEquals": ["x"], "IntervalSeconds": 5, "MaxDelaySeconds": 5}]"#),
        state(
            "E106", "/Retry/0/JitterStrategy",
            task + #", "Retry": [{"ErrorEquals": ["x"], "JitterStrategy": "full"}]"#),
        state("E102", "/Retry/0/Next", task + #", "Retry": [{"ErrorEquals": ["x"], "Next": "A"}]"#),
        state("E101", "/Catch/0", task + #", "Catch": [{"ErrorEquals": ["x"]}]"#),
        state("E404", "/HeartbeatSeconds", task + #", "TimeoutSeconds": 5, "HeartbeatSeconds": 5"#),
        state("E801", "/Resource", #""Type": "Task", "Resource": "charge", "End": true"#),
        state("E801", "/Resource", #""Type": "Task", "Resource": "arn:aws:states:::dynamodb:query", "End": true"#),
        state("E801", "/Resource", #""Type": "Task", "Resource": "arn:aws:states:::sns:publish.sync", "End": true"#),
        state(
            "E801", "/Resource",
            #""Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f:", "End": true"#),
    ]

    static func rule(_ code: String, _ place: String, _ rule: String) -> Case {
        state(
            code, "/Choices/0" + place, #""Type": "Choice", "Choices": [{\#(rule)}]"#,
            others: #""B": {"Type": "Succeed"}"#)
    }

    static let choices: [Case] = [
        state("E101", "", #""Type": "Choice""#),
        state("E501", "/Choices", #""Type": "Choice", "Choices": []"#),
        rule("E501", "", #""Variable": "$.x", "Next": "B""#),
        rule("E501", "", #""Variable": "$.x", "IsNull": true, "IsString": true, "Next": "B""#),
        rule("E101", "", #""IsNull": true, "Next": "B""#),
        rule("E101", "", #""Variable": "$.x", "IsNull": true"#),
        rule("E103", "/IsNull", #""Variable": "$.x", "IsNull": "yes", "Next": "B""#),
        rule("E103", "/NumericEquals", #""Variable": "$.x", "NumericEquals": "1", "Next": "B""#),
        rule("E108", "/TimestampEquals", #""Variable": "$.x", "TimestampEquals": "today", "Next": "B""#),
        rule("E301", "/Variable", #""Variable": "x", "IsNull": true, "Next": "B""#),
        rule("E301", "/StringEqualsPath", #""Variable": "$.x", "StringEqualsPath": "y", "Next": "B""#),
        rule("E102", "/And/0/Next", #""And": [{"Variable": "$.x", "IsNull": true, "Next": "B"}], "Next": "B""#),
        rule("E501", "/Or", #""Or": [], "Next": "B""#),
        rule("E501", "/Variable", #""Variable": "$.x", "Not": {"Variable": "$.x", "IsNull": true}, "Next": "B""#),
        rule("E102", "/StringEqual", #""Variable": "$.x", "StringEqual": "a", "IsNull": true, "Next": "B""#),
        rule("E104", "/Condition", #""Condition": true, "Variable": "$.x", "IsNull": true, "Next": "B""#),
        state(
            "E103", "/Choices/0/Condition",
            #""Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": "yes", "Next": "B"}]"#,
            others: #""B": {"Type": "Succeed"}"#),
    ]

    static func map(_ code: String, _ place: String, _ fields: String) -> Case {
        state(
            code, place,
            #""Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "#
                + #""ExecutionType": "STANDARD"}, "StartAt": "In", "States": {"In": {"Type": "Succeed"}}}, "# + fields)
    }

    static let maps: [Case] = [
        state("E601", "", #""Type": "Map", "End": true"#),
        map("E105", "/Iterator", #""Iterator": {"StartAt": "I2", "States": {"I2": {"Type": "Succeed"}}}"#),
        map("E103", "/ItemsPath", #""ItemsPath": null"#),
        map("E105", "/Parameters", #""Parameters": {}, "ItemSelector": {}"#),
        map("E107", "/ToleratedFailurePercentage", #""ToleratedFailurePercentage": 101"#),
        map("E107", "/MaxConcurrency", #""MaxConcurrency": -1"#),
        map("E602", "/Label", #""Label": "a b""#),
        map("E602", "/Label", #""Label": "\#(String(repeating: "l", count: 41))""#),
        map("E101", "/ItemReader", #""ItemReader": {}"#),
        map(
            "E105", "/ItemReader/ReaderConfig/MaxItemsPath",
            #""ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"MaxItems": 1, "MaxItemsPath": "$.m"}}"#
        ),
        map(
            "E105", "/ItemBatcher/MaxItemsPerBatchPath",
            #""ItemBatcher": {"MaxItemsPerBatch": 1, "MaxItemsPerBatchPath": "$.m"}"#),
        map("E301", "/ItemBatcher/BatchInput/x.$", #""ItemBatcher": {"BatchInput": {"x.$": "y"}}"#),
        map("E101", "/ResultWriter/WriterConfig", #""ResultWriter": {"WriterConfig": {}}"#),
        state("E101", "", #""Type": "Parallel", "End": true"#),
        state("E206", "/Branches", #""Type": "Parallel", "End": true, "Branches": []"#),
        state(
            "E101", "/ItemProcessor/ProcessorConfig",
            #""Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "#
                + #""StartAt": "In", "States": {"In": {"Type": "Succeed"}}}"#),
    ]

    static let warnings: [Case] = [
        state("W801", "/Resource", #""Type": "Task", "Resource": "arn:aws:ec2:x:1:instance:2", "End": true"#),
        state(
            "W802", "/Resource",
            #""Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "#
                + #""Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "End": true"#),
        state("W803", "/Parameters/key", pass + #", "Parameters": {"key": "AKIAIOSFODNN7EXAMPLE"}"#),
        state("W803", "/Result/db_password", pass + #", "Result": {"db_password": "hunter2hunter2"}"#),
        state("W804", "/Parameters/x/0", pass + #", "Parameters": {"x": ["{% $y %}"]}"#),
        state("W804", "/Output", pass + #", "QueryLanguage": "JSONata", "Output": "Hello {% $name %}!""#),
        state("W805", "/Retry/0/ErrorEquals/0", task + #", "Retry": [{"ErrorEquals": ["States.Timout"]}]"#),
        state(
            "W806", "/Catch/0/Output",
            #""Type": "Task", "Resource": "activity:x", "Next": "B", "QueryLanguage": "JSONata", "#
                + #""Catch": [{"ErrorEquals": ["x"], "Next": "B", "Output": "{% $states.result %}"}]"#,
            others: #""B": {"Type": "Succeed"}"#),
    ]

    @Test(arguments: fields + paths + flow + errors + choices + maps)
    func aBrokenDefinitionIsReportedAtItsPlace(_ broken: Case) {
        let reading = StateMachineReader.read(broken.text, file: "m.json")
        let found = reading.diagnostics.filter { $0.code == broken.code && $0.pointer == broken.pointer }

        #expect(reading.machine == nil)
        #expect(found.count == 1, "\(reading.diagnostics)")
        #expect(found.first?.position != nil)
    }

    @Test(arguments: warnings)
    func aDoubtfulDefinitionIsAcceptedWithAWarning(_ doubtful: Case) {
        let reading = StateMachineReader.read(doubtful.text, file: "m.json")

        #expect(reading.machine != nil, "\(reading.diagnostics)")
        #expect(reading.diagnostics.map(\.code) == [doubtful.code])
        #expect(reading.diagnostics.map(\.pointer) == [doubtful.pointer])
        #expect(reading.diagnostics.allSatisfy { $0.severity == .warning && $0.position != nil })
    }

    /// A rule whose example broke something else too would hide behind it.
    @Test func everyCodeOfARuleHasAnExample() {
        let examples = Self.fields + Self.paths + Self.flow + Self.errors + Self.choices + Self.maps + Self.warnings
        let elsewhere = [
            "E001", "E002", "E003", "E004", "E005", "E802", "W807", "W808", "W809", "W810", "W811", "W812", "W813",
            "W814", "W815", "W816", "W817", "W818", "W819",
        ]

        let missing = Set(DiagnosticCode.allCases.map(\.rawValue)).subtracting(examples.map(\.code))

        #expect(missing.sorted() == elsewhere)
    }

    @Test(arguments: [
        (#"{"Type": "Pass", "Rsult": 1, "End": true}"#, "did you mean 'Result'?"),
        (#"{"Type": "Psas", "End": true}"#, "did you mean 'Pass'?"),
        (#"{"Type": "Pass", "Next": "Aa"}"#, "did you mean 'A'?"),
    ])
    func aMisspeltWordComesWithTheRightOne(state: String, hint: String) {
        let reading = StateMachineReader.read(#"{"StartAt": "A", "States": {"A": \#(state)}}"#, file: nil)

        #expect(reading.diagnostics.contains { $0.hint == hint }, "\(reading.diagnostics)")
    }

    @Test func everythingIsReportedAtOnceInTheOrderOfTheText() {
        let text = """
            StartAt: A
            Extra: 1
            States:
              A:
                Type: Pass
                ResultPath: x
                Next: Nowhere
              B:
                Type: Wait
                Seconds: many
                End: 1
            """
        let reading = StateMachineReader.read(text, file: "m.yaml")

        let places = reading.diagnostics.map { "\($0.code) \($0.position?.line ?? 0):\($0.position?.column ?? 0)" }

        #expect(
            places == [
                "E102 2:1", "E203 3:1", "E301 6:17", "E201 7:11", "E202 8:3", "E103 10:14", "E103 11:10",
            ])
    }

    @Test func aFaultInsideAStringIsShownInsideIt() {
        let text = """
            StartAt: A
            States:
              A:
                Type: Pass
                Parameters:
                  x.$: "States.Format('{}', States.Nope())"
                End: true
            """
        let reading = StateMachineReader.read(text, file: nil)

        #expect(reading.diagnostics.map(\.position) == [SourcePosition(line: 6, column: 33)])
    }

    @Test func anExpressMachineDoesNotWait() {
        let text = #"""
            {"StartAt": "A", "States": {"A": {"Type": "Task", "End": true, "TimeoutSeconds": 5,
             "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
             "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}}}
            """#

        #expect(StateMachineReader.read(text, file: nil, type: .standard).machine != nil)
        #expect(StateMachineReader.read(text, file: nil, type: .express).diagnostics.map(\.code) == ["E802"])
    }

    @Test(arguments: [Verdict.state(Verdict.distributed + "\"Comment\": \"\""), Verdict.state(Self.task)])
    func anExpressMachineHasNoActivitiesAndNoDistributedMaps(verdict: Verdict) {
        #expect(StateMachineReader.read(verdict.text, file: nil).machine != nil)
        #expect(StateMachineReader.read(verdict.text, file: nil, type: .express).diagnostics.map(\.code) == ["E802"])
    }

    /// Recorded from AWS: the words of ValidateStateMachineDefinition and its place.
    @Test(
        arguments: [
            (#"{}"#, "These fields are required: [States, StartAt]", "/"),
            ("[]", "Definition must be a valid JSON object", "/"),
            (
                #"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Timestamp": "2016-12-05T21:29", "End": true}}}"#,
                "String does not match RFC3339 timestamp", "/States/A/Timestamp"
            ),
            (
                #"""
                {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true,
                 "Parameters": {"p.$": "States.Format('\\\"')"}}}}
                """#,
                "The value for the field 'p.$' must be a valid JSONPath or a valid intrinsic function call",
                "/States/A/Parameters"
            ),
        ] as [(String, String, String)])
    func messagesAreTheOnesOfAWS(text: String, message: String, location: String) {
        let diagnostics = StateMachineReader.read(text, file: nil).diagnostics

        #expect(diagnostics.map(\.message) == [message])
        #expect(diagnostics.map(\.awsLocation) == [location])
        #expect(diagnostics.map(\.awsCode) == ["SCHEMA_VALIDATION_FAILED"])
    }

    @Test(arguments: [
        pass + #", "Parameters": {"password.$": "$.password", "SecretId": "arn:aws:secretsmanager:x:1:secret:y"}"#,
        pass + #", "Parameters": {"Password": "${Password1}", "apiKey": "{{resolve:x}}", "secret": "see vault 12"}"#,
        pass + #", "Parameters": {"account": "AKIALIKE", "SecretName": "prod1234567"}"#,
        #""Type": "Task", "Resource": "${Function}", "End": true"#,
        task + #", "TimeoutSeconds": 99999999, "HeartbeatSeconds": 1, "Retry": [{"ErrorEquals": ["States.ALL"]}]"#,
    ])
    func whatIsHarmlessIsNotReported(fields: String) {
        let reading = StateMachineReader.read("{\"StartAt\": \"A\", \"States\": {\"A\": {\(fields)}}}", file: nil)

        #expect(reading.diagnostics.isEmpty, "\(reading.diagnostics)")
    }

    /// Work that grows with the square of the document would take minutes here.
    @Test func aDocumentFullOfFaultsIsReadToItsEnd() {
        let states = (0..<3000).map { "\"s\($0)\": {\"Type\": \"Pass\", \"Nxt\": \"x\", \"Next\": \"t\($0)\"}" }
        let reading = StateMachineReader.read(
            "{\"StartAt\": \"s0\", \"States\": {\(states.joined(separator: ","))}}", file: "m.json")
        #expect(reading.diagnostics.filter { $0.code == "E201" }.count == 3000)

        let many = String(repeating: "$states.result & ", count: 20_000) + "1"
        let expression =
            "\"Type\": \"Pass\", \"QueryLanguage\": \"JSONata\", \"End\": true, \"Output\": \"{% \(many) %}\""
        let codes = Set(StateMachineReader.read(Verdict.state(expression).text, file: "m.json").diagnostics.map(\.code))
        #expect(codes.isSubset(of: ["E306", "E304"]) && !codes.isEmpty)

        let name = String(repeating: "n", count: 200_000)
        let long = Verdict.state("\"Type\": \"Pass\", \"Next\": \"\(name)\"").text
        #expect(StateMachineReader.read(long, file: "m.json").machine == nil)
    }
}
