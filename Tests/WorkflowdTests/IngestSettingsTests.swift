import Enforcement
import Ingestion
import Testing
import WallTime

@testable import workflowd

@Suite struct IngestSettingsTests {
    private static let now = Instant(milliseconds: 1_795_132_800_000)

    /// Which of the sources `a`, `b` and `never` are silent by the settings, after a day in which only another was heard.
    private func silent(_ settings: String) async throws -> [String] {
        try await SettingsFile.with(settings) { file in
            let watch = try file.read().ingest.watch
            let since = Self.now - .seconds(86_400)
            var sources = ["a", "b", "never"].map {
                IngestSource(origin: IngestOrigin(name: $0, kind: .directory), since: since)
            }
            var busy = IngestSource(origin: IngestOrigin(name: "api", kind: .api), since: since)
            busy.lastReceivedAt = Self.now
            sources.append(busy)
            return watch.silent(sources, watchingSince: since, now: Self.now).map(\.source.origin.name)
        }
    }

    @Test func aSourceMayBeReadForManifestsOnly() async throws {
        let sources = """
            [{name: a, s3: {bucket: out, objects: manifests}}, {name: b, s3: {bucket: logs}},
              {name: c, sqs: {queueUrl: "https://sqs.us-east-1.amazonaws.com/1/q", objects: manifests}}]
            """
        let places = try await SettingsFile.with("ingest: {sources: \(sources)}") { file in
            try file.read().ingest.sources.map(\.place)
        }
        let read = places.map { place -> ReadObjects in
            switch place {
            case .queue(let queue): queue.objects
            case .bucket(let bucket): bucket.objects
            case .directory: ReadObjects.all
            }
        }
        #expect(read == [.manifests, .all, .manifests])
    }

    @Test func aSourceMayBeWatchedWhereNoOtherIs() async throws {
        let sources = """
            [{name: a, silentAfter: 10m, directory: {path: /tmp/a}}, {name: b, directory: {path: /tmp/b}},
              {name: never, silentAfter: never, directory: {path: /tmp/c}}]
            """
        #expect(try await silent("ingest: {silentAfter: never, sources: \(sources)}") == ["a"])
        #expect(try await silent("ingest: {sources: \(sources)}") == ["a", "b"])
    }
}
