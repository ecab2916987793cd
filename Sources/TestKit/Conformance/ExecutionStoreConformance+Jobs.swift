import Budgets
import Enforcement
import Engine
import WallTime

/// Batch jobs and AgentCore runtimes, as CloudTrail tells of them.
extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var jobs: [Case] { batchJobs + agentRuntimes }

    private static var batchJobs: [Case] {
        [
            Case("a batch job comes back as it was saved last, and one of nobody is listed") { store in
                func output(_ id: String, _ second: Int) -> BatchOutput {
                    BatchOutput(
                        jobID: id, inputTokens: 5, outputTokens: 6, records: 7, failedRecords: 1,
                        endedAt: start + .seconds(second), source: "jobs", place: "out/\(id)/manifest.json.out")
                }
                let role = Principal(
                    id: PrincipalID(account: "111122223333", kind: .role, name: "app"), path: "/service/",
                    session: "run")
                let known = BatchJob(
                    id: "a", arn: "arn:job/a", creator: role, model: "acme.a", output: output("a", 1),
                    chargedAt: start + .seconds(9))
                let started = BatchJob(id: "b", arn: "arn:job/b", creator: role, model: nil)
                let (early, late) = (
                    BatchJob(id: "c", output: output("c", 2)), BatchJob(id: "d", output: output("d", 3))
                )
                try await store.write { transaction in
                    for job in [BatchJob(id: "a"), known, started, early, late] { try transaction.saveBatchJob(job) }
                }
                let (found, nobodys, one) = try await store.read {
                    (
                        try ["a", "b", "c", "x"].map($0.batchJob), try $0.unattributedBatchJobs(limit: 10),
                        try $0.unattributedBatchJobs(limit: 1)
                    )
                }
                try requireEqual(found, [known, started, early, nil], "by id")
                try requireEqual(nobodys, [late, early], "of nobody, the latest first")
                try requireEqual(one, [late], "limited")
            },
            Case("a batch job without output is listed as long as there is none") { store in
                let app = Principal(id: PrincipalID(account: "111122223333", kind: .role, name: "app"))
                let jobs = ["b", "a", "c"].map { BatchJob(id: $0, arn: "arn:job/\($0)", creator: app) }
                let output = BatchOutput(
                    jobID: "c", inputTokens: 5, outputTokens: 6, records: 7, endedAt: start, source: "jobs", place: "c")
                try await store.write { transaction in
                    for job in jobs { try transaction.saveBatchJob(job) }
                    try transaction.saveBatchJob(BatchJob(id: "d", output: output))
                    try transaction.saveBatchJob(BatchJob(id: "c", arn: "arn:job/c", creator: app, output: output))
                }
                let (all, one) = try await store.read {
                    (try $0.unfinishedBatchJobs(limit: 10), try $0.unfinishedBatchJobs(limit: 1))
                }
                try requireEqual(all.map(\.id), ["a", "b"], "of somebody, and without output")
                try requireEqual(one, [jobs[1]], "limited")
            },
        ]
    }

    private static var agentRuntimes: [Case] {
        [
            Case("an agent's runtime comes back as it was saved last, and is listed until it is deleted") { store in
                let app = Principal(
                    id: PrincipalID(account: "111122223333", kind: .role, name: "app"), path: "/service/")
                let full = AgentRuntime(
                    id: "a", arn: "arn:runtime/a", name: "helper", role: app, region: "us-west-2",
                    changedAt: start)
                let bare = AgentRuntime(id: "b", region: "eu-west-1", changedAt: start + .seconds(1))
                let gone = AgentRuntime(
                    id: "c", role: app, region: "eu-west-1", changedAt: start, deletedAt: start + .seconds(5))
                try await store.write { transaction in
                    try transaction.saveAgentRuntime(AgentRuntime(id: "a", region: "x", changedAt: start))
                    for runtime in [full, bare, gone] { try transaction.saveAgentRuntime(runtime) }
                }
                let (found, all, ofApp, one) = try await store.read {
                    (
                        try ["a", "b", "c", "x"].map($0.agentRuntime), try $0.agentRuntimes(ofRole: nil, limit: 10),
                        try $0.agentRuntimes(ofRole: app.id, limit: 10),
                        try $0.agentRuntimes(ofRole: nil, limit: 1)
                    )
                }
                try requireEqual(found, [full, bare, gone, nil], "by id")
                try requireEqual(all, [full, bare], "those that are there")
                try requireEqual(ofApp, [full], "of one role")
                try requireEqual(one, [full], "limited")
            }
        ]
    }
}
