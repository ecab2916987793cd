import Budgets
import Engine
import JSONModel
import TestKit
import Testing
import WallTime

@testable import Enforcement

@Suite struct AccessCommandTests {
    private func suspended() async throws -> LedgerBench {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 104))
        _ = try await bench.backUp(
            [
                "userId": "AIDA1",
                "attachedPolicies": [
                    ["arn": "arn:lost", "grantsBedrock": true], ["arn": "arn:other", "grantsBedrock": false],
                ],
            ], request())
        try await bench.step("record-suspended", request().with("verified", true))
        return bench
    }

    /// However many others have failed since.
    @Test func acceptingALossNamesThePoliciesThatWereTakenAndWhoWaits() async throws {
        let bench = try await suspended()
        try await bench.endWorkflows()
        let name = try #require(try await bench.account().workflows.first)
        let now = bench.now
        let waiting = try await bench.store.write { transaction in
            func insert(_ subject: String, _ execution: ExecutionID?) throws -> DeadLetterID {
                try transaction.insertDeadLetter(
                    NewDeadLetter(
                        kind: .execution, subject: subject, source: "machine", error: "E", cause: "c", payload: [],
                        execution: execution, at: now))
            }
            let letter = try insert(name, try #require(try transaction.execution(named: name, of: "machine")).id)
            for number in 0..<1001 { _ = try insert("other-\(number)", nil) }
            return letter
        }
        let letters = try await bench.transact { desk in
            try AccessCommands.acceptLoss(of: principalID("ana"), by: "operator:eve", desk)
        }
        #expect(letters == [waiting])
        #expect(try await bench.step("load-backup", request())["acceptedLoss"] == ["arn:lost"])
        let entry = try #require(try await bench.audit.last)
        #expect(entry.action == "restoration.loss-accepted" && entry.actor == "operator:eve")
    }

    @Test func withoutABackupThereIsNothingToAccept() async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 4))
        await #expect(throws: AccessCommands.Refusal.self) {
            try await bench.transact { desk in
                try AccessCommands.acceptLoss(of: principalID("ana"), by: "operator:eve", desk)
            }
        }
    }

    @Test(arguments: AccessStatus.allCases)
    func nobodyFromWhomSomethingIsTakenIsGivenAnything(_ status: AccessStatus) async throws {
        let bench = LedgerBench()
        try await bench.meter(use("r1", cents: 4))
        let since = bench.now
        try await bench.alter { $0.standing.access = Access(status: status, since: since) }
        let isRestricted = try await bench.store.read { try AccessCommands.isRestricted(principalID("ana"), $0) }
        #expect(isRestricted == (status != .active && status != .closed))
        // Of somebody gone no backup is taken any more.
        guard status != .closed else { return }
        _ = try await bench.backUp(["userId": "AIDA1"], request())
        #expect(try await bench.store.read { try AccessCommands.isRestricted(principalID("ana"), $0) })
    }

    @Test func whoWasDeletedIsClosedWithAllBackups() async throws {
        let bench = try await suspended()
        try await bench.transact { try AccessCommands.close(principalID("ana"), by: "operator:eve", $0) }
        #expect(try await bench.account().standing.access.status == .closed)
        #expect(try await bench.store.read { try $0.openBackup(of: principalID("ana")) } == nil)
        #expect(try await bench.audit.last?.actor == "operator:eve")
        try await bench.transact { try AccessCommands.close(principalID("nobody"), by: "operator:eve", $0) }
    }
}
