import StatesLanguage
import Testing

/// Which fields stand where, and the types and ranges of their values.
@Suite struct FieldVerdictTests {
    private typealias V = Verdict

    /// ASL, "Top-level fields".
    static let machines: [Verdict] = [
        V.state("\"Type\": \"Succeed\"", machine: "\"Version\": \"1.0\", \"TimeoutSeconds\": 1, \"Comment\": \"\", "),
        V.state("\"Type\": \"Succeed\"", "E103", machine: "\"Version\": 1.0, "),
        V.state("\"Type\": \"Succeed\"", "E103", machine: "\"Comment\": {\"a\": 1}, "),
        V.state("\"Type\": \"Succeed\"", "E107", machine: "\"TimeoutSeconds\": 0, "),
        V.state("\"Type\": \"Succeed\"", "E107", machine: "\"TimeoutSeconds\": 100000000, "),
        V.state("\"Type\": \"Succeed\"", "E103", machine: "\"TimeoutSeconds\": \"5\", "),
        V.state("\"Type\": \"Succeed\"", "E106", machine: "\"QueryLanguage\": \"jsonata\", "),
        V.state("\"Type\": \"Succeed\"", "E103", machine: "\"QueryLanguage\": null, "),
        V.state("\"Type\": \"Succeed\"", "E102", machine: "\"startAt\": \"A\", "),
        V.machine("\"States\": {\"A\": {\"Type\": \"Succeed\"}}", "E101"),
        V.machine("\"StartAt\": 1, \"States\": {\"A\": {\"Type\": \"Succeed\"}}", "E103"),
        V.machine("\"StartAt\": \"\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}", "E201"),
        V.machine("\"StartAt\": \"A\", \"States\": {\"A\": null}", "E103"),
        V.machine("\"StartAt\": \"a\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}", "E201"),
    ]

    /// ASL, "State fields": the table of which fields each type of state has.
    static let placement: [Verdict] = {
        var cases: [Verdict] = []
        let states = [
            ("Pass", V.pass), ("Task", V.task), ("Wait", V.wait + "\"Seconds\": 1, "), ("Succeed", V.succeed),
            ("Fail", V.fail), ("Parallel", V.parallel), ("Map", V.map),
        ]
        let all = Set(states.map(\.0))
        let fields: [(String, Set<String>)] = [
            ("\"InputPath\": \"$.a\"", all.subtracting(["Fail"])), ("\"OutputPath\": null", all.subtracting(["Fail"])),
            ("\"ResultPath\": \"$.a\"", ["Pass", "Task", "Parallel", "Map"]),
            ("\"ResultPath\": null", ["Pass", "Task", "Parallel", "Map"]),
            ("\"ResultSelector\": {\"a.$\": \"$.b\"}", ["Task", "Parallel", "Map"]),
            ("\"Parameters\": {\"a.$\": \"$.b\"}", ["Pass", "Task", "Parallel", "Map"]),
            ("\"Result\": null", ["Pass"]), ("\"Assign\": {\"a\": 1}", all.subtracting(["Succeed", "Fail"])),
            ("\"Retry\": []", ["Task", "Parallel", "Map"]), ("\"Catch\": []", ["Task", "Parallel", "Map"]),
            ("\"TimeoutSeconds\": 1", ["Task"]), ("\"HeartbeatSecondsPath\": \"$.a\"", ["Task"]),
            ("\"Credentials\": {\"RoleArn\": \"r\"}", ["Task"]), ("\"Error\": \"e\"", ["Fail"]),
            ("\"CausePath\": \"$.c\"", ["Fail"]), ("\"ItemsPath\": \"$.a\"", ["Map"]),
            ("\"MaxConcurrency\": 0", ["Map"]), ("\"ItemSelector\": {}", ["Map"]), ("\"Comment\": \"c\"", all),
            ("\"Default\": \"A\"", []), ("\"Choices\": []", []), ("\"ProcessorConfig\": {}", []),
        ]
        for (field, places) in fields {
            for (type, state) in states {
                cases.append(V(V.state(state + field).text, places.contains(type) ? [] : ["E102"]))
            }
        }
        return cases
    }()

