import JSONModel
import TestKit
import Testing

@testable import AWSTasks

@Suite struct ReaderSettingsTests {
    @Test(
        arguments: [
            (
                ["InputType": "PARQUET"],
                "InputType PARQUET is not supported. Write the data as JSONL or CSV, for example with Athena."
            ),
            (["InputType": "XML"], #"InputType is "XML", and may be JSON, JSONL, CSV."#),
            (
                ["InputType": "CSV", "CSVDelimiter": "HASH"],
                #"CSVDelimiter is "HASH", and may be COMMA, PIPE, SEMICOLON, SPACE, TAB."#
            ),
            (
                ["InputType": "CSV", "CSVHeaderLocation": "GIVEN"],
                "CSVHeaderLocation GIVEN needs CSVHeaders, a list of texts."
            ),
            (["InputType": "CSV", "ItemsPointer": "/a"], "ItemsPointer works with InputType JSON only."),
            (["ItemsPointer": "a"], #"ItemsPointer is "a", which is no JSON Pointer such as /data/items."#),
        ] as [(JSONValue, String)])
    func whatCannotBeIsRefused(_ config: JSONValue, _ cause: String) {
        #expect(throws: ItemFault.refused(cause)) { try ReaderSettings(config) }
    }

    @Test(
        arguments: [
            (0, 100_000_000), (2, 2), ("2", 2), (100_000_000, 100_000_000), (100_000_001, 100_000_000),
            (.null, 100_000_000),
        ] as [(JSONValue, Int)])
    func itemsAreLimited(_ value: JSONValue, _ limit: Int) throws {
        #expect(try ReaderSettings(["MaxItems": value]).maximumItems == limit)
    }

    @Test func aManifestIsAnInventorysUnlessItSaysOtherwise() throws {
        #expect(try ReaderSettings(["InputType": "MANIFEST"]).manifest == .inventory)
        #expect(try ReaderSettings(["InputType": "JSONL", "ManifestType": "ATHENA_DATA"]).manifest == .athena)
        #expect(try ReaderSettings([:]).manifest == nil)
    }
}

@Suite struct ManifestTests {
    @Test func aninventoryNamesItsFilesAndColumns() throws {
        let manifest = try InventoryManifest(
            [
                "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size", "destinationBucket": "arn:aws:s3:::reports",
                "files": [["key": "data/1.csv.gz", "size": 3], ["key": "data/2.csv.gz"]],
            ], readIn: "other")

        #expect(manifest.columns == ["Bucket", "Key", "Size"])
        #expect(manifest.files.map(\.description) == ["s3://reports/data/1.csv.gz", "s3://reports/data/2.csv.gz"])
    }

    @Test(
        arguments: [
            [:], ["fileFormat": "ORC", "files": []], ["fileFormat": "CSV", "files": []],
            ["fileFormat": "CSV", "fileSchema": "Key", "files": [1]],
        ] as [JSONValue]) func whatIsNoInventoryIsRefused(_ json: JSONValue)
    {
        #expect(throws: ItemFault.self) { try InventoryManifest(json, readIn: "b") }
    }

    @Test func athenaListsAddresses() throws {
        let text = "s3://out/tables/a b.gz\n\"s3://out/x,y\"\n\n"
        #expect(
            try AthenaManifest.files(Array(text.utf8)).map(\.description) == ["s3://out/tables/a b.gz", "s3://out/x,y"])
        #expect(throws: ItemFault.malformed(line: 2, "'https://x' is no address such as s3://bucket/key")) {
            try AthenaManifest.files(Array("s3://a/b\nhttps://x\n".utf8))
        }
    }
}

@Suite struct ResultFilesTests {
    private func files(_ results: [JSONValue], _ format: ResultFiles.Format, limit: Int) -> [String] {
        ResultFiles(results, format: format, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func resultsAreSplitAtTheLimit() {
        #expect(files([1, "ab", [3]], .json, limit: 100) == [#"[1,"ab",[3]]"#])
        #expect(files([1, "ab", [3]], .jsonLines, limit: 100) == ["1\n\"ab\"\n[3]\n"])
        #expect(files([11, 22, "a long one", 33], .json, limit: 8) == ["[11,22]", #"["a long one"]"#, "[33]"])
        #expect(files([11, 22, 33], .jsonLines, limit: 7) == ["11\n22\n", "33\n"])
        #expect(files([], .json, limit: 8) == [])
    }

    @Test func everyResultIsInExactlyOneFile() throws {
        var random = SeededRandom(seed: 5)
        for limit in 1...60 {
            let results = (0..<20).map { index in
                JSONValue.array([
                    .int(index), .string(String(repeating: "x", count: Int.random(in: 0...9, using: &random))),
                ])
            }
            let read = try files(results, .json, limit: limit).flatMap { try JSONValue(parsing: $0).arrayValue ?? [] }
            #expect(read == results)
            let lines = files(results, .jsonLines, limit: limit).joined().split(separator: "\n")
            #expect(try lines.map { try JSONValue(parsing: String($0)) } == results)
        }
    }
}

@Suite struct TextStreamTests {
    private func text(_ pieces: [[UInt8]]) throws -> String {
        var stream = TextStream()
        var text: [UInt8] = []
        let take = { (part: ArraySlice<UInt8>) throws(ItemFault) in
            text += part
            return true
        }
        for piece in pieces { try stream.append(piece, take) }
        try stream.finish(take)
        return String(decoding: text, as: UTF8.self)
    }

    @Test func gzipAndByteOrderMarksAreSeen() throws {
        let compressed = gzip("\u{FEFF}a,b")
        #expect(try text([Array("\u{FEFF}a".utf8), Array(",b".utf8)]) == "a,b")
        #expect(try text([Array(compressed.prefix(12)), Array(compressed.dropFirst(12))]) == "a,b")
        #expect(try text([]) == "")
        #expect(try text([Array("ab".utf8)]) == "ab")
        #expect(throws: ItemFault.refused("the gzip data ends too early; what was there was read")) {
            try text([Array(compressed.dropLast())])
        }
    }

    /// A thousand times as much as came in must not come out at once.
    @Test func aBombIsStoppedInTime() throws {
        var stream = TextStream()
        var (seen, items) = (0, ItemCollection(limits: ItemLimits(inputBytes: 1 << 20)))
        #expect(throws: ItemFault.self) {
            try stream.append(gzip([UInt8](repeating: 0x0A, count: 32 << 20))) { part throws(ItemFault) in
                seen += part.count
                try items.count(read: part.count)
                return true
            }
        }
        #expect(seen <= 2 << 20)
    }
}
