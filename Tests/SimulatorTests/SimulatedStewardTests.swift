import Budgets
import Engine
import Enforcement
import Foundation
import Interpreter
import JSONModel
import Simulator
import StatesLanguage
import TestKit
import Testing
import WallTime

/// Both workflows, whole, in virtual time: what they do to IAM, to the ledger and to the outbox, whatever goes wrong.
@Suite struct SimulatedStewardTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let policy = "arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess"
    static let user = SimulatedSteward.principal.name

    private func makeIAM() -> IAMModel {
        let iam = IAMModel(pageSize: 1)
        iam.addPolicy(
            arn: Self.policy,
            document: ["Statement": [["Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"]]])
        iam.addUser(Self.user, attached: [Self.policy])
        return iam
    }

    private func start(_ iam: IAMModel) async throws -> SimulatedSteward {
        try await SimulatedSteward(root: Self.root, iam: iam)
    }

    private func suspend(_ steward: SimulatedSteward) async throws {
        try await steward.spend(dollars: 2, request: "r1")
        let isSuspended = try await steward.advance(until: "suspended") {
            try await steward.executions(of: "suspension").first?.status == .succeeded
        }
        #expect(isSuspended)
        #expect(try await steward.account()?.standing.access.status == .suspended)
    }

    /// Raises the limit; then everything is as it was before the suspension.
    private func restore(_ steward: SimulatedSteward) async throws {
        try await steward.raiseLimit(toDollars: 50)
        _ = try await steward.advance(until: "restored") {
            try await steward.executions(of: "restoration").first?.status == .succeeded
        }
        #expect(steward.iam.allowsInvocation(by: Self.user))
        #expect(steward.iam.user(Self.user)?.attached == [Self.policy])
        #expect(steward.iam.user(Self.user)?.inline == [:])
        #expect(try await steward.account()?.standing.access.status == .active)
    }

    @Test func aBudgetIsCrossedAndAccessIsTakenAndGivenBack() async throws {
        let steward = try await start(makeIAM())
        try await suspend(steward)
        #expect(!steward.iam.allowsInvocation(by: Self.user))

        try await restore(steward)
        let kinds = try await steward.store.read { try $0.notices(limit: 99).map(\.kind) }
        #expect(kinds == [.restored, .suspended, .finalWarning, .graceStarted])
        await steward.kill()
    }

    /// What was taken is given back, also when the budget says by then that it would be done otherwise.
    @Test(arguments: [
        [EnforcementMode.detach, .deny], [.both, .deny], [.deny, .detach], [.deny, .both],
        [.detach, .deny, .detach, .deny], [.key, .both], [.deny, .key], [.detachAndKey, .deny], [.all, .detach],
    ])
    func aChangedEnforcementLocksNobodyOut(_ modes: [EnforcementMode]) async throws {
        let steward = try await start(makeIAM())
        try await steward.change(BudgetChange(enforcement: modes[0]))
        try await suspend(steward)
        for mode in modes.dropFirst() { try await steward.change(BudgetChange(enforcement: mode)) }

        try await restore(steward)
        await steward.kill()
    }

    @Test func graceIsWaitedOutToTheMillisecond() async throws {
        let steward = try await start(makeIAM())
        let crossed = steward.clock.now
        try await suspend(steward)
        let history = try await steward.engine.history(
            try #require(try await steward.executions(of: "suspension").first).id)
        let ended = history.first { event in
            if case .stateExited(.wait, _, _, _) = event.kind { true } else { false }
        }
        #expect(ended?.at == crossed + .seconds(300))
        await steward.kill()
    }

    @Test func aLimitRaisedInGraceSparesThePrincipal() async throws {
        let steward = try await start(makeIAM())
        try await steward.spend(dollars: 2, request: "r1")
        try await steward.raiseLimit(toDollars: 50)
        _ = try await steward.advance(until: "spared") {
            try await steward.executions(of: "suspension").first?.status == .succeeded
        }
        #expect(steward.iam.calls.filter(\.isMutation).isEmpty)
        #expect(try await steward.account()?.standing.access.status == .active)
        await steward.kill()
    }

    /// The first answers with this error; the run fails, a letter waits, and a redrive heals it.
    @Test(arguments: ["ListAttachedUserPolicies", "PutUserPolicy", "DetachUserPolicy", "GetUserPolicy"])
    func aRefusalBecomesADeadLetterThatARedriveHeals(_ action: String) async throws {
        let steward = try await start(makeIAM())
        steward.iam.inject([.error(code: "AccessDenied", status: 403)], into: action)
        try await steward.spend(dollars: 2, request: "r1")
        _ = try await steward.advance(until: "failed") {
            try await steward.executions(of: "suspension").first?.status == .failed
        }
        let run = try #require(try await steward.executions(of: "suspension").first)
        #expect(run.error == "IAM.AccessDenied")
        #expect(try await steward.account()?.standing.access.status != .suspended)

        let letters = try await steward.store.read { try $0.deadLetters(DeadLetterQuery()) }
        #expect(letters.map(\.letter.error) == ["IAM.AccessDenied"])
        try await steward.engine.redriveDeadLetter(try #require(letters.first).id)
        _ = try await steward.advance(until: "suspended after the redrive") {
            try await steward.executions(of: "suspension").first?.status == .succeeded
        }
        #expect(!steward.iam.allowsInvocation(by: Self.user))
        #expect(try await steward.account()?.standing.access.status == .suspended)
        await steward.kill()
    }

    /// The suspension came to nothing, or only to the deny; a person takes the rest: that is no business of Steward's.
    @Test(arguments: ["PutUserPolicy", "DetachUserPolicy"])
    func whatAPersonTookIsNotGivenBack(_ action: String) async throws {
        let steward = try await start(makeIAM())
        steward.iam.meddle(with: Self.user) { $0.keys = ["ACCA1": "Active"] }
        try await steward.change(BudgetChange(enforcement: .all))
        steward.iam.inject([.error(code: "AccessDenied", status: 403)], into: action)
        try await steward.spend(dollars: 2, request: "r1")
        _ = try await steward.advance(until: "failed") {
            try await steward.executions(of: "suspension").first?.status == .failed
        }
        #expect(try await steward.account()?.standing.access.status == .suspensionFailed)
        steward.iam.meddle(with: Self.user) { user in
            user.keys = ["ACCA1": "Inactive"]
            if action == "PutUserPolicy" { user.attached = [] }
        }

        try await steward.raiseLimit(toDollars: 50)
        _ = try await steward.advance(until: "restored") {
            try await steward.executions(of: "restoration").first?.status == .succeeded
        }

        #expect(try await steward.account()?.standing.access.status == .active)
        #expect(steward.iam.user(Self.user)?.keys == ["ACCA1": "Inactive"])
        #expect(steward.iam.user(Self.user)?.attached == (action == "PutUserPolicy" ? [] : [Self.policy]))
        #expect(steward.iam.user(Self.user)?.inline == [:])
        await steward.kill()
    }

    @Test(arguments: ["GetUser", "PutUserPolicy", "DetachUserPolicy", "GetUserPolicy", "SimulatePrincipalPolicy"])
    func throttlingAndLostAnswersAreWaitedOut(_ action: String) async throws {
        let steward = try await start(makeIAM())
        let throttled = IAMModel.Fault.error(code: "Throttling", status: 400)
        steward.iam.inject(
            [throttled, .lostAnswer, .lostRequest] + Array(repeating: throttled, count: 6), into: action)
        try await suspend(steward)
        #expect(!steward.iam.allowsInvocation(by: Self.user))
        await steward.kill()
    }

    /// Crashes at the Nth commit, before it and after it, for every N until the runs end without reaching it.
    @Test(arguments: [MemoryStore.Crash.beforeCommit, .afterCommit])
    func aCrashAtAnyCommitChangesNothingInTheEnd(_ crash: MemoryStore.Crash) async throws {
        var number = 1
        while try await crashes(atCommit: number, crash) { number += 1 }
        #expect(number > 10)
    }

    /// - Returns: whether the crash happened.
    private func crashes(atCommit number: Int, _ crash: MemoryStore.Crash) async throws -> Bool {
        let first = try await start(makeIAM())
        first.store.crash(commit: first.store.commits + number, crash)
        // The caller of a crashed commit is not answered, and tries again after the restart.
        do { try await first.spend(dollars: 2, request: "r1") } catch is StoreError {}
        let ended =
            try await first.store.isDown
            ? false
            : first.advance(until: "suspended or crashed") {
                try await first.executions(of: "suspension").first?.status == .succeeded
            }
        guard !ended else {
            await first.kill()
            return false
        }
        await first.kill()

        let second = try await SimulatedSteward(
            root: Self.root, iam: first.iam, store: first.store.reopened(), clock: VirtualClock(at: first.clock.now))
        try await second.spend(dollars: 2, request: "r1")
        _ = try await second.advance(until: "suspended after crash \(number)") {
            try await second.executions(of: "suspension").first?.status == .succeeded
        }
        let runs = try await second.executions(of: "suspension")
        #expect(runs.count == 1, "crash \(number)")
        #expect(try await second.account()?.standing.access.status == .suspended, "crash \(number)")
        #expect(!second.iam.allowsInvocation(by: Self.user), "crash \(number)")
        // Each step reads before it writes, so nothing is done twice, whatever the moment.
        let mutations = second.iam.calls.filter(\.isMutation).map(\.action)
        #expect(mutations == ["PutUserPolicy", "DetachUserPolicy"], "crash \(number)")
        let history = try await second.engine.history(try #require(runs.first).id)
        #expect(try await ExecutionState.fold(history) == second.engine.state(runs[0].id), "crash \(number)")
        await second.kill()
        return true
    }
}
