import JSONModel
import JSONPath
import Testing

@Suite struct SettingTests {
    @Test(arguments: [
        ("$", #"{"a":1}"#, "9"), ("$", "5", "9"), ("$.a", "{}", #"{"a":9}"#),
        ("$.a", #"{"a":1,"b":2}"#, #"{"a":9,"b":2}"#),
        ("$.a.b.c", "{}", #"{"a":{"b":{"c":9}}}"#), ("$.a.b", #"{"a":{"x":1}}"#, #"{"a":{"x":1,"b":9}}"#),
        ("$['a b']", #"{"z":0}"#, #"{"z":0,"a b":9}"#), ("$[1]", "[1,2]", "[1,9]"),
        ("$.a[0].b", #"{"a":[{}]}"#, #"{"a":[{"b":9}]}"#), ("$.a[0]", #"{"a":[1,2]}"#, #"{"a":[9,2]}"#),
    ])
    func valuesArePutAtTheirPlace(_ path: String, _ document: String, _ answer: String) throws {
        let result = try JSONPath(parsing: path).setting(9, in: JSONValue(parsing: document))

        #expect(result?.jsonString == answer)
    }

    @Test(arguments: [
        ("$.a", "5"), ("$.a", "[1]"), ("$.a", "null"), ("$.a.b", #"{"a":1}"#), ("$.a.b", #"{"a":null}"#),
        ("$.a.b", #"{"a":[]}"#), ("$[0]", "{}"), ("$[0]", "[]"), ("$[2]", "[1,2]"), ("$.a[0]", "{}"),
        ("$.a.b[0].c", "{}"), ("$[-1]", "[1]"), ("$[*]", "[1]"), ("$['a','b']", "{}"), ("$.a.length()", #"{"a":[]}"#),
    ])
    func whatHasNoPlaceIsNil(_ path: String, _ document: String) throws {
        #expect(try JSONPath(parsing: path).setting(9, in: JSONValue(parsing: document)) == nil)
    }

    @Test func theDocumentItselfStaysAsItWas() throws {
        let document: JSONValue = ["a": ["b": 1]]

        let result = try JSONPath(parsing: "$.a.b").setting(2, in: document)

        #expect(document == ["a": ["b": 1]])
        #expect(result == ["a": ["b": 2]])
    }

    @Test func whatWasSetIsReadBack() throws {
        for text in ["$.a", "$.a.b.c", "$['x y'].z", "$.list[1].n"] {
            let path = try JSONPath(parsing: text)
            let result = try #require(path.setting("new", in: ["list": [1, [:]], "a": ["b": [:]]]))
            #expect(try path.evaluate(on: result) == "new")
        }
    }

    @Test func theLongestPathIsSet() throws {
        let path = try JSONPath(parsing: "$" + String(repeating: ".a", count: 256))

        #expect(try path.evaluate(on: #require(path.setting(1, in: [:]))) == 1)
    }
}
