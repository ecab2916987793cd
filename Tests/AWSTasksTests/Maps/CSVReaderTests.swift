import JSONModel
import TestKit
import Testing

@testable import AWSTasks

@Suite struct CSVReaderTests {
    /// The items of a document that arrives in pieces of that size.
    private func items(
        _ text: String, headers: [String]? = nil, delimiter: Character = ",", limits: ItemLimits = ItemLimits(),
        pieces: Int = 1 << 20
    ) throws -> [JSONValue] {
        var reader = try CSVReader(
            headers: headers, delimiter: try #require(delimiter.asciiValue), recordLimit: limits.recordBytes)
        return try parse(Array(text.utf8), with: &reader, limits: limits, pieces: pieces)
    }

    @Test(arguments: [
        ("a,b\n1,2\n", #"[{"a":"1","b":"2"}]"#), ("a,b\n1,2", #"[{"a":"1","b":"2"}]"#),
        ("a,b\r\n1,2\r\n3,4\r\n", #"[{"a":"1","b":"2"},{"a":"3","b":"4"}]"#), ("a\r1\r2", #"[{"a":"1"},{"a":"2"}]"#),
        ("a,b\n1\n", #"[{"a":"1","b":""}]"#), ("a,b\n1,2,3,4\n", #"[{"a":"1","b":"2"}]"#),
        ("a,b\n\"x,\"\"y\"\"\nz\",2\n", #"[{"a":"x,\"y\"\nz","b":"2"}]"#),
        ("a,b\n\"\",\" q \"\n", #"[{"a":"","b":" q "}]"#), ("a\n\n1\n", #"[{"a":""},{"a":"1"}]"#),
        ("a\n1\n\n", #"[{"a":"1"},{"a":""}]"#), ("a\n5\" pipe\n", #"[{"a":"5\" pipe"}]"#),
        ("a\n\"x\"y\n", #"[{"a":"xy"}]"#), ("a\n\"1\"", #"[{"a":"1"}]"#), ("", "[]"), ("a,b\n", "[]"),
        ("a,\n1,2\n", #"[{"a":"1","":"2"}]"#), ("\"a b\",ñ\n€,\n", #"[{"a b":"€","ñ":""}]"#),
        ("path,size\nC:\\\\Program Files\\\\MyApp.exe,65\n", #"[{"path":"C:\\Program Files\\MyApp.exe","size":"65"}]"#),
        ("a,b\n1\\,2,x\\ny\n", #"[{"a":"1,2","b":"xny"}]"#), ("a\n\"say \\\"hi\\\"\"\n", #"[{"a":"say \"hi\""}]"#),
    ])
    func recordsBecomeObjects(_ text: String, _ expected: String) throws {
        for pieces in [1, 3, 1000] {
            #expect(try JSONValue.array(items(text, pieces: pieces)).jsonString == expected)
        }
    }

    @Test(arguments: [("|", "a|b\n1,2|3"), (";", "a;b\n1,2;3"), ("\t", "a\tb\n1,2\t3"), (" ", "a b\n1,2 3")])
    func otherDelimitersAreTaken(_ delimiter: Character, _ text: String) throws {
        #expect(try items(text, delimiter: delimiter) == [["a": "1,2", "b": "3"]])
    }

    @Test func givenHeadersMakeTheFirstRecordAnItem() throws {
        #expect(try items("1,2\n", headers: ["x", "y", "z"]) == [["x": "1", "y": "2", "z": ""]])
    }

    @Test(arguments: [["H1", "H1", "H3"], ["", ""]]) func headersMayNotBeTheSame(_ headers: [String]) {
        #expect(throws: ItemFault.duplicateHeaders) { try items("1,2,3", headers: headers) }
        #expect(throws: ItemFault.duplicateHeaders) { try items(headers.joined(separator: ",") + "\n1,2,3") }
    }

    @Test func faultsNameTheLine() {
        #expect(throws: ItemFault.malformed(line: 3, "a quoted field begins here and does not end")) {
            try items("a\n\"1\"\n\"2\n3\n4")
        }
        #expect(throws: ItemFault.malformed(line: 2, "the record is longer than 20 bytes")) {
            try items("a\n" + String(repeating: "x", count: 21), limits: ItemLimits(recordBytes: 20))
        }
        #expect(throws: ItemFault.malformed(line: 1, "the headers are longer than 10 KiB")) {
            try items(String(repeating: "x", count: 11_000) + "\n")
        }
        #expect(throws: ItemFault.malformed(line: 2, "field 1 is not UTF-8")) {
            var reader = try CSVReader(headers: ["a", "b"])
            return try parse(Array("1,2\n".utf8) + [0xC3, 0x28, 0x0A], with: &reader)
        }
    }

    /// A few bytes a record would otherwise become thousands of members each.
    @Test func manyColumnsAndTinyRecordsAreStopped() {
        let headers = (0..<1000).map { "c\($0)" }.joined(separator: ",")
        let text = headers + "\n" + String(repeating: "\n", count: 100_000)

        #expect(throws: ItemFault.self) { try items(text, limits: ItemLimits(itemBytes: 100_000)) }
    }

    @Test func noMoreThanTheItemsAskedForAreRead() throws {
        #expect(try items("a\n1\n2\n\"never closed", limits: ItemLimits(items: 2)) == [["a": "1"], ["a": "2"]])
    }

    @Test func whatWasWrittenIsReadBack() throws {
        var random = SeededRandom(seed: 11)
        let characters = Array("ab ,\"\n\\|ñ€")
        for _ in 0..<300 {
            let rows = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                (0..<3).map { _ in
                    String(
                        (0..<Int.random(in: 0...6, using: &random)).map { _ in
                            characters[Int.random(in: 0..<characters.count, using: &random)]
                        })
                }
            }
            let text = rows.map { row in row.map(quoted).joined(separator: ",") }.joined(separator: "\n")
            let expected = rows.map { JSONValue.object(JSONObject(zip(["x", "y", "z"], $0.map(JSONValue.string)))) }

            #expect(try items(text, headers: ["x", "y", "z"], pieces: 2) == expected)
        }
    }

    private func quoted(_ field: String) -> String {
        "\"" + field.replacing("\\", with: "\\\\").replacing("\"", with: "\"\"") + "\""
    }
}

/// The items of a document that arrives in pieces.
@discardableResult
func parse(
    _ bytes: [UInt8], with reader: inout some ItemParser, limits: ItemLimits = ItemLimits(), pieces: Int = 1 << 20
) throws -> [JSONValue] {
    var items = ItemCollection(limits: limits)
    for start in stride(from: 0, to: bytes.count, by: pieces) {
        try reader.append(bytes[start..<min(start + pieces, bytes.count)], to: &items)
    }
    try reader.finish(&items)
    return items.items
}
