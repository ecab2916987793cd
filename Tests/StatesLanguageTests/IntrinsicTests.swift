import JSONModel
import StatesLanguage
import Testing

@Suite struct IntrinsicTests {
    static let scope = EvaluationScope(
        input: [
            "name": "Ada", "n": 3, "half": -1.5, "list": [1, 2, 2, 3, 4], "object": ["a": 1, "b": [true, .null]],
            "text": "This.is+a,test,=string", "json": "{\"x\": [1, 2]}",
        ], context: ["Execution": ["Name": "run-1"]], variables: ["limit": 10], now: 0, seed: 42)

    static let results: [(call: String, result: JSONValue)] = [
        ("States.Format('Hello {}', $.name)", "Hello Ada"),
        ("States.Format('{} of {}: {}', $.n, $limit, $.object)", "3 of 10: {a=1, b=[true, null]}"),
        (#"States.Format('\{\} it\'s {} \\', 1.5)"#, #"{} it's 1.5 \"#),
        ("States.Format('{{}}', 'x')", "{x}"),
        ("States.Format($$.Execution.Name)", "run-1"),
        ("States.StringToJson($.json)", ["x": [1, 2]]),
        ("States.StringToJson('')", .null),
        ("States.JsonToString($.object)", #"{"a":1,"b":[true,null]}"#),
        ("States.Array()", []),
        ("States.Array($.n, 'x', null, true, -2.5, States.Array(1))", [3, "x", .null, true, -2.5, [1]]),
        ("States.ArrayPartition($.list, 2)", [[1, 2], [2, 3], [4]]),
        ("States.ArrayPartition($.list, 100)", [[1, 2, 2, 3, 4]]),
        ("States.ArrayPartition(States.Array(), 2)", []),
        ("States.ArrayContains($.list, 3)", true),
        ("States.ArrayContains($.list, '3')", false),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.ArrayRange(3, 1, 1)", []),
        ("States.ArrayGetItem($.list, 4)", 4),
        ("States.ArrayLength($.list)", 5),
        ("States.ArrayUnique($.list)", [1, 2, 3, 4]),
        ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode('RGVjb2RlZCBkYXRh')", "Decoded data"),
        ("States.Base64Decode('')", ""),
        (
            "States.JsonMerge($.object, States.StringToJson($.json), false)",
            ["a": 1, "b": [true, .null], "x": [1, 2]]
        ),
        ("States.MathAdd($.n, $.half)", 2),
        ("States.MathAdd(111, -1)", 110), ("States.MathAdd(0.49999999999999994, 0)", 0),
        ("States.MathAdd(-2.5, 0)", -2), ("States.MathAdd(-0.5, 0.5)", 1),
        ("States.MathAdd(4503599627370497.5, 0)", 4503599627370498),
        ("States.MathRandom(7, 8)", 7),
        ("States.StringSplit($.text, '.+,=')", ["This", "is", "a", "test", "string"]),
        ("States.StringSplit('abc', '')", ["abc"]),
        ("States.Hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"),
        ("States.Hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("States.Hash('abc', 'SHA-256')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "States.Hash('abc', 'SHA-384')",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            "States.Hash('abc', 'SHA-512')",
            """
            ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
            2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
            """
        ),
    ]

    @Test(arguments: results)
    func callReturns(call: String, result: JSONValue) throws {
        let template = Template.intrinsic(try IntrinsicCall(parsing: call))

        #expect(try template.evaluate(in: Self.scope) == result)
    }

    @Test(arguments: [
        "States.Format('{} {}', 1)", "States.Format('{}', 1, 2)", "States.Format($.n)",
        "States.StringToJson('{')", "States.ArrayPartition($.list, 0)", "States.ArrayGetItem($.list, 5)",
        "States.ArrayGetItem($.list, -1)", "States.ArrayRange(1, 2000, 1)", "States.ArrayRange(1, 2, 0)",
        "States.ArrayLength($.name)", "States.Base64Decode('a')", "States.Base64Decode('gIA=')",
        "States.Hash('abc', 'CRC')", "States.JsonMerge($.object, $.object, true)",
        "States.JsonMerge($.object, $.n, false)", "States.MathRandom(5, 5)",
        "States.MathAdd(9223372036854775807, 1)", "States.MathAdd(1e300, 1)",
    ])
    func callFailsWithIntrinsicFailure(call: String) throws {
        let template = Template.intrinsic(try IntrinsicCall(parsing: call))

        let error = try #require(throws: EvaluationError.self) { try template.evaluate(in: Self.scope) }

        #expect(error.error == "States.IntrinsicFailure")
        #expect(error.cause.hasPrefix("The function '\(call)' had the following error: "))
    }

    @Test(arguments: [
        ("States.Xyz($.a)", 0), (" States.Array(1)", 0), ("States.Array(1", 14), ("States.Array(1,)", 15),
        ("States.Array('a)", 13), (#"States.Array('\"')"#, 14), ("States.ArrayLength()", 0),
        ("States.MathAdd(1, '2')", 18), ("States.Array(1) x", 16), ("States.Array(States.None())", 13),
        ("States.Array(1.2.3)", 13), ("States.JsonToString $", 19), ("", 0),
    ])
    func syntaxErrorNamesItsPlace(text: String, offset: Int) throws {
        let error = try #require(throws: PathSyntaxError.self) { try IntrinsicCall(parsing: text) }

        #expect(error.offset == offset, "\(error)")
    }

    @Test func unknownFunctionSuggestsTheNearestName() throws {
        let error = try #require(throws: PathSyntaxError.self) { try IntrinsicCall(parsing: "States.Fromat('x')") }

        #expect(error.message.contains("did you mean 'States.Format'?"))
    }

    @Test func nestedCallsAreLimitedToTen() throws {
        let nested = { (depth: Int) in
            String(repeating: "States.Array(", count: depth) + String(repeating: ")", count: depth)
        }

        #expect(throws: Never.self) { try IntrinsicCall(parsing: nested(10)) }
        #expect(throws: PathSyntaxError.self) { try IntrinsicCall(parsing: nested(11)) }
    }

    @Test func missingArgumentIsARuntimeError() throws {
        let template = Template.intrinsic(try IntrinsicCall(parsing: "States.ArrayLength($.nothing)"))

        let error = try #require(throws: EvaluationError.self) {
            try template.evaluate(in: EvaluationScope(input: ["a": 1], context: .null, now: 0, seed: 0))
        }

        #expect(error.error == "States.Runtime")
        #expect(
            error.cause
                == "The JsonPath argument for the field '$.nothing' could not be found in the input '{\"a\":1}'")
    }

    @Test func randomNumbersAndUUIDsFollowTheSeed() throws {
        let call = Template.intrinsic(try IntrinsicCall(parsing: "States.UUID()"))
        let both = Template.array([call, call])

        let first = try both.evaluate(in: Self.scope, field: "Parameters")
        let again = try both.evaluate(in: Self.scope, field: "Parameters")
        let other = try both.evaluate(in: Self.scope, field: "Assign")

        #expect(first == again)
        #expect(first[0] != first[1])
        #expect(first != other)
        let uuid = try #require(first[0]?.stringValue)
        #expect(uuid.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    }

    @Test func splitMixGivesItsPublishedSequence() {
        var generator = SplitMix64(seed: 1_234_567)

        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
    }

    @Test func randomNumbersStayInTheirRange() {
        var generator = SplitMix64(seed: 7)

        let numbers = Set((0..<1000).map { _ in generator.number(in: -2..<3) })

        #expect(numbers == [-2, -1, 0, 1, 2])
        #expect((Int64.min..<Int64.max).contains(generator.number(in: Int64.min..<Int64.max)))
    }

    /// The lengths around a block's end are where padding goes wrong.
    @Test(arguments: [
        (55, "ef1772b6dff9a122358552954ad0df65", "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
        (56, "3b0c8ac703f828b04c6c197006d17218", "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (64, "014842d480b571495a4a0363793f7367", "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
    ])
    func digestsPadAtTheEndOfABlock(length: Int, md5: String, sha1: String) throws {
        let text = String(repeating: "a", count: length)

        for (name, digest) in [("MD5", md5), ("SHA-1", sha1)] {
            let call = try IntrinsicCall(parsing: "States.Hash('\(text)', '\(name)')")
            #expect(try Template.intrinsic(call).evaluate(in: Self.scope) == .string(digest))
        }
    }
}
