import JSONModel
import TestKit
import Testing

@testable import AWSTasks

@Suite struct JSONReaderTests {
    private func lines(_ text: String, limits: ItemLimits = ItemLimits(), pieces: Int = 1000) throws -> [JSONValue] {
        var reader = JSONLinesReader(recordLimit: limits.recordBytes)
        return try parse(Array(text.utf8), with: &reader, limits: limits, pieces: pieces)
    }

    private func document(
        _ text: String, pointer: String? = nil, limits: ItemLimits = ItemLimits()
    ) throws -> [JSONValue] {
        var reader = JSONReader(pointer: try pointer.map { try #require(JSONPointer($0)) }, limit: limits.itemBytes)
        return try parse(Array(text.utf8), with: &reader, limits: limits, pieces: 7)
    }

    @Test(arguments: [
        ("1\n\"a\"\n{\"b\":[2]}", #"[1,"a",{"b":[2]}]"#), ("[1]\r\n[2]\r\n", "[[1],[2]]"), ("\n \n1\n\n", "[1]"),
        ("", "[]"), ("null\n", "[null]"),
    ])
    func everyLineIsAnItem(_ text: String, _ expected: String) throws {
        for pieces in [1, 2, 1000] { #expect(try JSONValue.array(lines(text, pieces: pieces)).jsonString == expected) }
    }

    @Test func aLineThatIsNoJSONIsNamed() {
        #expect(throws: ItemFault.malformed(line: 3, "no JSON at column 2: expected a member name in double quotes")) {
            try lines("1\n2\n{x\n")
        }
        #expect(throws: ItemFault.malformed(line: 2, "the line is longer than 10 bytes")) {
            try lines("1\n\"0123456789\"", limits: ItemLimits(recordBytes: 10))
        }
        let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        #expect(throws: ItemFault.self) { try lines(deep) }
    }

    @Test func noMoreThanTheItemsAskedForAreRead() throws {
        #expect(try lines("1\n2\nnonsense", limits: ItemLimits(items: 2)) == [1, 2])
        #expect(try document("[1,2,3]", limits: ItemLimits(items: 2)) == [1, 2])
    }

    @Test(
        arguments: [
            ("[1, {\"a\": 2}]", nil, "[1,{\"a\":2}]"), ("[]", nil, "[]"), (#"{"a":{"b/c":[1]}}"#, "/a/b~1c", "[1]"),
            (#"[[1],[2]]"#, "/1", "[2]"), ("[3]", "", "[3]"), (#"{"~":[4],"":[5]}"#, "/~0", "[4]"),
            (#"{"":[5]}"#, "/", "[5]"),
            (#"{"a":{"x":1,"y":[2]}}"#, "/a", #"[{"Key":"x","Value":1},{"Key":"y","Value":[2]}]"#),
        ] as [(String, String?, String)])
    func elementsAreItems(_ text: String, _ pointer: String?, _ expected: String) throws {
        #expect(try JSONValue.array(document(text, pointer: pointer)).jsonString == expected)
    }

    @Test(arguments: ["{\"Hello\":\"world\"}", "1", "\"text\"", "null"]) func onlyArraysAreIterated(_ text: String) {
        #expect(throws: ItemFault.notIterable) { try document(text) }
    }

    @Test(arguments: ["/b", "/a/01", "/a/-1", "/a/1", "/a/0/0", "/a/"]) func pointersThatLeadNowhereFail(
        _ pointer: String
    ) {
        #expect(throws: ItemFault.refused("ItemsPointer '\(pointer)' leads to nothing in the document.")) {
            try document(#"{"a":[1]}"#, pointer: pointer)
        }
    }

    @Test(arguments: ["a", "/a~", "/~2"]) func thatIsNoPointer(_ text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test func documentsAndItemsAreBounded() {
        #expect(throws: ItemFault.self) { try document("[\"0123456789\"]", limits: ItemLimits(itemBytes: 10)) }
        #expect(throws: ItemFault.self) { try lines("\"01234\"\n\"56789\"", limits: ItemLimits(itemBytes: 12)) }
        #expect(throws: ItemFault.malformed(line: 2, "no JSON at column 1: expected a value")) { try document("[\n}") }
    }

    /// Whatever the bytes, a reader gives items or a fault.
    @Test func randomBytesDoNoHarm() throws {
        var random = SeededRandom(seed: 3)
        let alphabet = Array("[]{},:\"\\\n\r \t01ae-\u{FF}".utf8) + [0x00, 0xFF, 0xC3]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            var csv = try CSVReader(headers: nil)
            var lines = JSONLinesReader()
            var json = JSONReader()
            for read in [
                { try parse(bytes, with: &csv, pieces: 5) }, { try parse(bytes, with: &lines, pieces: 5) },
                { try parse(bytes, with: &json, pieces: 5) },
            ] as [() throws -> [JSONValue]] {
                do { _ = try read() } catch { #expect(error is ItemFault) }
            }
        }
    }
}
