import Budgets
import Enforcement
import Engine
import HTTPTypes
import JSONModel
import TestKit
import Testing
import WallTime

@testable import StatesAPI

@Suite struct ReportRoutesTests {
    /// 100,000 tokens at the record's own time, 2026-11-20T10:15:42Z.
    private func harness() async throws -> APIHarness {
        let api = try await APIHarness()
        _ = try await api.call(
            .post, "/ingest/bedrock-invocation-logs?source=test", bytes: APIHarness.record("r1", inputTokens: 100_000))
        return api
    }

    private let day = "from=2026-11-20&to=2026-11-20"

    @Test func usageIsAddedUp() async throws {
        let api = try await harness()
        let answer = try await api.call(.get, "/api/v1/usage?by=day,model,principal&\(day)")

        #expect(answer.status == 200)
        #expect(answer.json["rows"]?.arrayValue?.count == 1)
        let row = answer.json["rows"]?[0]
        #expect(row?["day"] == "2026-11-20")
        #expect(row?["model"] == "global.anthropic.claude-sonnet-4-6")
        #expect(row?["principal"] == "111122223333/user/BedrockAPIKey-ab12")
        #expect(row?["cost"] == "0.30")
        #expect(row?["costPerRequest"] == "0.30")
        #expect(row?["costPerThousandTokens"] == "0.003")
        #expect(answer.json["total"]?["requests"] == 1)
        let other = try await api.call(.get, "/api/v1/usage?from=2026-11-21&to=2026-11-22")
        #expect(other.json["total"] == .null)
    }

    @Test func usageIsAddedUpByWhatTagsSay() async throws {
        let api = try await harness()
        let principal = "111122223333/user/BedrockAPIKey-ab12"
        try await api.engine.transact { work in
            let id = try #require(PrincipalID(principal))
            var record = try #require(try work.transaction.principal(id))
            (record.team, record.purpose, record.tier) = ("red", "research", "low")
            try work.transaction.savePrincipal(record)
        }
        _ = try await api.call(
            .post, "/ingest/bedrock-invocation-logs", bytes: APIHarness.record("r2", inputTokens: 100_000))

        let answer = try await api.call(.get, "/api/v1/usage?by=purpose,tier,team&\(day)")
        let rows = answer.json["rows"]?.arrayValue ?? []
        // By the tags that the principal had, as the counters.
        #expect(rows.map { $0["purpose"]?.stringValue } == [nil, "research"])
        #expect(rows.map { $0["tier"]?.stringValue } == [nil, "low"])
        #expect(rows.map { $0["team"]?.stringValue } == [nil, "red"])
        #expect(rows.map { $0["cost"]?.stringValue } == ["0.30", "0.30"])
        let members = try await api.call(.get, "/api/v1/usage?by=team,principal&\(day)")
        #expect(members.json["rows"]?[0]?["team"] == "red")
        #expect(members.json["rows"]?[0]?["cost"] == "0.60")
        let (_, text) = try await api.text("/metrics")
        #expect(text.contains("steward_purpose_cost_dollars_total{purpose=\"\"} 0.30\n"))
        #expect(text.contains("steward_purpose_cost_dollars_total{purpose=\"research\"} 0.30\n"))
        #expect(text.contains("steward_tier_cost_dollars_total{tier=\"low\"} 0.30\n"))
    }

    /// A report reads for as long as there is much to read: over the readers that everything else needs, it would hold up
    /// timers and the outbox.
    @Test(arguments: [
        ("GET", "/api/v1/usage?by=day,model"), ("GET", "/api/v1/usage?by=principal&format=csv"),
        ("GET", "/api/v1/usage?by=address"), ("GET", "/api/v1/reports/cost-analysis"),
        ("GET", "/api/v1/reports/budgets"), ("GET", "/api/v1/reports/budgets?principal=BedrockAPIKey-ab12"),
        ("POST", "/api/v1/reports/simulation?from=2026-11-20&to=2026-11-21"),
    ])
    func everyReportIsReadAsASurvey(_ method: String, _ path: String) async throws {
        let api = try await harness()
        _ = try await api.call(.put, "/api/v1/budgets/BedrockAPIKey-ab12", ["limit": "9.00"])
        let (reads, surveys) = (api.store.reads, api.store.surveys)
        if method == "POST" {
            let file = Array("budgets:\n  - {pool: true, limit: 0.1}\n".utf8)
            #expect(try await api.call(.post, path, bytes: file).status == 200)
        } else {
            #expect(try await api.text(path).status == 200)
        }
        let surveyed = api.store.surveys - surveys
        #expect(surveyed > 0)
        // Whom the simulation's file names is looked up by a read of its own.
        #expect(api.store.reads - reads == surveyed + (method == "POST" ? 1 : 0))
    }

