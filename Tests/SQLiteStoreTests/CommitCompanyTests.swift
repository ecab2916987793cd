import Engine
import Foundation
import TestKit
import Testing

@testable import SQLiteStore

@Suite struct CommitCompanyTests {
    private func outcome(jobs: Int, flush: UInt64 = 1_000_000) -> GroupCommit.Outcome {
        var outcome = GroupCommit.Outcome()
        outcome.jobs = jobs
        outcome.flushNanoseconds = flush
        return outcome
    }

    @Test func itWaitsHalfAsLongAsTheDiskTookForAFew() {
        var company = CommitCompany()
        #expect(company.patience(after: outcome(jobs: 8)) == 500_000)
        #expect(company.patience(after: outcome(jobs: 2, flush: 4_000_000)) == 2_000_000)
    }

    @Test(arguments: [(1, UInt64(1_000_000)), (17, 1_000_000), (8, 300_000)])
    func neitherForOneNorForManyNorOnAFastDisk(_ jobs: Int, _ flush: UInt64) {
        var company = CommitCompany()
        #expect(company.patience(after: outcome(jobs: jobs, flush: flush)) == nil)
    }

    @Test func notAfterACommitThatFailed() {
        var company = CommitCompany()
        var failed = outcome(jobs: 8)
        failed.failure = .unavailable("no room")
        #expect(company.patience(after: failed) == nil)
    }

    @Test func whereNobodyComesBackItIsTriedEverMoreRarely() {
        var company = CommitCompany()
        var tries: [Int] = []
        for commit in 0..<2000 where company.patience(after: outcome(jobs: 8)) != nil {
            tries.append(commit)
            company.note(arrived: 3, of: 8)
        }
        #expect(tries == [0, 3, 8, 17, 34, 67, 132, 261, 518, 1031])
    }

    @Test func oneOfThemMayBeMissing() {
        var company = CommitCompany()
        company.note(arrived: 3, of: 4)
        company.note(arrived: 14, of: 16)
        #expect(company.patience(after: outcome(jobs: 4)) != nil)
        company.note(arrived: 13, of: 16)
        #expect(company.patience(after: outcome(jobs: 4)) == nil)
    }

    @Test func whoWaitsForMoreIsWokenWhenTheyHaveCome() async throws {
        let queue = JobQueue(limit: 1000)
        let arrived = LockedBox<Int?>(nil)
        let waiter = Task {
            try await StoreThread.run(name: "waiter") {
                let count = queue.waitForMore(3, nanoseconds: 120_000_000_000)
                arrived.withLock { $0 = count }
            }
        }
        let callers = LockedBox<[Task<Void, any Error>]>([])
        try await eventually("three have come while it waited") {
            let caller = Task {
                try await withUnsafeThrowingContinuation { queue.submit(StoreJob({ _ in }, $0)) }
            }
            callers.withLock { $0.append(caller) }
            return arrived.withLock { $0 != nil }
        }
        #expect(try #require(arrived.withLock { $0 }) >= 3)
        try await waiter.value
        queue.close()
        #expect(queue.waitForMore(1, nanoseconds: 120_000_000_000) == 0)
        var jobs: [StoreJob] = []
        while queue.takeAll(into: &jobs) { for job in jobs { job.fail(StoreError.unavailable("the test is over")) } }
        for caller in callers.withLock({ $0 }) { await #expect(throws: StoreError.self) { try await caller.value } }
    }

    @Test func nobodyIsWaitedForLonger() {
        #expect(JobQueue(limit: 10).waitForMore(1, nanoseconds: 1) == 0)
    }
}
