import AWSClient
import Budgets
import Engine
import Enforcement
import Foundation
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Ingestion

@Suite struct ObjectTests {
    private static func ingest(_ bench: Bench, pieceBytes: Int = 8 << 20, stopAfter: Int = .max) async throws {
        let asked = Guarded(0)
        let objects = ObjectIngest(
            client: try bench.client, desk: bench.desk, origin: IngestOrigin(name: "s", kind: .s3),
            clock: bench.clock.wallClock,
            isStopping: {
                asked.withLock { count in
                    count += 1
                    return count > stopAfter
                }
            }, pieceBytes: pieceBytes)
        try await objects.ingest(ObjectIngest.Name(bucket: "logs", key: "k.gz"))
    }

    private static func lines(_ count: Int) -> String {
        (0..<count).map { logRecord("r\($0)") }.joined(separator: "\n")
    }

    @Test(arguments: [1000, 4096, 8 << 20]) func anObjectIsReadInPieces(_ pieceBytes: Int) async throws {
        let object = gzip(Self.lines(6000))
        let bench = Bench { .object(object, $0.range) }

        try await Self.ingest(bench, pieceBytes: pieceBytes)

        #expect(try await bench.charged == 6000)
        let cursor = try await bench.engine.read { try $0.ingestCursor("s", item: "logs/k.gz") }
        #expect(cursor?.records == 6000)
        #expect(cursor?.isDone == true)
        #expect(bench.requests("/logs/k.gz").count == (object.count + pieceBytes - 1) / pieceBytes)
    }

    @Test func aReadingThatWasBrokenOffGoesOnWhereItWas() async throws {
        let object = Array(Self.lines(6000).utf8)
        let bench = Bench { .object(object, $0.range) }

        await #expect(throws: CancellationError.self) {
            try await Self.ingest(bench, pieceBytes: object.count / 10, stopAfter: 7)
        }
        let half = try #require(try await bench.engine.read { try $0.ingestCursor("s", item: "logs/k.gz") })
        #expect(half.records == ItemIngest.batch)
        #expect(!half.isDone)

        try await Self.ingest(bench, pieceBytes: object.count / 10)
        #expect(try await bench.charged == 6000)
        // What was metered before was not even offered again.
        #expect(try await bench.engine.read { try $0.ingestSource("s") }?.counts.duplicates == 0)
    }

    @Test func anotherContentIsReadFromItsBeginning() async throws {
        let bench = Bench { .object(Array(logRecord("a").utf8), $0.range) }
        try await Self.ingest(bench)
        bench.answer { .object(Array((logRecord("a") + logRecord("b")).utf8), $0.range, eTag: "\"v2\"") }
        try await Self.ingest(bench)
        #expect(try await bench.charged == 2)
        #expect(try await bench.engine.read { try $0.ingestSource("s") }?.counts.duplicates == 1)
    }

    @Test func anEmptyObjectIsDone() async throws {
        let bench = Bench { .object([], $0.range) }
        try await Self.ingest(bench)
        #expect(try await bench.engine.read { try $0.ingestCursor("s", item: "logs/k.gz") }?.isDone == true)
    }
}

/// A file's owner may set its time to anything: arithmetic on it would end the daemon.
@Suite struct FileTimeTests {
    @Test(
        arguments: [
            (1_795_168_800, 250_000_000, 1_795_168_800_250), (-5, 0, 0), (.min, 999_999_999, 999),
            (9_223_372_036_854_775, 999_999_999, .max), (.max, 0, .max),
        ] as [(Int64, Int64, Int64)])
    func anyTimeIsRead(_ seconds: Int64, _ nanoseconds: Int64, _ milliseconds: Int64) {
        #expect(DirectorySource.milliseconds(seconds: seconds, nanoseconds: nanoseconds) == milliseconds)
    }
}

/// Where spenders may write, what they write there is believed only as far as it has to be.
@Suite struct ReadObjectsTests {
    private static let keys = ["out/abc123def456/manifest.json.out", "out/AWSLogs/forged.json"]

    /// What is read of both objects by a source that reads all of them, or manifests only.
    private static func requests(_ reads: ReadObjects) async throws -> [String] {
        let bench = Bench { .object(Array(logRecord("r").utf8), $0.range) }
        let objects = ObjectIngest(
            client: try bench.client, desk: bench.desk, origin: IngestOrigin(name: "s", kind: .s3),
            clock: bench.clock.wallClock, isStopping: { false }, reads: reads)
        for key in keys { try await objects.ingest(ObjectIngest.Name(bucket: "logs", key: key)) }
        return bench.calls.withLock { $0 }.map(\.action)
    }

