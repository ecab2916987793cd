import StatesLanguage
import Testing

/// Transitions, scopes, names, choices, retriers, catchers and resources.
@Suite struct FlowVerdictTests {
    private typealias V = Verdict

    private static func scopes(_ fields: String, _ errors: String...) -> Verdict {
        Verdict("{\"StartAt\": \"A\", \"States\": {\(fields)}}", errors)
    }

    private static let branch = "{\"StartAt\": \"X\", \"States\": {\"X\": {\"Type\": \"Pass\", \"Next\": \"Y\"}, "

    /// ASL, "Transitions" and "States": targets are in the same `States`, every state is reached, one ends.
    static let flow: [Verdict] = [
        scopes("\"A\": {\"Type\": \"Pass\", \"Next\": \"B\"}, \"B\": {\"Type\": \"Fail\"}"),
        scopes("\"A\": {\"Type\": \"Pass\", \"Next\": \"A\"}", "E203"),
        scopes("\"A\": {\"Type\": \"Pass\", \"End\": true}, \"B\": {\"Type\": \"Pass\", \"Next\": \"A\"}", "E202"),
        scopes("\"A\": {\"Type\": \"Pass\", \"Next\": \"b\"}, \"B\": {\"Type\": \"Succeed\"}", "E201", "E202"),
        scopes(
            "\"A\": {\"Type\": \"Parallel\", \"Next\": \"Z\", \"Branches\": [\(branch)\"Y\": {\"Type\": \"Succeed\"}}}]}, "
                + "\"Z\": {\"Type\": \"Succeed\"}"),
        // Out of a branch, into a branch, from one branch to another.
        scopes(
            "\"A\": {\"Type\": \"Parallel\", \"Next\": \"Y\", \"Branches\": [\(branch)\"Z\": {\"Type\": \"Succeed\"}}}]}, "
                + "\"Y\": {\"Type\": \"Succeed\"}", "E201", "E202"),
        scopes(
            "\"A\": {\"Type\": \"Parallel\", \"Next\": \"X\", \"Branches\": [\(branch)\"Y\": {\"Type\": \"Succeed\"}}}]}",
            "E201", "E203"),
        scopes(
            "\"A\": {\"Type\": \"Parallel\", \"End\": true, \"Branches\": [{\"StartAt\": \"X\", \"States\": {\"X\": "
                + "{\"Type\": \"Pass\", \"Next\": \"Y\"}}}, {\"StartAt\": \"Y\", \"States\": {\"Y\": {\"Type\": \"Succeed\"}}}]}",
            "E201", "E203"),
        scopes(
            "\"A\": {\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": {\"StartAt\": \"B\", \"States\": {\"B\": {\"Type\": "
                + "\"Pass\", \"Next\": \"C\"}}}}, \"C\": {\"Type\": \"Succeed\"}", "E201", "E202", "E203"),
        scopes(
            "\"A\": {\"Type\": \"Map\", \"End\": true, \"Iterator\": {\"StartAt\": \"C\", \"States\": {\"B\": {\"Type\": "
                + "\"Succeed\"}}}}", "E201"),
        // Names are unique in the whole machine.
        scopes(
            "\"A\": {\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": {\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": "
                + "\"Succeed\"}}}}", "E204"),
        scopes(
            "\"A\": {\"Type\": \"Parallel\", \"End\": true, \"Branches\": [{\"StartAt\": \"X\", \"States\": {\"X\": "
                + "{\"Type\": \"Succeed\"}}}, {\"StartAt\": \"X\", \"States\": {\"X\": {\"Type\": \"Succeed\"}}}]}",
            "E204"),
        scopes("\"A\": {\"Type\": \"Pass\", \"Next\": \"\(long(80))\"}, \"\(long(80))\": {\"Type\": \"Succeed\"}"),
        scopes(
            "\"A\": {\"Type\": \"Pass\", \"Next\": \"\(long(81))\"}, \"\(long(81))\": {\"Type\": \"Succeed\"}", "E205"),
        scopes("\"A\": {\"Type\": \"Pass\", \"Next\": \"/~ :ä\"}, \"/~ :ä\": {\"Type\": \"Succeed\"}"),
        scopes("\"A\": {\"Type\": \"Pass\", \"Next\": \"\"}, \"\": {\"Type\": \"Succeed\"}", "E205"),
        scopes("\"A\": {\"Type\": \"Parallel\", \"End\": true, \"Branches\": {}}", "E103"),
        scopes("\"A\": {\"Type\": \"Parallel\", \"End\": true, \"Branches\": [1]}", "E103"),
        scopes("\"A\": {\"Type\": \"Parallel\", \"End\": true, \"Branches\": [{}]}", "E101"),
    ]

    private static func long(_ count: Int) -> String { String(repeating: "n", count: count) }

    /// ASL, "Choice Rules".
    static let choices: [Verdict] = [
        V.rule("\"Variable\": \"$.a\", \"StringEquals\": \"\""),
        V.rule("\"Variable\": \"$$.a\", \"NumericEquals\": 1.5"),
        V.rule("\"Variable\": \"$v\", \"BooleanEquals\": false"), V.rule("\"Variable\": \"$.a\", \"IsPresent\": false"),
        V.rule("\"Variable\": \"$.a\", \"StringMatches\": \"a*\""),
        V.rule("\"Variable\": \"$.a\", \"TimestampLessThan\": \"2026-01-01T00:00:00Z\""),
        V.rule("\"Variable\": \"$.a\", \"NumericGreaterThanEqualsPath\": \"$.b\", \"Comment\": \"c\""),
        V.rule("\"Variable\": \"$.a\", \"StringEqualsPath\": \"$$.b\", \"Assign\": {\"v.$\": \"$.a\"}"),
        V.rule("\"Variable\": \"$.a\", \"StringEquals\": null", "E103"),
        V.rule("\"Variable\": \"$.a\", \"StringEquals\": 1", "E103"),
        V.rule("\"Variable\": \"$.a\", \"NumericEquals\": \"1\"", "E103"),
        V.rule("\"Variable\": \"$.a\", \"NumericEquals\": true", "E103"),
        V.rule("\"Variable\": \"$.a\", \"BooleanEquals\": \"true\"", "E103"),
        V.rule("\"Variable\": \"$.a\", \"IsNull\": 1", "E103"),
        V.rule("\"Variable\": \"$.a\", \"IsNullPath\": \"$.b\"", "E102", "E501"),
        V.rule("\"Variable\": \"$.a\", \"StringMatchesPath\": \"$.b\"", "E102", "E501"),
        V.rule("\"Variable\": \"$.a\", \"BooleanLessThan\": true", "E102", "E501"),
        V.rule("\"Variable\": \"$.a\", \"TimestampEquals\": 1", "E103"),
        V.rule("\"Variable\": \"$.a\", \"StringEqualsPath\": 1", "E103"),
        V.rule("\"Variable\": \"a\", \"StringEqualsPath\": \"b\"", "E301", "E301"),
        V.rule("\"Variable\": \"States.Array(1)\", \"IsNull\": true", "E301"),
        V.rule("\"Variable\": 1, \"IsNull\": true", "E103"),
        V.rule("\"IsNull\": true", "E101"), V.rule("\"Variable\": \"$.a\"", "E501"),
        V.rule("\"Variable\": \"$.a\", \"IsNull\": true, \"IsString\": true", "E501"),
        V.rule(
            "\"And\": [{\"Variable\": \"$.a\", \"IsNull\": true}, {\"Or\": [{\"Not\": {\"Variable\": \"$.b\", \"IsNull\": true}}]}]"
        ),
        V.rule("\"And\": []", "E501"), V.rule("\"Or\": {}", "E103"), V.rule("\"Not\": []", "E103"),
        V.rule("\"Not\": {}", "E501"), V.rule("\"And\": [1]", "E103"),
        V.rule("\"And\": [{\"Variable\": \"$.a\", \"IsNull\": true, \"Next\": \"B\"}]", "E102"),
        V.rule("\"Not\": {\"Variable\": \"$.a\", \"IsNull\": true, \"Assign\": {}}", "E102"),
        V.rule(
            "\"And\": [{\"Variable\": \"$.a\", \"IsNull\": true}], \"Or\": [{\"Variable\": \"$.a\", \"IsNull\": true}]",
            "E501"),
        V.rule("\"And\": [{\"Variable\": \"a\", \"IsNull\": 1}]", "E301", "E103"),
        V.rule("\"Not\": {\"Variable\": \"$.a\", \"IsNull\": true}, \"Variable\": \"$.a\"", "E501"),
        V.rule("\"Condition\": \"{% true %}\"", "E104", "E501"),
        V.rule("\"Variable\": \"$.a\", \"IsNull\": true, \"End\": true", "E102"),
        V.state(
            "\"Type\": \"Choice\", \"Choices\": [{\"Variable\": \"$.a\", \"IsNull\": true}], \"Default\": \"B\"", "E101"
        ),
        V.state("\"Type\": \"Choice\", \"Choices\": [], \"Default\": \"B\"", "E501"),
        V.state("\"Type\": \"Choice\", \"Choices\": {}, \"Default\": \"B\"", "E103"),
        V.state("\"Type\": \"Choice\", \"Default\": \"B\"", "E101"),
        V.state(
            "\"Type\": \"Choice\", \"Choices\": [{\"Variable\": \"$.a\", \"IsNull\": true, \"Next\": \"B\"}], \"Default\": 1",
            "E103"),
        V.state(
            "\"Type\": \"Choice\", \"Choices\": [{\"Variable\": \"$.a\", \"IsNull\": true, \"Next\": \"B\"}], \"Next\": \"B\"",
            "E102"),
        V.state(
            "\"Type\": \"Choice\", \"Choices\": [{\"Variable\": \"$.a\", \"IsNull\": true, \"Next\": \"B\"}], \"Retry\": []",
            "E102"),
        condition("\"Condition\": true"),
        condition("\"Condition\": \"{% $states.input.a > 1 %}\", \"Output\": 1, \"Assign\": {}"),
        condition("\"Condition\": \"true\"", "E103"), condition("\"Condition\": 1", "E103"),
        condition("\"Condition\": null", "E103"),
        condition("\"Condition\": \"{% true\"", "E304"), condition("\"Condition\": \"{% ( %}\"", "E304"),
        condition("\"Comment\": \"\"", "E101"),
        condition("\"Condition\": true, \"Variable\": \"$.a\"", "E104"),
        condition("\"Condition\": true, \"IsNull\": true", "E104"),
        condition("\"And\": [{\"Condition\": true}]", "E101", "E104"),
    ]

    private static func condition(_ fields: String, _ errors: String...) -> Verdict {
        let choice = "\"Type\": \"Choice\", \"Choices\": [{\(fields), \"Next\": \"B\"}]"
        return Verdict(V.jsonata(choice).text, errors)
    }

    /// ASL, "Errors"; AWS, "Handling errors in Step Functions workflows".
    static let errors: [Verdict] = [
        V.retry("\"IntervalSeconds\": 1, \"MaxAttempts\": 0, \"BackoffRate\": 1.0, \"Comment\": \"c\""),
        V.retry("\"MaxAttempts\": 99999999, \"BackoffRate\": 2"), V.retry("\"MaxAttempts\": 100000000", "E107"),
        V.retry("\"MaxDelaySeconds\": 2, \"JitterStrategy\": \"NONE\""), V.retry("\"MaxDelaySeconds\": 1", "E405"),
        V.retry("\"IntervalSeconds\": 5, \"MaxDelaySeconds\": 4", "E405"),
        V.retry("\"MaxDelaySeconds\": 31622401", "E107"),
        V.retry("\"MaxDelaySeconds\": 0", "E107", "E405"), V.retry("\"IntervalSeconds\": 0", "E107"),
        V.retry("\"IntervalSeconds\": 1.5", "E103"), V.retry("\"IntervalSeconds\": \"1\"", "E103"),
        V.retry("\"MaxAttempts\": -1", "E107"), V.retry("\"MaxAttempts\": null", "E103"),
        V.retry("\"BackoffRate\": 0.5", "E107"),
        V.retry("\"BackoffRate\": \"2\"", "E103"), V.retry("\"JitterStrategy\": \"PARTIAL\"", "E106"),
        V.retry("\"JitterStrategy\": true", "E103"), V.retry("\"ResultPath\": \"$\"", "E102"),
        V.retry("\"Assign\": {}", "E102"),
        V.retry("\"Comment\": 1", "E103"), V.state(V.task + "\"Retry\": {}", "E103"),
        V.state(V.task + "\"Retry\": null", "E103"),
        V.state(V.task + "\"Retry\": [{\"ErrorEquals\": \"States.ALL\"}]", "E103"),
        V.state(V.task + "\"Retry\": [\"x\"]", "E103"),
        V.state(V.task + "\"Retry\": [{\"ErrorEquals\": []}]", "E401"),
        V.state(V.task + "\"Retry\": [{\"ErrorEquals\": [null]}]", "E103"),
        V.state(V.task + "\"Retry\": [{\"ErrorEquals\": [\"States.ALL\"]}, {\"ErrorEquals\": [\"a\"]}]", "E403"),
        V.state(V.task + "\"Retry\": [{\"ErrorEquals\": [\"a\"]}, {\"ErrorEquals\": [\"States.ALL\"]}]"),
        V.state(V.task + "\"Retry\": [{\"ErrorEquals\": [\"a\", \"States.ALL\"]}]", "E402"),
        V.state(V.task + "\"Retry\": [{\"ErrorEquals\": [\"States.TaskFailed\", \"a\"]}, {\"ErrorEquals\": [\"a\"]}]"),
        handled(
            "\"ErrorEquals\": [\"States.ALL\"], \"ResultPath\": \"$.e\", \"Comment\": \"c\", \"Assign\": {\"e.$\": \"$.Error\"}"
        ),
        handled("\"ErrorEquals\": [\"States.ALL\"], \"ResultPath\": null"),
        handled("\"ErrorEquals\": [\"a\"], \"ResultPath\": \"$.a[*]\"", "E303"),
        handled("\"ErrorEquals\": [\"a\"], \"ResultPath\": \"$v\"", "E303"),
        handled("\"ErrorEquals\": [\"a\"], \"Output\": 1", "E104"),
        handled("\"ErrorEquals\": [\"a\"], \"ResultSelector\": {}", "E102"),
        handled("\"ErrorEquals\": [\"a\"], \"End\": true", "E102"),
        handled("\"ErrorEquals\": []", "E401"), handled("\"Comment\": \"\"", "E101"),
        handled("\"ErrorEquals\": [\"a\", \"States.ALL\"]", "E402"),
        handled("\"ErrorEquals\": [\"a\"], \"MaxAttempts\": 1", "E102"),
        V.state(V.task + "\"Catch\": [{\"ErrorEquals\": [\"a\"]}]", "E101"),
        V.state(V.task + "\"Catch\": [{\"ErrorEquals\": [\"a\"], \"Next\": 1}]", "E103"),
        V.state(V.task + "\"Catch\": [{\"ErrorEquals\": [\"a\"], \"Next\": \"C\"}]", "E201"),
        V.jsonata(
            V.task
                + "\"Catch\": [{\"ErrorEquals\": [\"a\"], \"Next\": \"B\", \"Output\": \"{% $states.errorOutput %}\", \"Assign\": "
                + "{\"e\": \"{% $states.errorOutput.Error %}\"}}]"),
        V.jsonata(V.task + "\"Catch\": [{\"ErrorEquals\": [\"a\"], \"Next\": \"B\", \"ResultPath\": \"$.e\"}]", "E104"),
    ]

    private static func handled(_ fields: String, _ errors: String...) -> Verdict {
        Verdict(V.state(V.task + "\"Catch\": [{\(fields), \"Next\": \"B\"}]").text, errors)
    }

    private static func resource(_ resource: String, _ errors: String...) -> Verdict {
        Verdict(
            V.state("\"Type\": \"Task\", \"End\": true, \"TimeoutSeconds\": 9, \"Resource\": \"\(resource)\"").text,
            errors)
    }

    /// AWS, "Integrating services": which resource takes which pattern.
    static let resources: [Verdict] = [
        resource("arn:aws:lambda:us-east-1:123456789012:function:f"),
        resource("arn:aws:lambda:us-east-1:123456789012:function:f:7"),
        resource("arn:aws:lambda:us-east-1:123456789012:function:f:live"),
        resource("arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"),
        resource("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f"),
        resource("arn:aws:states:us-east-1:123456789012:activity:a"), resource("arn:aws:states:::lambda:invoke"),
        resource("arn:aws:states:::lambda:invoke.waitForTaskToken"),
        resource("arn:aws:states:::lambda:invoke.sync", "E801"),
        resource("arn:aws:states:::states:startExecution.sync:2"), resource("arn:aws:states:::batch:submitJob.sync"),
        resource("arn:aws:states:::batch:submitJob.sync:2", "E801"), resource("arn:aws:states:::glue:startJobRun.sync"),
        resource("arn:aws:states:::s3:getObject", "E801"), resource("arn:aws:states:::glue:startCrawler", "E801"),
        resource("arn:aws:states:::aws-sdk:glue:startCrawler"),
        resource("arn:aws:states:::aws-sdk:s3:listBuckets.waitForTaskToken"),
        resource("arn:aws:states:::aws-sdk:s3:listBuckets.sync", "E801"), resource("arn:aws:states:::dynamodb:putItem"),
        resource("arn:aws:states:::dynamodb:putItem.waitForTaskToken", "E801"),
        resource("arn:aws:states:::dynamodb:query", "E801"),
        resource("arn:aws:states:::athena:getQueryResults.sync", "E801"), resource("arn:aws:states:::http:invoke"),
        resource("arn:aws:states:::http:invoke.waitForTaskToken", "E801"),
        resource("arn:aws:states:::ecs:runTask.waitForTaskToken"),
        resource("arn:aws:states:::sagemaker:createTrainingJob.sync"),
        resource("arn:aws:states:::sagemaker:createEndpoint.sync", "E801"),
        resource("arn:aws:states:::eks:runJob.sync"), resource("arn:aws:states:::mediaconvert:createJob.sync"),
        resource("", "E801"),
        resource("not an arn", "E801"), resource("arn:aws:states:us-east-1:123456789012:activity:", "E801"),
        resource("arn:aws:lambda:us-east-1:123456789012:function:f:", "E801"),
        resource("arn:aws:lambda:us-east-1:123456789012:function:f:$*#", "E801"),
        // Definition substitutions: the text is not final, and so cannot be judged.
        resource("${LambdaArn}"), resource("arn:${AWS::Partition}:states:::lambda:invoke"),
        resource("${LambdaArn", "E801"),
        V.state("\"Type\": \"Task\", \"End\": true, \"Resource\": []", "E103"),
        V.state("\"Type\": \"Task\", \"End\": true", "E101"),
        V.state("\"Type\": \"Task\", \"End\": true, \"Resource\": null", "E103"),
    ]

    @Test(arguments: flow) func transitionsAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: choices) func choicesAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: errors) func retriersAndCatchersAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: resources) func resourcesAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }
}
