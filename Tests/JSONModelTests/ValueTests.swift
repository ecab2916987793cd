import JSONModel
import Testing

@Suite struct ValueTests {
    private static let pairs: [(JSONValue, JSONValue, Bool)] = [
        (.int(1), .double(1), true), (.int(0), .double(-0.0), true), (.int(1), .double(1.5), false),
        (.double(0), .double(-0.0), true), (.int(.max), .double(9_223_372_036_854_775_808), false),
        (.int(9_007_199_254_740_993), .double(9_007_199_254_740_992), false), (.int(.min), .double(-0x1p63), true),
        (["a": 1, "b": 2], ["b": 2.0, "a": 1.0], true), (["a": 1], ["a": 1, "b": .null], false),
        (["a": .null], [:], false), (["a": .null, "b": 1], ["c": .null, "b": 1], false), ([1, 2], [2, 1], false),
        ([1, 2], [1], false), (.null, false, false), (0, false, false), ("1", 1, false), ("a", "a", true),
        ([], [:], false), (.double(.nan), .double(.nan), false),
    ]

    @Test(arguments: pairs.indices)
    func equalityAndHashAreByMeaning(_ place: Int) {
        let (left, right, isEqual) = Self.pairs[place]
        #expect((left == right) == isEqual, "\(left) and \(right)")
        #expect((right == left) == isEqual)
        if isEqual { #expect(left.hashValue == right.hashValue) }
    }

    @Test func accessorsAnswerNilForOtherTypes() {
        let values: [(JSONValue, String)] = [
            (.null, "null"), (true, "boolean"), (1, "number"), (1.5, "number"), ("a", "string"), ([1], "array"),
            (["a": 1], "object"),
        ]
        for (value, type) in values {
            #expect(value.typeName == type)
            #expect(value.isNull == (type == "null"))
            #expect((value.boolValue != nil) == (type == "boolean"))
            #expect((value.doubleValue != nil) == (type == "number"))
            #expect((value.stringValue != nil) == (type == "string"))
            #expect((value.arrayValue != nil) == (type == "array"))
            #expect((value.objectValue != nil) == (type == "object"))
        }
    }

    @Test func wholeDoublesCountAsIntegers() {
        #expect(JSONValue.double(3).intValue == 3)
        #expect(JSONValue.double(3.5).intValue == nil)
        #expect(JSONValue.double(1e19).intValue == nil)
        #expect(JSONValue.int(.max).intValue == .max)
        #expect(JSONValue.string("3").intValue == nil)
    }

    @Test func subscriptsAnswerNilOutsideAndForOtherTypes() {
        let value: JSONValue = ["list": [1, 2]]

        #expect(value["list"]?[1] == 2)
        #expect(value["list"]?[2] == nil)
        #expect(value["list"]?[-1] == nil)
        #expect(value["other"] == nil)
        #expect(value[0] == nil)
        #expect(JSONValue.int(1)["a"] == nil)
    }
}

@Suite struct ObjectTests {
    @Test func membersKeepTheOrderOfTheirInsertion() {
        var object: JSONObject = ["z": 1, "a": 2]
        object["m"] = 3
        object["z"] = 9

        #expect(object.keys == ["z", "a", "m"])
        #expect(object.values == [9, 2, 3])
        #expect(object.map { "\($0)=\($1)" } == ["z=9", "a=2", "m=3"])
    }

    @Test func settingNilRemovesAndJSONNullStays() {
        var object: JSONObject = ["a": 1, "b": 2, "c": 3]
        object["b"] = nil as JSONValue?
        object["x"] = nil as JSONValue?
        object["c"] = JSONValue.null

        #expect(object.keys == ["a", "c"])
        #expect(object["c"] == .some(.null))
        #expect(object.contains("c") && !object.contains("b"))
        object["b"] = 4
        #expect(object.keys == ["a", "c", "b"])
    }

    @Test func ofEqualNamesTheLastValueWinsAtTheFirstPlace() {
        #expect(JSONObject([("a", 1), ("b", 2), ("a", 3)]).jsonText == #"{"a":3,"b":2}"#)
    }

    /// Small and large objects look members up in different ways; both must do what a plain list of pairs does.
    @Test(arguments: [1, 5, 12, 13, 14, 100])
    func objectsOfAnySizeBehaveAsAListOfPairs(_ size: Int) {
        var random = SeededRandom(seed: UInt64(size))
        var object = JSONObject()
        var model: [(String, JSONValue)] = []
        for step in 0..<size * 10 {
            let name = "k\(Int.random(in: 0..<size, using: &random))"
            let place = model.firstIndex { $0.0 == name }
            if Int.random(in: 0..<4, using: &random) == 0 {
                object[name] = nil as JSONValue?
                if let place { model.remove(at: place) }
            } else {
                object[name] = .int(Int64(step))
                if let place { model[place].1 = .int(Int64(step)) } else { model.append((name, .int(Int64(step)))) }
            }
            #expect(object.count == model.count && object.isEmpty == model.isEmpty)
            #expect(object.keys == model.map(\.0) && object.values == model.map(\.1))
            for probe in 0..<size { #expect(object["k\(probe)"] == model.first { $0.0 == "k\(probe)" }?.1) }
        }
    }

    @Test func equalityAndHashIgnoreTheOrder() {
        let names = (0..<40).map { "n\($0)" }
        let one = JSONObject(names.map { ($0, .string($0)) })
        var other = JSONObject(names.reversed().map { ($0, .string($0)) })

        #expect(one == other && one.hashValue == other.hashValue)
        other["n7"] = 7
        #expect(one != other)
    }

    @Test func manyMembersAreReadAndRemovedQuickly() {
        var object = JSONObject((0..<20_000).map { ("n\($0)", .int($0)) } as [(String, JSONValue)])

        for number in 0..<20_000 { #expect(object["n\(number)"] == .int(Int64(number))) }
        for number in stride(from: 19_999, to: 17_999, by: -1) { object["n\(number)"] = nil as JSONValue? }

        #expect(object.count == 18_000)
    }
}

extension JSONObject {
    fileprivate var jsonText: String { JSONValue.object(self).jsonString }
}