    @Test func aForgedLogBesideAManifestIsPassedOver() async throws {
        #expect(try await Self.requests(.manifests) == ["/logs/out/abc123def456/manifest.json.out"])
        #expect(try await Self.requests(.all).count == 2)
    }
}

@Suite struct BucketSourceTests {
    /// A bucket that lists as S3 does, with prefix, delimiter and place to start.
    static func bucket(_ keys: [String]) -> @Sendable (Bench.Call) throws -> HTTPResponse {
        { call in
            guard call.query.contains("list-type=2") else {
                let key = String(call.action.dropFirst("/logs/".count))
                return .object(Array(logRecord(key).utf8), call.range)
            }
            var query: [String: String] = [:]
            for pair in call.query.split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                query[String(parts[0])] = String(parts[1]).removingPercentEncoding
            }
            let prefix = query["prefix"] ?? ""
            var folders: Set<String> = []
            var contents = ""
            for key in keys.sorted() where key.hasPrefix(prefix) && key > query["start-after"] ?? "" {
                if query["delimiter"] != nil, let slash = key.dropFirst(prefix.count).firstIndex(of: "/") {
                    folders.insert(String(key[...slash]))
                } else {
                    contents += "<Contents><Key>\(key)</Key><ETag>\"v1\"</ETag><Size>1</Size></Contents>"
                }
            }
            let prefixes = folders.sorted().map { "<CommonPrefixes><Prefix>\($0)</Prefix></CommonPrefixes>" }.joined()
            let xml = "<ListBucketResult><IsTruncated>false</IsTruncated>\(contents)\(prefixes)</ListBucketResult>"
            return HTTPResponse(status: 200, body: Array(xml.utf8))
        }
    }

    static func key(_ region: String, _ day: String, _ name: String) -> String {
        "AWSLogs/1/BedrockModelInvocationLogs/\(region)/\(day)/10/\(name)"
    }

    @Test func objectsAreReadOnceAndNewOnesFound() async throws {
        let first = [
            Self.key("us-east-1", "2026/11/19", "a"), Self.key("eu-west-1", "2026/11/20", "b"),
            Self.key("us-east-1", "2026/11/20", "data/c"), Self.key("us-east-1", "2026/01/01", "old"),
            "AWSLogs/1/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check",
        ]
        let bench = Bench(Self.bucket(first))
        let source = try bench.bucket("AWSLogs/1")
        try await source.poll()
        #expect(try await bench.charged == 2)

        // A late one of the day before, one of a Region that sorts before, and one of the next day.
        let more = [
            Self.key("us-east-1", "2026/11/19", "late"), Self.key("ap-south-1", "2026/11/20", "d"),
            Self.key("us-east-1", "2026/11/21", "e"),
        ]
        bench.answer(Self.bucket(first + more))
        try await source.poll()
        try await source.poll()
        #expect(try await bench.charged == 5)
        let gets = bench.calls.withLock { $0 }.filter { !$0.query.contains("list-type") }
        #expect(gets.count == 5)
    }

    @Test func foldersWithoutDaysAreListedWhole() async throws {
        let bench = Bench(Self.bucket(["logs/x", "logs/sub/y", "other/z"]))
        let source = try bench.bucket("logs/")
        #expect(
            try await source.folders() == [
                BucketSource.Folder(path: "logs/", isByDay: false),
                BucketSource.Folder(path: "logs/sub/", isByDay: false),
            ])
        try await source.poll()
        #expect(try await bench.charged == 2)
    }

    @Test func theFirstDayMayBeGiven() async throws {
        let bench = Bench(
            Self.bucket([Self.key("us-east-1", "2026/01/01", "a"), Self.key("us-east-1", "2025/12/30", "b")]))
        try await bench.bucket("", from: CivilDate(year: 2026, month: 1, day: 1)).poll()
        #expect(try await bench.charged == 1)
    }

    @Test func anObjectThatIsDaysLateIsFoundWithinAnHour() async throws {
        let first = [Self.key("us-east-1", "2026/11/20", "a")]
        let bench = Bench(Self.bucket(first))
        let source = try bench.bucket("AWSLogs/1")
        try await source.poll()

        let late = [Self.key("us-east-1", "2026/11/13", "late"), Self.key("us-east-1", "2026/11/12", "later")]
        bench.answer(Self.bucket(first + late))
        try await source.poll()
        #expect(try await bench.charged == 1)

        bench.clock.advance(by: .seconds(3600))
        try await source.poll()
        #expect(try await bench.charged == 2)
    }

    @Test func aDayToComeHidesNoObject() async throws {
        let first = [Self.key("us-east-1", "2099/01/01", "a")]
        let bench = Bench(Self.bucket(first))
        let source = try bench.bucket("AWSLogs/1")
        try await source.poll()
        bench.answer(Self.bucket(first + [Self.key("us-east-1", "2026/11/20", "b")]))
        try await source.poll()
        #expect(try await bench.charged == 2)
    }
}

