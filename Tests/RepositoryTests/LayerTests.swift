import Testing

/// What each layer may not know (`docs/architecture.md`); SwiftPM keeps the imports, these keep the rest.
@Suite struct LayerTests {
    static let deciding = ["JSONModel", "JSONPath", "JSONata", "StatesLanguage", "Interpreter", "Budgets"]

    @Test func onlyWallTimeReadsTheClock() throws {
        let clocks =
            /\b(?:clock_gettime|gettimeofday|DispatchTime\.now|ContinuousClock|SuspendingClock|Date\(\)|Date\.now)/
        #expect(
            try SourceTree.findings(of: clocks, below: "Sources", except: ["Sources/WallTime/", "Sources/TestKit/"])
                == [])
    }

    @Test func onlyTheStoreSpeaksSQL() throws {
        let statements = /"[^"]*\b(?:SELECT |INSERT INTO|DELETE FROM|CREATE TABLE|UPDATE \w+ SET)/
        let found = try SourceTree.files(below: "Sources").filter { !$0.path.hasPrefix("Sources/SQLiteStore/") }
            .flatMap { file in
                file.lines.enumerated().compactMap { number, line in
                    line.contains(statements) ? "\(file.path):\(number + 1): \(line)" : nil
                }
            }
        #expect(found == [])
    }

    @Test func moneyIsNeverADouble() throws {
        #expect(try SourceTree.findings(of: /\b(?:Double|Float|Decimal)\b/, below: "Sources/Budgets") == [])
    }

    @Test(arguments: deciding) func decidingNeverWaits(_ target: String) throws {
        #expect(try SourceTree.findings(of: /\b(?:async|await|Task\s*\{)/, below: "Sources/\(target)") == [])
    }

    @Test(arguments: deciding) func decidingIsNotRandom(_ target: String) throws {
        // Drawing from a generator that was handed in is deciding; drawing from the system's is not.
        let random = /\b(?:SystemRandomNumberGenerator|arc4random|UUID\(\)|getrandom)|\.random\(in:(?!.*using:)/
        #expect(try SourceTree.findings(of: random, below: "Sources/\(target)") == [])
    }

    /// Reports read very much: over the readers of everything else they would hold up timers and the outbox.
    @Test func reportsAreReadAsSurveys() throws {
        #expect(try SourceTree.findings(of: /engine\.read\b/, below: "Sources/StatesAPI/Reports") == [])
    }

    @Test func nothingShippedImportsTheTestKit() throws {
        let sides = ["Sources/TestKit/", "Sources/Simulator/", "Sources/simulate/"]
        #expect(try SourceTree.findings(of: /import (?:TestKit|Simulator)\b/, below: "Sources", except: sides) == [])
    }
}