    @Test func usageIsACSVFileToo() async throws {
        let api = try await harness()
        let (status, text) = try await api.text("/api/v1/usage?by=principal&format=csv&\(day)")

        #expect(status == 200)
        let lines = text.split(separator: "\r\n").map(String.init)
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("principal,requests,errors,inputTokens"))
        #expect(lines[1].hasPrefix("111122223333/user/BedrockAPIKey-ab12,1,0,100000,"))
    }

    /// Nobody sees in a file that something is missing.
    @Test func aFileHasAllRowsUnlessAskedOtherwise() async throws {
        let api = try await harness()
        try await api.engine.transact { work in
            let id = try #require(PrincipalID("111122223333/user/BedrockAPIKey-ab12"))
            let hour = try #require(Instant(iso8601: "2026-11-20T10:00:00Z")).hour
            try work.transaction.addUsageHours(
                (0..<150).map { number in
                    UsageHour(
                        slot: UsageSlot(
                            hour: hour, principal: id, model: "m\(number)", region: "us-east-1", operation: "Converse"),
                        sums: UsageSums(requests: 1))
                })
        }
        func lines(_ query: String) async throws -> Int {
            let (_, text) = try await api.text("/api/v1/usage?by=model&format=csv&\(day)\(query)")
            return text.split(separator: "\r\n").count
        }
        #expect(try await lines("") == 152)
        #expect(try await lines("&limit=7") == 8)
        let shown = try await api.call(.get, "/api/v1/usage?by=model&\(day)")
        #expect(shown.json["rows"]?.arrayValue?.count == 100)
        #expect(shown.json["cut"] == true)
    }

    @Test(arguments: [
        "by=colour", "by=day,hour", "from=yesterday", "zone=Mars", "sort=name", "limit=0", "format=pdf",
        "from=2026-11-21&to=2026-11-20", "by=hour&from=2020-01-01", "from=1990-01-01",
    ])
    func whatCantBeAskedIsRefused(_ query: String) async throws {
        let api = try await harness()
        let answer = try await api.call(.get, "/api/v1/usage?\(query)")
        #expect(answer.status == 400)
        #expect(answer.json["error"]?["message"]?.stringValue?.isEmpty == false)
    }

    @Test func nobodyKnownIsNotFound() async throws {
        let api = try await harness()
        #expect(try await api.call(.get, "/api/v1/usage?principal=nobody").status == 404)
        #expect(try await api.call(.get, "/api/v1/reports/budgets?principal=nobody").status == 404)
        #expect(try await api.call(.get, "/api/v1/usage?principal=BedrockAPIKey-ab12&\(day)").status == 200)
    }

    @Test func costsAreAnalysed() async throws {
        let api = try await harness()
        let answer = try await api.call(.get, "/api/v1/reports/cost-analysis?\(day)")

        #expect(answer.json["rows"]?[0]?["efficiency"] == "average")
        #expect(answer.json["month"]?["method"] == "linear")
        #expect(answer.json["totalBefore"] == nil)
    }

    @Test func budgetsTellWhereTheyStand() async throws {
        let api = try await harness()
        let answer = try await api.call(.get, "/api/v1/reports/budgets")

        let budget = answer.json["budgets"]?[0]
        #expect(budget?["spent"] == "0.30")
        #expect(budget?["explanation"]?.stringValue?.contains("$0.30 of $1.00") == true)
        #expect(budget?["further"] == [])
        #expect(try await api.call(.get, "/api/v1/reports/budgets?sort=name").status == 400)
    }

    @Test func aSimulationSaysWhoWouldHaveBeenSuspended() async throws {
        let api = try await harness()
        _ = try await api.call(
            .post, "/ingest/bedrock-invocation-logs",
            bytes: APIHarness.record("r2", inputTokens: 100_000, at: "2026-11-20T11:00:00Z"))
        let file = "budgets:\n  - {principal: BedrockAPIKey-ab12, limit: 0.3, grace: 0s}\n"
        let answer = try await api.call(
            .post, "/api/v1/reports/simulation?from=2026-11-20&to=2026-11-20", bytes: Array(file.utf8))

        #expect(answer.status == 200)
        #expect(answer.json["saved"] == "0.30")
        #expect(answer.json["precision"] == "use")
        let line = answer.json["budgets"]?[0]
        #expect(line?["suspensions"]?[0]?["principal"] == "111122223333/user/BedrockAPIKey-ab12")
        #expect(line?["crossings"]?.arrayValue?.count == 3)

        let none = try await api.call(
            .post, "/api/v1/reports/simulation?from=2020-01-01&to=2020-01-02", bytes: Array(file.utf8))
        #expect(none.json["note"] != nil)
    }

    /// As `budget apply` would leave it.
    @Test func whoHasABudgetSinceBeforeIsNotInThePoolOfASimulation() async throws {
        let api = try await harness()
        let file = Array("budgets:\n  - {pool: true, limit: 0.1}\n".utf8)
        let path = "/api/v1/reports/simulation?\(day)"
        let before = try await api.call(.post, path, bytes: file)
        #expect(before.json["budgets"]?[0]?["crossings"]?.arrayValue?.count == 3)

        let change = try await api.call(.put, "/api/v1/budgets/BedrockAPIKey-ab12", ["limit": "9.00"])
        #expect(change.status == 200)

        let after = try await api.call(.post, path, bytes: file)
        #expect(after.json["budgets"]?[0]?["crossings"] == [])
    }

    @Test func aFileWithFaultsIsRefusedWithTheirPlaces() async throws {
        let api = try await harness()
        let answer = try await api.call(
            .post, "/api/v1/reports/simulation?file=b.yaml", bytes: Array("budgets:\n  - {pool: true}\n".utf8))

        #expect(answer.status == 422)
        let finding = answer.json["error"]?["diagnostics"]?[0]
        #expect(finding?["line"] == 2)
        #expect(finding?["file"] == "b.yaml")
        let unknown = try await api.call(
            .post, "/api/v1/reports/simulation", bytes: Array("budgets:\n  - {principal: nobody, limit: 1}\n".utf8))
        #expect(unknown.status == 422)
        #expect(unknown.json["error"]?["message"]?.stringValue?.contains("line 2") == true)
        #expect(
            try await api.call(.post, "/api/v1/reports/simulation?replay=9y", bytes: Array(file.utf8)).status == 400)
    }

    private let file = "budgets:\n  - {pool: true, limit: 1}\n"

    // MARK: Metrics

    @Test func metricsAreThoseOfTheLedger() async throws {
        let api = try await harness()
        let (status, text) = try await api.text("/metrics")

        #expect(status == 200)
        #expect(
            text.contains(
                "steward_usage_cost_dollars_total{model=\"global.anthropic.claude-sonnet-4-6\",region=\"us-east-1\","
                    + "operation=\"Converse\"} 0.30\n"))
        for tag in ["team", "purpose", "tier"] {
            #expect(text.contains("# TYPE steward_\(tag)_cost_dollars_total counter\n"))
            #expect(text.contains("steward_\(tag)_cost_dollars_total{\(tag)=\"\"} 0.30\n"))
            #expect(text.contains("steward_\(tag)_requests_total{\(tag)=\"\"} 1\n"))
            #expect(text.contains("steward_\(tag)_tokens_total{\(tag)=\"\"} 100000\n"))
        }
        // Nothing was compared: no number is shown.
        #expect(!text.contains("\nsteward_bill_billed_dollars "))
        #expect(text.contains("steward_access_repairs_total 0\n"))
        #expect(text.contains("steward_ingest_records_total{outcome=\"recorded\"} 1\n"))
        #expect(text.contains("steward_budgets{status=\"active\"} 1\n"))
        #expect(text.contains("# TYPE steward_budgets gauge\n"))
        #expect(
            text.contains(
                "steward_principal_spent_dollars{principal=\"111122223333/user/BedrockAPIKey-ab12\",team=\"\"} 0.30\n"))
    }

    /// What was brought by hand is no stream that could fall silent.
    @Test func onlySourcesThatAreWaitedForAreSilent() async throws {
        let api = try await harness()
        let start = api.engine.now
        api.clock.advance(by: .seconds(3600))
        func note(_ name: String, heardAt: Instant?) async throws {
            try await api.engine.transact { work in
                var source = IngestSource(origin: IngestOrigin(name: name, kind: .sqs), since: start)
                source.lastReceivedAt = heardAt
                try work.transaction.saveIngestSource(source)
            }
        }

        try await note("busy", heardAt: api.engine.now)
        #expect(try await api.text("/metrics").text.contains("\nsteward_ingest_silent_sources 0\n"))
        try await note("quiet", heardAt: nil)
        #expect(try await api.text("/metrics").text.contains("\nsteward_ingest_silent_sources 1\n"))
    }

    @Test func whatIsNoPlainTextIsEscaped() {
        var family = MetricFamily("steward_x", .gauge, "a \\ and\na \"quote\"")
        family.add(1, [("name", "a\\b\"c\nd")])
        #expect(
            MetricFamily.text([family])
                == "# HELP steward_x a \\\\ and\\na \"quote\"\n# TYPE steward_x gauge\nsteward_x{name=\"a\\\\b\\\"c\\nd\"} 1\n"
        )
    }

    @Test func aHistogramIsCumulative() async throws {
        let api = try await harness()
        _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "greet", "name": "one"])
        let (_, text) = try await api.text("/metrics")
        #expect(text.contains("steward_execution_duration_seconds_bucket{state_machine=\"greet\",le=\"1\"} 1\n"))
        #expect(text.contains("steward_execution_duration_seconds_bucket{state_machine=\"greet\",le=\"+Inf\"} 1\n"))
        #expect(text.contains("steward_execution_duration_seconds_count{state_machine=\"greet\"} 1\n"))
    }

    @Test func readersMayRead() {
        #expect(Permissions.role(for: .get, path: "/metrics") == .viewer)
        #expect(Permissions.role(for: .get, path: "/api/v1/usage") == .viewer)
        #expect(Permissions.role(for: .post, path: "/api/v1/reports/simulation") == .viewer)
        #expect(Permissions.role(for: .put, path: "/api/v1/reports/simulation") == .admin)
        #expect(Permissions.role(for: .get, path: "/metrics/x") == .admin)
    }
}
