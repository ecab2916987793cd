import AWSClient
import Engine
import Interpreter
import JSONModel
import StatesLanguage
import TestKit
import Testing
import WallTime

@testable import AWSTasks

/// A Map's reader and writer, and `aws-sdk:s3` tasks, against moto's S3.
@Suite(.enabled(if: MotoServer.isInstalled)) struct MapDataMotoTests {
    private let client: AWSClient

    init() throws {
        client = AWSClient(
            configuration: try AWSConfiguration(region: "us-east-1", endpointURL: MotoServer.shared.get().url),
            credentials: .fixed(AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")), transport: .curl(),
            clock: .system, randomFraction: { 0.5 })
    }

    private func put(_ bytes: [UInt8], _ bucket: String, _ key: String) async throws {
        _ = try await client.callS3("PutObject", ["Bucket": .string(bucket), "Key": .string(key)], body: bytes)
    }

    private func bucket(_ name: String, _ objects: [(key: String, text: String)] = []) async throws -> JSONValue {
        _ = try await client.callS3("CreateBucket", ["Bucket": .string(name)])
        for (key, text) in objects { try await put(Array(text.utf8), name, key) }
        return .string(name)
    }

    private func perform(
        _ action: String, _ input: JSONValue, limits: ItemLimits = ItemLimits(), service: String = "s3"
    ) async throws -> JSONValue {
        let handlers: [any ResourceHandler] = [
            MapData(client: client, limits: limits), AWSIntegrations(client: client),
        ]
        let resource = Resource(parsing: "arn:aws:states:::\(service):\(action)")
        let handler = try #require(handlers.first { $0.handles(resource) })
        return try await handler.perform(resource, .idle, input)
    }

    private func failure(_ action: String, _ input: JSONValue, service: String = "s3") async -> TaskFailure? {
        await #expect(throws: TaskFailure.self) { try await perform(action, input, service: service) }
    }

    // MARK: Items in one object

    /// Documents and results as AWS's own runs recorded them.
    @Test(
        arguments: [
            (
                "Col1,Col2,Col3\nValue1,Value2,Value3\nValue4,Value5,Value6\n,,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n",
                ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"],
                #"[{"Col1":"Value1","Col2":"Value2","Col3":"Value3"},{"Col1":"Value4","Col2":"Value5","Col3":"Value6"},{"Col1":"","Col2":"","Col3":""},{"Col1":"true","Col2":"1","Col3":"'HelloWorld'"},{"Col1":"Null","Col2":"None","Col3":""},{"Col1":"   ","Col2":"","Col3":""}]"#
            ),
            (
                "Col1,Col2\nValue1,Value2\nValue3,Value4\nValue5,Value6\n",
                ["InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 2],
                #"[{"Col1":"Value1","Col2":"Value2"},{"Col1":"Value3","Col2":"Value4"}]"#
            ),
            (#"[["from-bucket-item-0"]]"#, ["InputType": "JSON"], #"[["from-bucket-item-0"]]"#),
            (#"[1,2,3]"#, ["InputType": "JSON", "MaxItems": 2], "[1,2]"),
            ("{\"a\":1}\n{\"a\":2}\n", ["InputType": "JSONL"], #"[{"a":1},{"a":2}]"#),
            ("", ["InputType": "JSONL"], "[]"),
        ] as [(String, JSONValue, String)])
    func documentsAreRead(_ text: String, _ config: JSONValue, _ expected: String) async throws {
        // Several cases may run at a time.
        let key = "\(text.utf8.count)-\(expected.utf8.count)"
        let bucket = try await bucket("documents", [(key, text)])

        let items = try await perform(
            "getObject", ["Parameters": ["Bucket": bucket, "Key": .string(key)], "ReaderConfig": config])

        #expect(items.jsonString == expected)
    }

    @Test func largeObjectsAreReadPieceByPiece() async throws {
        let lines = (0..<2000).map { "{\"n\":\($0)}" }
        _ = try await bucket("pieces", [("lines", lines.joined(separator: "\n"))])
        try await put(gzip(lines.joined(separator: "\n")), "pieces", "lines.gz")
        for key in ["lines", "lines.gz"] {
            var reading = ItemReading(
                objects: ObjectReader(client: client, pieceBytes: 100),
                settings: try ReaderSettings(["InputType": "JSONL"]),
                parameters: ["Bucket": "pieces", "Key": .string(key)], limits: ItemLimits())
            try await reading.readObject()

            #expect(reading.items.items.compactMap { $0["n"]?.intValue } == Array(0..<2000))
        }
    }

    @Test func whatIsMissingIsSaid() async throws {
        let bucket = try await bucket("lonely", [("object.json", "{}"), ("dup.csv", "a,a\n1,2")])

        let key = await failure("getObject", ["Parameters": ["Bucket": bucket, "Key": "none"]])
        #expect(key?.error == "States.ItemReaderFailed")
        #expect(key?.cause.hasPrefix("The specified key does not exist. (Service: S3, Status Code: 404") == true)
        #expect(key?.cause.contains("reading s3://lonely/none") == true)
        let noBucket = await failure("listObjectsV2", ["Parameters": ["Bucket": "no-such-bucket-here"]])
        #expect(noBucket?.cause.hasPrefix("The specified bucket does not exist (Service: S3") == true)
        let object = await failure("getObject", ["Parameters": ["Bucket": bucket, "Key": "object.json"]])
        #expect(object?.cause == "Attempting to map over non-iterable node.")
        let headers = await failure(
            "getObject", ["Parameters": ["Bucket": bucket, "Key": "dup.csv"], "ReaderConfig": ["InputType": "CSV"]])
        #expect(headers?.cause == "CSV headers cannot contain duplicates.")
        let parquet = await failure(
            "getObject", ["Parameters": ["Bucket": bucket, "Key": "x"], "ReaderConfig": ["InputType": "PARQUET"]])
        #expect(parquet?.cause.contains("JSONL or CSV") == true)
        let member = await failure("getObject", ["Parameters": ["Bucket": bucket, "Key": "x", "Colour": "red"]])
        #expect(member?.cause.contains("no member 'Colour'") == true)
    }

    // MARK: Items in many objects

    @Test func objectsAreListedOverAllPages() async throws {
        let keys = (0..<25).map { "in/\($0 + 100) ñ+&.txt" }
        let bucket = try await bucket("listing", keys.map { ($0, $0) } + [("other", "x")])

        let items = try await perform(
            "listObjectsV2", ["Parameters": ["Bucket": bucket, "Prefix": "in/", "MaxKeys": 10]])
        let few = try await perform(
            "listObjectsV2",
            ["Parameters": ["Bucket": bucket, "Prefix": "in/", "MaxKeys": 10], "ReaderConfig": ["MaxItems": 12]])

        #expect(items.arrayValue?.compactMap { $0["Key"]?.stringValue } == keys)
        #expect(few.arrayValue?.count == 12)
        let first = try #require(items[0]?.objectValue)
        #expect(first.keys == ["Etag", "Key", "LastModified", "Size", "StorageClass"])
        #expect(first["Size"] == .int(Int64(keys[0].utf8.count)))
        #expect((first["LastModified"]?.intValue ?? 0) > 1_700_000_000)
        #expect(first["StorageClass"] == "STANDARD")
    }

    @Test func listedObjectsAreLoadedAndTheirItemsJoined() async throws {
        let files = (0..<20).map { ("data/\($0 + 10).jsonl", "{\"n\":\($0 * 2)}\n{\"n\":\($0 * 2 + 1)}") }
        let bucket = try await bucket("flatten", files + [("data/", "")])
        let config: JSONValue = ["InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN", "MaxItems": 33]

        let items = try await perform(
            "listObjectsV2",
            ["Parameters": ["Bucket": bucket, "Prefix": "data/", "MaxKeys": 7], "ReaderConfig": config])

        #expect(items.arrayValue?.compactMap { $0["n"]?.intValue } == Array(0..<33))
    }

    @Test func inventoriesAreRead() async throws {
        let manifest: JSONValue = [
            "sourceBucket": "source", "destinationBucket": "arn:aws:s3:::inventory", "version": "2016-11-30",
            "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size",
            "files": [["key": "data/1.csv.gz", "size": 1], ["key": "data/2.csv.gz", "size": 1]],
        ]
        let bucket = try await bucket("inventory", [("manifest.json", manifest.jsonString)])
        try await put(gzip("\"source\",\"a%20b\",\"3\"\n\"source\",\"c\",\"\"\n"), "inventory", "data/1.csv.gz")
        try await put(gzip("\"source\",\"d\",\"5\"\n"), "inventory", "data/2.csv.gz")

        let items = try await perform(
            "getObject",
            ["Parameters": ["Bucket": bucket, "Key": "manifest.json"], "ReaderConfig": ["InputType": "MANIFEST"]])

        #expect(
            items == [
                ["Bucket": "source", "Key": "a%20b", "Size": "3"], ["Bucket": "source", "Key": "c", "Size": ""],
                ["Bucket": "source", "Key": "d", "Size": "5"],
            ])
    }

    @Test func whatAthenaWroteIsRead() async throws {
        let bucket = try await bucket("athena", [("m.csv", "s3://athena/t/1.gz\ns3://athena/t/2\n"), ("t/2", "[3]\n")])
        try await put(gzip("[1]\n[2]\n"), "athena", "t/1.gz")
        let parameters: JSONValue = ["Bucket": bucket, "Key": "m.csv"]

        let items = try await perform(
            "getObject",
            ["Parameters": parameters, "ReaderConfig": ["ManifestType": "ATHENA_DATA", "InputType": "JSONL"]])
        let untyped = await failure(
            "getObject", ["Parameters": parameters, "ReaderConfig": ["ManifestType": "ATHENA_DATA"]])

        #expect(items == [[1], [2], [3]])
        #expect(untyped?.cause.contains("needs InputType CSV or JSONL") == true)
    }

    @Test func aGzipBombIsStopped() async throws {
        let bucket = try await bucket("bomb")
        try await put(gzip([UInt8](repeating: 0x0A, count: 16 << 20)), "bomb", "lines.gz")

        let failure = await #expect(throws: TaskFailure.self) {
            try await perform(
                "getObject",
                ["Parameters": ["Bucket": bucket, "Key": "lines.gz"], "ReaderConfig": ["InputType": "JSONL"]],
                limits: ItemLimits(inputBytes: 4 << 20))
        }

        #expect(failure?.cause.contains("more than 4 MiB had to be read") == true)
    }

    // MARK: Results

    @Test(arguments: ["JSON", "JSONL"]) func resultsAreWrittenAndReadBack(_ type: String) async throws {
        let bucket = try await bucket("results-\(type.lowercased())")
        let arn = "arn:aws:states:us-east-1:111122223333:mapRun:m/each:0a1b"
        let input: JSONValue = [
            "Parameters": ["Bucket": bucket, "Prefix": "jobs"], "OutputType": .string(type), "MapRunArn": .string(arn),
            "Results": ["SUCCEEDED": [["Output": "1"], ["Output": "ñ"]], "FAILED": [["Error": "E"]], "PENDING": []],
        ]
        let suffix = type.lowercased()
        var export = try ResultExport(client: client, input: input, fileBytes: 20)
        _ = try await export.write()
        export = try ResultExport(client: client, input: input, fileBytes: 20)
        let result = try await export.write()

        #expect(
            result == [
                "MapRunArn": .string(arn),
                "ResultWriterDetails": ["Bucket": bucket, "Key": "jobs/0a1b/manifest.json"],
            ])
        let body = try await client.callS3("GetObject", ["Bucket": bucket, "Key": "jobs/0a1b/manifest.json"]).body
        let manifest = try JSONValue(parsing: body)
        #expect(manifest["DestinationBucket"] == bucket)
        #expect(manifest["ResultFiles"]?.objectValue?.keys == ["FAILED", "PENDING", "SUCCEEDED"])
        let files = manifest["ResultFiles"]?["SUCCEEDED"]?.arrayValue ?? []
        #expect(
            files.map { $0["Key"] } == [
                .string("jobs/0a1b/SUCCEEDED_0.\(suffix)"), .string("jobs/0a1b/SUCCEEDED_1.\(suffix)"),
            ])
        var read: [JSONValue] = []
        for file in files {
            let items = try await perform(
                "getObject",
                [
                    "Parameters": ["Bucket": bucket, "Key": file["Key"] ?? .null],
                    "ReaderConfig": ["InputType": .string(type)],
                ])
            read += items.arrayValue ?? []
            let head = try await client.callS3("HeadObject", ["Bucket": bucket, "Key": file["Key"] ?? .null])
            #expect(head.members["ContentLength"] == file["Size"])
        }
        #expect(read == [["Output": "1"], ["Output": "ñ"]])
        let keys = try await perform("listObjectsV2", ["Parameters": ["Bucket": bucket]])
        #expect(keys.arrayValue?.count == 4)
    }

    @Test func resultsThatCannotBeWrittenFailTheMap() async {
        let failure = await failure(
            "putObject",
            [
                "Parameters": ["Bucket": "no-such-bucket-either"], "MapRunArn": "arn:aws:states:r:1:mapRun:m/l:u",
                "Results": ["SUCCEEDED": [1]],
            ])

        #expect(failure?.error == "States.ResultWriterFailed")
        #expect(failure?.cause.hasPrefix("The specified bucket does not exist") == true)
    }

    // MARK: Tasks

    @Test func tasksReachS3AsOnAWS() async throws {
        let bucket = try await bucket("tasks")
        let put = try await perform(
            "putObject", ["Bucket": bucket, "Key": "list", "Body": ["List", "Data"]], service: "aws-sdk:s3")
        let got = try await perform("getObject", ["Bucket": bucket, "Key": "list"], service: "aws-sdk:s3")
        let copied = try await perform(
            "copyObject", ["Bucket": bucket, "Key": "copy ñ", "CopySource": "tasks/list"], service: "aws-sdk:s3")
        let listed = try await perform("listObjectsV2", ["Bucket": bucket], service: "aws-sdk:s3")
        for key in ["list", "copy ñ"] {
            _ = try await perform("deleteObject", ["Bucket": bucket, "Key": .string(key)], service: "aws-sdk:s3")
        }
        let gone = await failure("headObject", ["Bucket": bucket, "Key": "list"], service: "aws-sdk:s3")
        let buckets = try await perform("listBuckets", [:], service: "aws-sdk:s3")
        _ = try await perform("deleteBucket", ["Bucket": bucket], service: "aws-sdk:s3")
        let noBucket = await failure("headBucket", ["Bucket": bucket], service: "aws-sdk:s3")
        let missing = await failure("getObject", ["Bucket": bucket, "Key": "list"], service: "aws-sdk:s3")

        #expect(put["ETag"] == "\"6b23860357f6e63a0272b7f1143a663a\"")
        #expect(got["Body"] == #"["List","Data"]"#)
        #expect(got["ContentLength"] == 15)
        #expect(got["ContentType"] == "text/plain; charset=UTF-8")
        #expect(got["Metadata"] == [:])
        #expect(copied["CopyObjectResult"]?["ETag"] == put["ETag"])
        #expect(listed["Contents"]?.arrayValue?.map { $0["Key"] } == ["copy ñ", "list"])
        #expect(listed["IsTruncated"] == false)
        #expect(buckets["Buckets"]?.arrayValue?.contains { $0["Name"] == bucket } == true)
        #expect(gone?.error == "S3.NoSuchKeyException")
        #expect(noBucket?.error == "S3.NoSuchBucketException")
        #expect(missing?.error == "S3.NoSuchBucketException")
    }
}

extension TaskContext {
    /// Of a task that nothing depends on.
    fileprivate static let idle = TaskContext(
        execution: ExecutionID(rawValue: 1), executionARN: "arn:aws:states:us-east-1:111122223333:execution:m:run",
        executionName: "run", stateMachine: "m", state: "Each", resource: "", retryCount: 0, idempotencyKey: "key",
        now: Instant(milliseconds: 0), deadline: nil, heartbeat: {})
}
