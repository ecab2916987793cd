import Foundation
import FuzzTargets
import Testing

/// What fuzzers have found once is tried at every run: `Findings/TARGET/NAME` are the bytes.
@Suite struct FindingTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Findings")

    @Test(arguments: FuzzTarget.allCases) func findingsStayMended(_ target: FuzzTarget) throws {
        for seed in try Self.files(of: target) {
            #expect(target.finding(in: Array(try Data(contentsOf: seed))) == nil, "\(seed.lastPathComponent)")
        }
    }

    /// Every target is one that its seeds get through to: a target that reads nothing would hold whatever happens.
    @Test(arguments: FuzzTarget.allCases) func everyTargetHasSeeds(_ target: FuzzTarget) throws {
        #expect(try !Self.files(of: target).isEmpty)
    }

    @Test(arguments: FuzzTarget.allCases) func mutatedSeedsDoNoHarm(_ target: FuzzTarget) throws {
        var random = SystemRandomNumberGenerator()
        for seed in try Self.files(of: target) {
            let bytes = Array(try Data(contentsOf: seed))
            for _ in 0..<20 where !bytes.isEmpty && bytes.count < 4096 {
                var mutant = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    mutant[Int.random(in: mutant.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                #expect(target.finding(in: mutant) == nil, "\(mutant)")
            }
        }
    }

    private static func files(of target: FuzzTarget) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: directory.appending(path: target.rawValue), includingPropertiesForKeys: nil)
    }
}