    /// ASL, "QueryLanguage": each language has its own fields, and both refuse the other's.
    static let languages: [Verdict] = {
        var cases: [Verdict] = []
        let states = [
            ("Pass", V.pass), ("Task", V.task), ("Wait", V.wait + "\"Seconds\": 1, "), ("Succeed", V.succeed),
            ("Fail", V.fail), ("Parallel", V.parallel), ("Map", V.map),
        ]
        let all = Set(states.map(\.0))
        let jsonata: [(String, Set<String>)] = [
            ("\"Output\": 1", all.subtracting(["Fail"])), ("\"Arguments\": {}", ["Task", "Parallel"]),
            ("\"Items\": []", ["Map"]),
        ]
        for (field, places) in jsonata {
            for (type, state) in states {
                cases.append(V(V.jsonata(state + field).text, places.contains(type) ? [] : ["E102"]))
                cases.append(V(V.state(state + field).text, [places.contains(type) ? "E104" : "E102"]))
            }
        }
        let jsonPath = [
            (V.pass, "\"Result\": 1"), (V.pass, "\"Parameters\": {}"), (V.pass, "\"InputPath\": \"$\""),
            (V.pass, "\"ResultPath\": \"$\""), (V.task, "\"ResultSelector\": {}"), (V.succeed, "\"OutputPath\": \"$\""),
            (V.task, "\"TimeoutSecondsPath\": \"$.t\""), (V.fail, "\"ErrorPath\": \"$.e\""),
            (V.map, "\"ItemsPath\": \"$\""), (V.map, "\"MaxConcurrencyPath\": \"$.m\""),
            (V.map, "\"ToleratedFailureCountPath\": \"$.m\""), (V.wait + "\"Seconds\": 1, ", "\"InputPath\": \"$\""),
        ]
        for (state, field) in jsonPath { cases.append(V(V.jsonata(state + field).text, ["E104"])) }
        return cases
    }()

