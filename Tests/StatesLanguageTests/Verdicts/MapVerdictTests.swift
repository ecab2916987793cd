import StatesLanguage
import Testing

/// AWS, "Map workflow state", "ItemReader (Map)", "ItemBatcher (Map)" and "ResultWriter (Map)".
@Suite struct MapVerdictTests {
    private typealias V = Verdict

    private static let get = "arn:aws:states:::s3:getObject"
    private static let put = "arn:aws:states:::s3:putObject"

    private static func reader(_ config: String, _ errors: String...) -> Verdict {
        let reader = "\"ItemReader\": {\"Resource\": \"arn:aws:states:::s3:getObject\", \"ReaderConfig\": {\(config)}}"
        return Verdict(V.state(V.distributed + reader).text, errors)
    }

    private static func processor(_ config: String, _ errors: String...) -> Verdict {
        Verdict(
            V.state("\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": {\"ProcessorConfig\": \(config), \(V.inner)}")
                .text,
            errors)
    }

    static let processors: [Verdict] = [
        processor("{}"), processor("{\"Mode\": \"INLINE\"}"),
        processor("{\"Mode\": \"DISTRIBUTED\", \"ExecutionType\": \"EXPRESS\"}"),
        processor("{\"Mode\": \"DISTRIBUTED\"}", "E101"), processor("{\"Mode\": \"inline\"}", "E106"),
        processor("{\"Mode\": null}", "E103"), processor("[]", "E103"), processor("{\"Type\": \"STANDARD\"}", "E102"),
        processor("{\"Mode\": \"DISTRIBUTED\", \"ExecutionType\": \"FAST\"}", "E106"),
        V.state("\"Type\": \"Map\", \"End\": true, \"Iterator\": {\(V.inner)}"),
        V.state(
            "\"Type\": \"Map\", \"End\": true, \"Iterator\": {\"ProcessorConfig\": {\"Mode\": \"INLINE\"}, \(V.inner)}"),
        V.state(V.map + "\"Iterator\": {}", "E105"),
        V.state("\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": []", "E103"),
        V.state("\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": {}", "E101"),
        V.state(
            "\"Type\": \"Map\", \"End\": true, \"ItemsPath\": \"x\", \"MaxConcurrency\": -1", "E301", "E107", "E601"),
        V.state(V.map + "\"MaxConcurrency\": 40"), V.state(V.map + "\"MaxConcurrency\": -1", "E107"),
        V.state(V.map + "\"MaxConcurrency\": \"5\"", "E103"),
        V.state(V.map + "\"MaxConcurrency\": 1, \"MaxConcurrencyPath\": \"$.m\"", "E105"),
        V.state(V.map + "\"MaxConcurrencyPath\": \"$$.m\""),
        V.state(V.map + "\"MaxConcurrencyPath\": \"$.m[*]\"", "E303"),
        // AWS takes a tolerance in inline mode too.
        V.state(V.map + "\"ToleratedFailureCount\": 0, \"ToleratedFailurePercentage\": 0"),
        V.state(V.distributed + "\"ToleratedFailurePercentage\": 12.5"),
        V.state(V.distributed + "\"ToleratedFailurePercentage\": 100.1", "E107"),
        V.state(V.distributed + "\"ToleratedFailurePercentage\": -1", "E107"),
        V.state(V.distributed + "\"ToleratedFailureCount\": 1.5", "E103"),
        V.state(V.distributed + "\"ToleratedFailureCount\": -1", "E107"),
        V.state(V.distributed + "\"ToleratedFailureCount\": 1, \"ToleratedFailureCountPath\": \"$.c\"", "E105"),
        V.state(
            V.distributed + "\"ToleratedFailurePercentage\": 1, \"ToleratedFailurePercentagePath\": \"$.c\"", "E105"),
        V.state(V.distributed + "\"Label\": \"a-b_C.1\""), V.state(V.distributed + "\"Label\": \"\"", "E602"),
        V.state(V.distributed + "\"Label\": 5", "E103"),
        V.state(V.distributed + "\"Label\": \"\(String(repeating: "l", count: 40))\""),
        V.state(V.distributed + "\"Label\": \"\(String(repeating: "l", count: 41))\"", "E602"),
    ]

    static let readers: [Verdict] = [
        V.state(V.distributed + "\"ItemReader\": {\"Resource\": \"\(put)\"}", "E801"),
        V.state(V.distributed + "\"ItemReader\": {\"Resource\": \"${Reader}\"}"),
        V.state(V.distributed + "\"ItemReader\": {\"Resource\": \"arn:aws:states:::dynamodb:getItem\"}", "E801"),
        V.state(V.distributed + "\"ItemReader\": {\"Resource\": \"\(get).sync\"}", "E801"),
        V.state(V.distributed + "\"ResultWriter\": {\"Resource\": \"\(get)\"}", "E801"),
        reader("\"InputType\": \"JSON\", \"MaxItems\": 0"),
        reader("\"InputType\": \"CSV\", \"CSVHeaderLocation\": \"FIRST_ROW\""),
        reader(
            "\"InputType\": \"CSV\", \"CSVHeaderLocation\": \"GIVEN\", \"CSVHeaders\": [\"a\"], \"CSVDelimiter\": \"TAB\""
        ),
        reader("\"InputType\": \"CSV\", \"CSVHeaderLocation\": \"GIVEN\"", "E101"),
        reader("\"InputType\": \"csv\"", "E106"),
        reader("\"InputType\": \"JSONL\""), reader("\"InputType\": \"PARQUET\""),
        reader("\"InputType\": \"MANIFEST\", \"ManifestType\": \"ATHENA_DATA\""),
        reader("\"InputType\": \"CSV\", \"CSVDelimiter\": \";\"", "E106"),
        reader("\"InputType\": \"CSV\", \"CSVHeaders\": [1]", "E103"),
        reader("\"InputType\": \"JSON\", \"ItemsPointer\": \"/a\""),
        reader("\"InputType\": \"JSON\", \"ItemsPointer\": 1", "E103"),
        reader("\"InputType\": \"JSON\", \"MaxItem\": 1", "E102"),
        reader("\"InputType\": \"JSON\", \"MaxItems\": -1", "E107"),
        reader("\"InputType\": \"JSON\", \"MaxItems\": 100000000"),
        reader("\"InputType\": \"JSON\", \"MaxItems\": 100000001", "E107"),
        reader("\"InputType\": \"JSON\", \"MaxItems\": \"1\"", "E103"),
        reader("\"InputType\": \"JSON\", \"MaxItemsPath\": \"$v\""),
        reader("\"InputType\": \"JSON\", \"MaxItems\": 1, \"MaxItemsPath\": \"$.m\"", "E105"),
        V.state(
            V.distributed
                + "\"ItemReader\": {\"Resource\": \"arn:aws:states:::s3:listObjectsV2\", \"Parameters\": {\"Bucket.$\": \"$.b\"}}"
        ),
        V.state(
            V.distributed + "\"ItemReader\": {\"Resource\": \"arn:aws:states:::s3:getObject\"}, \"ItemsPath\": \"$.a\""),
        V.state(V.distributed + "\"ItemReader\": {\"ReaderConfig\": {\"InputType\": 1}}", "E101", "E103"),
        V.state(V.distributed + "\"ItemReader\": []", "E103"),
        V.state(V.distributed + "\"ItemReader\": {\"Resource\": 1}", "E103"),
        V.state(V.distributed + "\"ItemReader\": {\"Resource\": \"\(get)\", \"Bucket\": \"b\"}", "E102"),
        V.state(V.distributed + "\"ItemReader\": {\"Resource\": \"\(get)\", \"Arguments\": {}}", "E104"),
        V.state(
            V.distributed + "\"ItemReader\": {\"Resource\": \"\(get)\", \"Parameters\": {\"Key.$\": \"k\"}}", "E301"),
        V.jsonata(
            V.distributed
                + "\"ItemReader\": {\"Resource\": \"\(get)\", \"Arguments\": {\"Bucket\": \"{% $b %}\"}, \"ReaderConfig\": "
                + "{\"InputType\": \"JSON\", \"MaxItems\": \"{% 2 %}\"}}"),
        V.jsonata(V.distributed + "\"ItemReader\": {\"Resource\": \"\(get)\", \"Parameters\": {}}", "E104"),
        V.jsonata(
            V.distributed + "\"ItemReader\": {\"Resource\": \"\(get)\", \"ReaderConfig\": {\"MaxItemsPath\": \"$.m\"}}",
            "E104"),
        V.state(
            V.distributed
                + "\"ItemBatcher\": {\"MaxItemsPerBatch\": 1, \"MaxInputBytesPerBatch\": 262144, \"BatchInput\": {\"a.$\": \"$.b\"}}"
        ),
        V.state(
            V.distributed
                + "\"ItemBatcher\": {\"MaxItemsPerBatchPath\": \"$.m\", \"MaxInputBytesPerBatchPath\": \"$v\"}"),
        V.state(V.distributed + "\"ItemBatcher\": {\"MaxItemsPerBatch\": 0}", "E107"),
        V.state(V.distributed + "\"ItemBatcher\": {\"Size\": 1}", "E102"),
        V.state(V.distributed + "\"ItemBatcher\": {\"MaxInputBytesPerBatch\": 262145}", "E107"),
        V.state(
            V.distributed + "\"ItemBatcher\": {\"MaxInputBytesPerBatch\": 1, \"MaxInputBytesPerBatchPath\": \"$.m\"}",
            "E105"),
        V.state(V.distributed + "\"ItemBatcher\": {\"BatchInput\": {\"a.$\": \"b\"}}", "E301"),
        V.jsonata(
            V.distributed
                + "\"ItemBatcher\": {\"MaxItemsPerBatch\": \"{% $n %}\", \"BatchInput\": {\"a\": \"{% $states.input %}\"}}"
        ),
        V.state(
            V.distributed
                + "\"ResultWriter\": {\"Resource\": \"arn:aws:states:::s3:putObject\", \"Parameters\": {\"Bucket\": \"b\"}}"
        ),
        V.state(
            V.distributed
                + "\"ResultWriter\": {\"WriterConfig\": {\"OutputType\": \"JSONL\", \"Transformation\": \"FLATTEN\"}}"),
        V.state(V.distributed + "\"ResultWriter\": {\"WriterConfig\": {}}", "E101"),
        V.state(V.distributed + "\"ResultWriter\": []", "E103"),
        V.state(V.distributed + "\"ResultWriter\": {\"WriterConfig\": {\"OutputType\": \"CSV\"}}", "E106"),
        V.state(
            V.distributed
                + "\"ResultWriter\": {\"WriterConfig\": {\"OutputType\": \"JSON\", \"Transformation\": \"flat\"}}",
            "E106"),
        V.state(
            V.distributed + "\"ResultWriter\": {\"WriterConfig\": {\"OutputType\": \"JSON\", \"Format\": 1}}", "E102"),
        V.state(V.distributed + "\"ResultWriter\": {\"Resource\": \"\(put)\", \"Prefix\": \"p\"}", "E102"),
        V.state(V.distributed + "\"ResultWriter\": {\"Resource\": \"\(put)\", \"Arguments\": {}}", "E104"),
    ]

    /// An EXPRESS child execution is an EXPRESS execution, whatever starts it.
    static let children: [Verdict] = [
        child("STANDARD", "arn:aws:states:::lambda:invoke.waitForTaskToken"),
        child("EXPRESS", "arn:aws:states:::lambda:invoke"),
        child("EXPRESS", "arn:aws:states:::lambda:invoke.waitForTaskToken", "E802"),
        child("EXPRESS", "arn:aws:states:::batch:submitJob.sync", "E802"),
        child("EXPRESS", "arn:aws:states:us-east-1:123456789012:activity:a", "E802"),
    ]

    private static func child(_ type: String, _ resource: String, _ errors: String...) -> Verdict {
        let processor =
            "{\"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", \"ExecutionType\": \"\(type)\"}, \"StartAt\": \"T\", "
            + "\"States\": {\"T\": {\"Type\": \"Task\", \"Resource\": \"\(resource)\", \"TimeoutSeconds\": 9, \"End\": true}}}"
        return Verdict(V.state("\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": \(processor)").text, errors)
    }

    @Test(arguments: processors + children) func mapsAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }

    @Test(arguments: readers) func readersBatchersAndWritersAreJudgedAsOnAWS(_ verdict: Verdict) { verdict.check() }
}