@Suite struct DirectorySourceTests {
    private static func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "steward-ingest-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        do { try await body(url) } catch {
            try FileManager.default.removeItem(at: url)
            throw error
        }
        try FileManager.default.removeItem(at: url)
    }

    private static func source(_ bench: Bench, _ url: URL) -> DirectorySource {
        DirectorySource(
            settings: DirectorySettings(path: url.path), origin: IngestOrigin(name: "d", kind: .directory),
            desk: bench.desk, clock: bench.clock.wallClock, stopping: Stopping())
    }

    @Test func filesAreReadOnceTheyHaveSettled() async throws {
        try await Self.withDirectory { url in
            let bench = Bench()
            bench.clock.jump(to: WallClock.system.now())
            let source = Self.source(bench, url)
            try FileManager.default.createDirectory(
                at: url.appending(path: "sub"), withIntermediateDirectories: true)
            try Data(gzip(logRecord("a") + logRecord("b"))).write(to: url.appending(path: "sub/a.json.gz"))
            try Data(logRecord("c").utf8).write(to: url.appending(path: "c.tmp"))

            try await source.poll()
            #expect(try await bench.charged == 0)

            bench.clock.advance(by: .seconds(5))
            try await source.poll()
            try await source.poll()
            #expect(try await bench.charged == 2)
            #expect(try await bench.engine.read { try $0.ingestSource("d") }?.counts.records == 2)

            try Data((logRecord("a") + logRecord("d")).utf8).write(to: url.appending(path: "sub/a.json.gz"))
            bench.clock.jump(to: WallClock.system.now() + .seconds(5))
            try await source.poll()
            #expect(try await bench.charged == 3)
        }
    }

    /// By a wrong clock, or by whoever would not be charged.
    @Test func aFileOfTheFarFutureIsRead() async throws {
        try await Self.withDirectory { url in
            let bench = Bench()
            bench.clock.jump(to: WallClock.system.now())
            let file = url.appending(path: "a.json")
            try Data(logRecord("a").utf8).write(to: file)
            let date = Date(timeIntervalSince1970: 4_102_444_800)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)

            try await Self.source(bench, url).poll()

            #expect(try await bench.charged == 1)
        }
    }

    @Test func eachDamagedFileIsADeadLetterThatNamesIt() async throws {
        try await Self.withDirectory { url in
            let bench = Bench()
            bench.clock.jump(to: WallClock.system.now() + .seconds(5))
            for name in ["a", "b"] {
                let cut = Array(gzip(logRecord(name)).prefix(12))
                try Data(cut).write(to: url.appending(path: "\(name).json.gz"))
            }
            let source = Self.source(bench, url)
            try await source.poll()
            try await source.poll()

            let subjects = try await bench.deadLetters.map(\.subject).sorted()
            #expect(subjects.count == 2)
            #expect(subjects.first?.contains("a.json.gz") == true)
            #expect(subjects.last?.contains("b.json.gz") == true)
        }
    }

    @Test func oneFileThatCannotBeReadHoldsUpNoOther() async throws {
        try await Self.withDirectory { url in
            let bench = Bench()
            bench.clock.jump(to: WallClock.system.now() + .seconds(5))
            let refused = Guarded(["a.json", "b.json"])
            var reading = Self.source(bench, url)
            reading.openFile = { path in
                let isRefused = refused.withLock { names in names.contains { path.hasSuffix($0) } }
                return isRefused ? nil : FileHandle(forReadingAtPath: path)
            }
            let source = reading
            try Data(logRecord("a").utf8).write(to: url.appending(path: "a.json"))
            try Data(logRecord("b").utf8).write(to: url.appending(path: "b.json"))

            // Where nothing can be read, it is not for the files.
            await #expect(throws: SourceFault.self) { try await source.poll() }
            #expect(try await bench.deadLetters.isEmpty)

            refused.withLock { $0 = ["a.json"] }
            try await source.poll()
            try await source.poll()
            #expect(try await bench.engine.read { try $0.ingestSource("d") }?.counts.recorded == 1)
            let letters = try await bench.deadLetters
            #expect(letters.map(\.kind) == [.usage])
            #expect(letters.first?.cause.contains("a.json can't be read") == true)

            refused.withLock { $0 = [] }
            bench.clock.advance(by: .seconds(3600))
            try await source.poll()
            #expect(try await bench.engine.read { try $0.ingestSource("d") }?.counts.recorded == 2)
        }
    }

    @Test func aFolderThatCannotBeEnteredIsToldOnceAndReadOnceItCan() async throws {
        try await Self.withDirectory { url in
            let bench = Bench()
            bench.clock.jump(to: WallClock.system.now() + .seconds(5))
            let shut = Guarded(true)
            var reading = Self.source(bench, url)
            reading.mayEnter = { path in !(path.hasSuffix("/shut") && shut.withLock { $0 }) }
            let source = reading
            for (folder, id) in [("open", "a"), ("shut", "b")] {
                let path = url.appending(path: folder)
                try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
                try Data(logRecord(id).utf8).write(to: path.appending(path: "\(id).json"))
            }

            for _ in 0..<3 { try await source.poll() }
            bench.clock.advance(by: .seconds(3600))
            try await source.poll()

            let letters = try await bench.deadLetters
            #expect(letters.map(\.kind) == [.usage])
            #expect(letters.first?.cause.contains("/shut can't be entered") == true)
            #expect(letters.first?.cause.contains("workflowctl ingest '") == true)
            let told = try await bench.engine.read { try $0.ingestSource("d") }
            #expect(told?.counts.recorded == 1 && told?.counts.unreadable == 1)
            #expect(told?.lastError?.contains("/shut can't be entered") == true)

            shut.withLock { $0 = false }
            try await source.poll()
            #expect(try await bench.engine.read { try $0.ingestSource("d") }?.counts.recorded == 2)
        }
    }

    /// Whoever may write to the directory must not have Steward read other files. Links within it are followed.
    @Test func aLinkThatLeadsOutIsToldOnceAndNotFollowed() async throws {
        try await Self.withDirectory { url in
            let bench = Bench()
            bench.clock.jump(to: WallClock.system.now() + .seconds(5))
            let (inbox, outside) = (url.appending(path: "inbox"), url.appending(path: "inbox-outside"))
            for folder in [inbox, outside] {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            }
            try Data(logRecord("secret").utf8).write(to: outside.appending(path: "secret.json"))
            try Data(logRecord("a").utf8).write(to: inbox.appending(path: "a.json"))
            func link(_ name: String, to target: URL) throws {
                try FileManager.default.createSymbolicLink(at: inbox.appending(path: name), withDestinationURL: target)
            }
            try link("file", to: outside.appending(path: "secret.json"))
            try link("folder", to: outside)
            try link("nowhere", to: outside.appending(path: "not-there"))
            try link("within", to: inbox.appending(path: "a.json"))
            let source = Self.source(bench, inbox)

            for _ in 0..<3 { try await source.poll() }
            bench.clock.advance(by: .seconds(3600))
            try await source.poll()

            #expect(try await bench.charged == 1)
            let causes = try await bench.deadLetters.map(\.cause).sorted()
            #expect(causes.count == 2)
            #expect(causes.first?.contains("inbox/file is a link that leads out of") == true)
            #expect(causes.last?.contains("inbox/folder is a link that leads out of") == true)
        }
    }

    /// The file that was listed has become a link since.
    @Test func aFileThatBecomesALinkIsNotFollowedEither() async throws {
        try await Self.withDirectory { url in
            let bench = Bench()
            bench.clock.jump(to: WallClock.system.now() + .seconds(5))
            let inbox = url.appending(path: "inbox")
            try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: true)
            let secret = url.appending(path: "secret.json")
            try Data(logRecord("secret").utf8).write(to: secret)
            try Data(logRecord("a").utf8).write(to: inbox.appending(path: "a.json"))
            var source = Self.source(bench, inbox)
            source.openFile = { _ in FileHandle(forReadingAtPath: secret.path) }

            try await source.poll()

            #expect(try await bench.charged == 0)
        }
    }

    @Test func whatIsNoRegularFileKeepsNobodyWaiting() async throws {
        try await Self.withDirectory { url in
            let bench = Bench()
            bench.clock.jump(to: WallClock.system.now() + .seconds(5))
            let (pipe, file) = (url.appending(path: "pipe").path, url.appending(path: "a.json"))
            #expect(mkfifo(pipe, 0o600) == 0)
            try Data(logRecord("a").utf8).write(to: file)
            let source = Self.source(bench, url)

            try await source.poll()

            #expect(try await bench.charged == 1)
            // It was a file when it was listed.
            #expect(source.openFile(pipe) == nil)
            #expect(source.openFile(file.path) != nil)
        }
    }

    @Test func aDirectoryThatIsNotThereIsSaid() async throws {
        let bench = Bench()
        await #expect(throws: SourceFault.self) {
            try await Self.source(bench, URL(filePath: "/nonexistent/steward")).poll()
        }
    }
}

@Suite struct BackoffTests {
    @Test func waitsGrowToAMinute() {
        var backoff = Backoff()
        let waits = (0..<9).map { _ in backoff.next(0.5) }
        #expect(waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { .milliseconds(Int($0 * 1000)) })
        backoff.reset()
        #expect(backoff.next(0) == .milliseconds(100))
    }
}
