import Testing
import WallTime

@testable import Enforcement

@Suite struct IngestWatchTests {
    private static let now = day("2026-11-20T12:00:00Z")

    /// Sources by how many minutes ago they brought something; nil for never.
    private static func sources(_ minutes: [(String, IngestKind, Int?)]) -> [IngestSource] {
        minutes.map { name, kind, ago in
            var source = IngestSource(
                origin: IngestOrigin(name: name, kind: kind), since: now - .seconds(86_400))
            source.lastReceivedAt = ago.map { now - .seconds(60 * $0) }
            return source
        }
    }

    @Test(
        arguments: [
            // One is silent while another is not.
            ([("a", .sqs, 31), ("b", .firehose, 1)], ["a"]), ([("a", .sqs, nil), ("b", .firehose, 1)], ["a"]),
            // Thirty minutes are not more than thirty; nobody is alone to blame; uploads by hand are no stream.
            ([("a", .sqs, 30), ("b", .firehose, 1)], []), ([("a", .sqs, 40), ("b", .firehose, 40)], []),
            ([("a", .sqs, 500)], []), ([("a", .api, 500), ("b", .firehose, 1)], []),
            // But they tell that there is traffic.
            ([("a", .sqs, 31), ("b", .api, 1)], ["a"]),
            ([("a", .sqs, 31), ("b", .s3, 45), ("c", .directory, 2)], ["a", "b"]),
        ] as [([(String, IngestKind, Int?)], [String])])
    func silenceIsNoticedWhileOthersSpeak(_ minutes: [(String, IngestKind, Int?)], _ silent: [String]) {
        let found = IngestWatch().silent(
            Self.sources(minutes), watchingSince: Self.now - .seconds(86_400), now: Self.now)
        #expect(found.map(\.source.origin.name) == silent)
    }

    @Test func whatAProcessCouldNotHearIsNoSilence() {
        let sources = Self.sources([("a", .sqs, 300), ("b", .firehose, 1)])
        let watch = IngestWatch()
        #expect(watch.silent(sources, watchingSince: Self.now - .seconds(1800), now: Self.now).isEmpty)
        #expect(watch.silent(sources, watchingSince: Self.now - .seconds(1801), now: Self.now).count == 1)
    }

    @Test func aSourceMayHaveItsOwnPatience() {
        var watch = IngestWatch()
        watch.exceptions = ["patient": .seconds(7200), "never": nil]
        watch.isExpected = { $0.name != "gone" }
        let sources = Self.sources([
            ("patient", .sqs, 119), ("never", .s3, 9999), ("gone", .sqs, 9999), ("strict", .sqs, 31),
            ("b", .firehose, 1),
        ])
        let found = watch.silent(sources, watchingSince: Self.now - .seconds(86_400), now: Self.now)
        #expect(found.map(\.source.origin.name) == ["strict"])
        #expect(found.first?.busy == ["b"])
    }
}
