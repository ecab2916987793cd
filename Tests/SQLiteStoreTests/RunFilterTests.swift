import TestKit
import Testing

@testable import SQLiteStore

/// What uses are found by: databases hold hashes and filters, so both stay as they are.
@Suite struct RunFilterTests {
    @Test(arguments: [
        ([UInt8](), 1, 1, -8_672_717_538_014_378_740), (Array("r".utf8), 1, 2, -8_655_084_192_020_210_769),
        (Array("r".utf8), 2, 1, 7_704_036_368_821_791_692),
        (Array("a longer request id, of 36 characters".utf8), 3, 4, 4_046_795_088_576_654_014),
    ])
    func hashesOfTextsStay(text: [UInt8], region: Int64, account: Int64, hash: Int64) {
        #expect(UseHash.of([0] + text, region: region, account: account) == hash)
    }

    @Test func hashesOfUUIDsStay() {
        #expect(UseHash.of([1] + Array(0..<16), region: 7, account: 9) == -484_829_330_224_394_858)
    }

    @Test func bitsOfAFilterStay() {
        let filter = RunFilter([-484_829_330_224_394_858, 5], room: 8)
        #expect(filter.bytes.count == 16)
        #expect(filter.bytes == RunFilter([5, -484_829_330_224_394_858], room: 1 + 7).bytes)
        // 5 has the stride 1.
        #expect(RunFilter([5], room: 8).bytes.prefix(2) == [0b1110_0000, 0b0001_1111])
    }

    private static func hashes(_ count: Int, _ random: inout SeededRandom) -> [Int64] {
        (0..<count).map { _ in Int64.random(in: .min ... .max, using: &random) }
    }

    @Test func aFilterHoldsWhatItWasGivenAndLittleElse() {
        var random = SeededRandom(seed: 1)
        let hashes = Self.hashes(4096, &random)
        let filter = RunFilter(hashes, room: 4096)
        #expect(hashes.allSatisfy(filter.mayHold))
        #expect(Self.hashes(20_000, &random).count(where: filter.mayHold) < 60)
    }

    /// However they came to be there, and whatever went: the same runs are named as by one filter after the other.
    @Test(arguments: [0, 1, 63, 64, 65, 150])
    func turnedOverTheyAnswerAsOneByOne(_ count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        var runs = (1...(count + 1)).dropLast().map { number in
            (run: Int64(number), filter: RunFilter(Self.hashes(16, &random), room: 16))
        }
        var filters = count > 0 ? RunFilters(expecting: count, slots: RunFilter.slots(room: 16)) : RunFilters()
        for first in stride(from: 0, to: count, by: 64) { filters.addGroup(Array(runs[first...].prefix(64))) }
        for round in 0..<60 {
            let hash = Self.hashes(1, &random)[0]
            #expect(filters.runs(mayHolding: hash).sorted() == runs.filter { $0.filter.mayHold(hash) }.map(\.run))
            if round % 3 == 0, let gone = runs.indices.randomElement(using: &random) {
                filters.remove(runs.remove(at: gone).run)
            } else {
                let added = (run: Int64(1000 + round), filter: RunFilter([hash], room: 16))
                filters.add(added.filter, of: added.run)
                runs.append(added)
                #expect(filters.runs(mayHolding: hash).contains(added.run))
            }
        }
    }

    @Test func aFilterOfAnotherSizeMayHoldEverything() {
        var filters = RunFilters()
        filters.add(RunFilter([1], room: 16), of: 1)
        filters.add(RunFilter([], room: 1000), of: 2)
        filters.add(RunFilter(bytes: []), of: 3)
        #expect(filters.runs(mayHolding: 99) == [2, 3])
        filters.remove(2)
        #expect(filters.runs(mayHolding: 1).sorted() == [1, 3])
    }

    @Test func theTailNamesAllOfAHashAndForgetsTheLastOnes() {
        var tail = UseTail()
        #expect(tail.uses(7) == [])
        for use in 1...500 { tail.append(UseTail.Entry(hash: use % 3 == 0 ? 7 : Int64(use) << 32, use: Int64(use))) }
        #expect(tail.uses(7).count == 166)
        #expect(tail.uses(500 << 32) == [500])
        tail.removeAll(after: 9)
        #expect(tail.uses(7) == [9, 6, 3])
        #expect(tail.uses(500 << 32) == [])
        tail.append(UseTail.Entry(hash: 7, use: 20))
        #expect(tail.uses(7) == [20, 9, 6, 3])
        tail.removeAll()
        #expect(tail.uses(7) == [] && tail.entries.isEmpty)
    }
}