    static let switching: [Verdict] = [
        V.state(V.pass + "\"QueryLanguage\": \"JSONata\", \"Output\": 1"),
        V.state(V.pass + "\"QueryLanguage\": \"JSONPath\", \"Parameters\": {}"),
        V.jsonata(V.pass + "\"QueryLanguage\": \"JSONata\", \"Output\": 1"),
        V.jsonata(V.pass + "\"QueryLanguage\": \"JSONPath\", \"Parameters\": {}", "E109"),
        V.state(V.pass + "\"QueryLanguage\": \"JSONATA\"", "E106"),
        // Neither branches nor processors have a language of their own, and a state's does not reach into them.
        V.state(
            "\"Type\": \"Parallel\", \"End\": true, \"Branches\": [{\"QueryLanguage\": \"JSONata\", \(V.inner)}]",
            "E102"),
        V.state(
            "\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": {\"QueryLanguage\": \"JSONata\", \(V.inner)}", "E102"),
        V.state(
            "\"Type\": \"Map\", \"End\": true, \"QueryLanguage\": \"JSONata\", \"ItemProcessor\": {\"StartAt\": \"M\", "
                + "\"States\": {\"M\": {\"Type\": \"Pass\", \"End\": true, \"ResultPath\": \"$.a\"}}}"),
    ]

    /// ASL, "Transitions" and the tables of each type.
    static let values: [Verdict] = [
        V.state("\"Type\": \"Pass\", \"End\": false", "E110", "E203"),
        V.state("\"Type\": \"Pass\", \"End\": \"true\"", "E103", "E203"),
        V.state("\"Type\": \"Pass\", \"End\": null", "E103", "E203"),
        V.state("\"Type\": \"Pass\", \"Next\": \"B\", \"End\": true", "E105"),
        V.state("\"Type\": \"Pass\", \"Next\": null", "E103", "E203"),
        V.state("\"Type\": \"Pass\", \"Next\": \"\"", "E201", "E203"),
        V.state(V.succeed + "\"Next\": \"B\"", "E102"), V.state(V.fail + V.end, "E102"),
        V.state(V.succeed + V.end, "E102"), V.state("\"Type\": \"pass\", \"End\": true", "E106"),
        V.state("\"Type\": null, \"End\": true", "E103"), V.state(V.pass + "\"Comment\": 5", "E103"),
        V.state(V.pass + "\"Comment\": null", "E103"), V.state(V.pass + "\"Comment\": \"\""),
        V.state(V.pass + "\"Result\": {\"a.$\": 1}"), V.state(V.pass + "\"Result\": 1, \"Parameters\": {}"),
        V.state(V.fail + "\"Error\": \"e\", \"Cause\": \"c\""),
        V.state(V.fail + "\"Error\": \"e\", \"CausePath\": \"$.c\""),
        V.state(V.fail + "\"Error\": \"e\", \"ErrorPath\": \"$.e\"", "E105"), V.state(V.fail + "\"Error\": 5", "E103"),
        V.state(V.fail + "\"Error\": \"e\", \"ErrorPath\": 1", "E105", "E103"),
        V.jsonata(V.fail + "\"Error\": \"{% $states.input.e %}\", \"Cause\": \"c\""),
        V.state(V.wait + "\"Seconds\": 0"), V.state(V.wait + "\"Seconds\": -1", "E107"),
        V.state(V.wait + "\"Seconds\": 1.5", "E103"), V.state(V.wait + "\"Seconds\": \"1\"", "E103"),
        V.state(V.wait + "\"Seconds\": \"{% 1 %}\"", "E103"), V.jsonata(V.wait + "\"Seconds\": \"{% 1 %}\""),
        V.jsonata(V.wait + "\"Seconds\": \"1\"", "E103"), V.jsonata(V.wait + "\"Timestamp\": \"{% $now() %}\""),
        V.jsonata(V.wait + "\"Seconds\": 1, \"Timestamp\": \"2026-01-01T00:00:00Z\"", "E105"),
        V.state(V.wait + "\"Timestamp\": \"2026-01-01T00:00:00Z\""),
        V.state(V.wait + "\"Timestamp\": \"2026-01-01T00:00:00.123456789+01:00\""),
        V.state(V.wait + "\"Timestamp\": \"2026-01-01t00:00:00Z\"", "E108"),
        V.state(V.wait + "\"Timestamp\": \"2026-01-01T00:00:00z\"", "E108"),
        V.state(V.wait + "\"Timestamp\": \"2026-01-01T00:00Z\"", "E108"),
        V.state(V.wait + "\"Timestamp\": \"2026-01-01 00:00:00Z\"", "E108"),
        V.state(V.wait + "\"Timestamp\": \"2026-02-29T00:00:00Z\"", "E108"),
        V.state(V.wait + "\"Timestamp\": \"2026-01-01T24:00:00Z\"", "E108"),
        V.state(V.wait + "\"Timestamp\": \"2026-01-01\"", "E108"), V.state(V.wait + "\"Timestamp\": 1", "E103"),
        V.state(V.wait + "\"Seconds\": 1, \"SecondsPath\": \"$.s\"", "E105"),
        V.state(V.wait + "\"Timestamp\": \"x\", \"TimestampPath\": \"y\"", "E105", "E108", "E301"),
        V.state(V.wait + "\"SecondsPath\": 1", "E103"), V.state(V.wait + "\"SecondsPath\": null", "E103"),
        V.state(V.task + "\"TimeoutSeconds\": 5, \"HeartbeatSeconds\": 4"),
        V.state(V.task + "\"TimeoutSeconds\": 5, \"HeartbeatSeconds\": 5", "E404"),
        V.state(V.task + "\"TimeoutSeconds\": null", "E103"), V.state(V.task + "\"HeartbeatSeconds\": 0", "E107"),
        V.state(V.task + "\"HeartbeatSeconds\": 1, \"HeartbeatSecondsPath\": \"$.h\"", "E105"),
        V.state(V.task + "\"TimeoutSeconds\": 1, \"TimeoutSecondsPath\": \"h\"", "E105", "E301"),
        V.jsonata(V.task + "\"TimeoutSeconds\": \"{% 1 %}\", \"HeartbeatSeconds\": \"{% 1 %}\""),
        V.jsonata(V.task + "\"TimeoutSeconds\": true", "E103"),
        V.jsonata(V.task + "\"Arguments\": \"{% $states.input %}\""),
        V.jsonata(V.task + "\"Arguments\": \"x\"", "E103"),
        V.jsonata(V.task + "\"Arguments\": []", "E103"), V.jsonata(V.task + "\"Arguments\": null", "E103"),
        V.state(V.task + "\"Parameters\": \"text\""), V.state(V.task + "\"Parameters\": [1]"),
        V.state(V.task + "\"Credentials\": {\"RoleArn\": \"arn:aws:iam::1:role/r\"}"),
        V.state(V.task + "\"Credentials\": {\"RoleArn.$\": \"$.role\"}"),
        V.state(V.task + "\"Credentials\": {\"RoleArn.$\": \"States.Format('{}', $.r)\"}"),
        V.jsonata(V.task + "\"Credentials\": {\"RoleArn\": \"{% $states.input.role %}\"}"),
        V.jsonata(V.task + "\"Credentials\": {\"RoleArn.$\": \"$.role\"}", "E101"),
        V.state(V.task + "\"Credentials\": {\"RoleArn\": 1}", "E103"), V.state(V.task + "\"Credentials\": {}", "E101"),
        V.state(V.task + "\"Credentials\": \"r\"", "E103"),
    ]

    @Test(arguments: machines + switching + values) func fieldsAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: placement) func everyFieldIsTakenWhereItBelongs(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: languages) func eachLanguageHasItsFields(_ verdict: Verdict) { verdict.check() }
}
