import Budgets
import Gzip
import JSONModel
import TestKit
import Testing

@testable import BedrockUsage

@Suite struct UsageDecoderTests {
    private static let three = [Samples.invokeModel, Samples.converse, Samples.converseStream]

    @Test(arguments: ["\n", "", "\r\n", " \n\n ", "\t"])
    func recordsMayStandAnyWay(separator: String) {
        #expect(decode(Self.three.joined(separator: separator)).events.count == 3)
        #expect(decode(separator + Self.three.joined(separator: separator) + separator).count == 3)
    }

    @Test func recordsMayBeSpreadOverLines() throws {
        let pretty = try JSONValue(parsing: Samples.converse).prettyJSON()

        #expect(decode(pretty + "\n" + pretty).events.count == 2)
    }

    @Test func gzipIsToldByItsFirstBytes() {
        #expect(UsageDecoder.decode(gzip(Self.three.joined(separator: "\n")), source: "s").events.count == 3)
    }

    @Test func severalMembersAreOneInput() {
        let half = Samples.converse.index(Samples.converse.startIndex, offsetBy: 100)
        // The second record is cut in the middle by the end of a member.
        let members =
            gzip(Samples.invokeModel + String(Samples.converse[..<half])) + [0, 0]
            + gzip(String(Samples.converse[half...]))
            + gzip("") + gzip(Samples.converseStream)

        let records = UsageDecoder.decode(members, source: "s")

        #expect(records.events.count == 3)
        #expect(records.count == 3)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 1000])
    func piecesOfAnySizeGiveTheSame(size: Int) {
        let plain = Array((Self.three.joined(separator: "\n") + "\nbad line\n" + Samples.failed).utf8)
        for bytes in [plain, gzip(String(decoding: plain, as: UTF8.self))] {
            let decoder = UsageDecoder(source: "test")
            var records: [UsageRecord] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                records += decoder.append(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            records += decoder.finish()

            #expect(records == UsageDecoder.decode(plain, source: "test"))
        }
    }

    @Test(arguments: [
        "not json", "[1,2]", #""text""#, "42", #"{"a":1"#, #"{"a":"#, #"{"a":"b"#, "}", #"{"a":tru}"#, "{]",
    ])
    func oneBadLineSpoilsOnlyItself(bad: String) throws {
        let text = Samples.invokeModel + "\n" + bad + "\n" + Samples.converse + "\n" + Samples.converseStream + "\n"

        let records = decode(text)

        #expect(records.events.count == 3)
        let unreadable = try #require(records.unreadable.first)
        #expect(records.unreadable.count == 1)
        #expect(String(decoding: unreadable.bytes, as: UTF8.self).hasPrefix(bad))
        #expect(
            unreadable.position == Samples.invokeModel.utf8.count + 1
                || unreadable.position == Samples.invokeModel.utf8.count)
    }

    @Test func truncatedGzipGivesWhatWasThere() throws {
        let text = (0..<2000).map { Samples.converse.replacing("0b0e", with: "r\($0 &* 7919)") }.joined(separator: "\n")
        let bytes = gzip(text)

        let records = UsageDecoder.decode(Array(bytes.prefix(bytes.count / 2)), source: "s")

        #expect(records.events.count > 100)
        #expect(records.events.count < 2000)
        #expect(records.unreadable.last?.reason == GzipError.truncated.description)
    }

    @Test func damagedGzipGivesWhatWasThere() throws {
        let whole = gzip(Samples.converse)
        var damaged = whole
        damaged[damaged.count - 6] ^= 0xFF

        let checksum = UsageDecoder.decode(damaged, source: "s")
        let trailing = UsageDecoder.decode(whole + Array("no member".utf8), source: "s")

        #expect(checksum.events.count == 1)
        #expect(checksum.unreadable.map(\.reason) == [GzipError.damaged.description])
        #expect(trailing.events.count == 1)
        #expect(trailing.unreadable.map(\.reason) == [GzipError.damaged.description])
    }

    @Test func decompressedSizeIsCapped() {
        let bomb = gzip(String(repeating: " ", count: 4 << 20))
        #expect(bomb.count < 10_000)

        let records = UsageDecoder.decode(bomb, source: "s", limits: DecoderLimits(decompressedBytes: 1 << 20))

        #expect(records.unreadable.map(\.reason) == [GzipError.tooLarge(limit: 1 << 20).description])
    }

    @Test func aRecordThatIsTooLongIsSkippedAndKeptInPart() throws {
        let limits = DecoderLimits(recordBytes: 4096, keptBytes: 100)
        let long = #"{"a":""# + String(repeating: "x", count: 20_000) + "\"}"

        let records = decode(Samples.converse + "\n" + long + "\n" + Samples.converseStream, limits: limits)

        #expect(records.events.count == 2)
        #expect(records.unreadable.map(\.reason) == ["it is longer than 4096 bytes"])
        #expect(records.unreadable.first?.bytes.count == 100)
    }

    @Test func manyLinesAfterABrokenOneAreStillRead() {
        let limits = DecoderLimits(recordBytes: 8192)
        let lines = (0..<200).map { Samples.converse.replacing("0b0e", with: "r\($0)") }

        let records = decode(#"{"open":{"# + "\n" + lines.joined(separator: "\n"), limits: limits)

        #expect(records.events.count == 200)
        #expect(records.unreadable.count == 1)
    }

    @Test func emptyInputIsNothing() {
        for bytes in [[], Array("\n \n".utf8), gzip(""), [0x20]] as [[UInt8]] {
            #expect(UsageDecoder.decode(bytes, source: "s").isEmpty)
        }
        #expect(UsageDecoder.decode([0x1F], source: "s").unreadable.count == 1)
    }

    @Test func aSubscriptionPayloadIsUnpacked() throws {
        let payload = Samples.subscription([Samples.invokeModel, "garbage", Samples.converse])

        let records = UsageDecoder.decode(gzip(payload) + gzip(Samples.subscription([Samples.failed])), source: "s")

        #expect(records.events.count == 3)
        let unreadable = try #require(records.unreadable.first)
        #expect(unreadable.reason.hasPrefix("log event e1:"))
        #expect(unreadable.bytes == Array("garbage".utf8))
    }

    @Test func aControlMessageIsIgnored() {
        #expect(
            decode(Samples.subscription(["CWL CONTROL MESSAGE"], type: "CONTROL_MESSAGE")).ignored == [
                "a CloudWatch Logs CONTROL_MESSAGE"
            ])
    }

    @Test func aLogEventWithoutMessageIsUnreadable() {
        let text = #"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1"},7]}"#

        #expect(decode(text).unreadable.map(\.reason) == Array(repeating: "the log event has no message", count: 2))
    }

    /// Whatever comes in, decoding ends and says something about it.
    @Test(arguments: 0..<60)
    func mutatedInputNeverTraps(seed: Int) {
        var state = UInt64(seed &+ 1)
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let text = Array(Self.three.joined(separator: "\n").utf8)
        for bytes in [text, gzip(String(decoding: text, as: UTF8.self))] {
            var mutated = bytes
            for _ in 0..<next(12) + 1 { mutated[next(mutated.count)] = UInt8(truncatingIfNeeded: next(256)) }

            let records = UsageDecoder.decode(mutated, source: "s", limits: DecoderLimits(recordBytes: 2048))

            #expect(!records.isEmpty)
        }
    }
}
