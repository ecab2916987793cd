import JSONModel
import StatesAPI
import Testing

/// What every route has in common: health, bad requests, unknown things.
@Suite struct RequestTests {
    @Test(arguments: [
        (DaemonReport.Health.ok, 200, "ok"), (.draining, 503, "draining"),
        (.failing(reason: "disk full"), 503, "failing"),
    ])
    func healthSaysHowItIs(_ health: DaemonReport.Health, _ status: Int, _ word: String) async throws {
        let api = try await APIHarness(health: health)
        let answer = try await api.call(.get, "/health")
        #expect(answer.status == status)
        #expect(answer.json["status"]?.stringValue == word)
        #expect(answer.json["version"] == "1.2.3")
        // Also where people look.
        let reason: JSONValue? = status == 503 && word == "failing" ? "disk full" : nil
        #expect(answer.json["reason"] == reason)
        #expect(try await api.call(.get, "/api/v1/status").json["reason"] == reason)
    }

    @Test func statusCountsWhatThereIs() async throws {
        let api = try await APIHarness()
        _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "sleep"])
        let status = try await api.call(.get, "/api/v1/status")
        #expect(status.json["running"] == 1)
        #expect(status.json["pid"] == 42)
    }

    @Test(arguments: [
        ("/api/v1/nothing", 404, "NoSuchRoute"), ("/api/v1/executions/none", 404, "NoSuchExecution"),
        ("/api/v1/state-machines/none", 404, "NoSuchStateMachine"),
        ("/api/v1/executions?machine=none", 404, "NoSuchStateMachine"),
        ("/api/v1/dead-letters/99", 404, "NoSuchDeadLetter"),
        ("/api/v1/dead-letters/x", 400, "InvalidRequest"), ("/api/v1/executions?limit=0", 400, "InvalidRequest"),
        ("/api/v1/executions?status=odd", 400, "InvalidRequest"),
        ("/api/v1/executions?since=noon", 400, "InvalidRequest"),
        ("/api/v1/dead-letters?kind=odd", 400, "InvalidRequest"), ("/api/v1/budgets?status=odd", 400, "InvalidRequest"),
    ])
    func wrongQuestionsAreNamed(_ path: String, _ status: Int, _ code: String) async throws {
        let answer = try await APIHarness().call(.get, path)
        #expect(answer.status == status)
        #expect(answer.json["error"]?["code"]?.stringValue == code)
        #expect(answer.json["error"]?["message"]?.stringValue?.isEmpty == false)
    }

    @Test func aStateMachineWithoutExecutionsHasAnEmptyList() async throws {
        let answer = try await APIHarness().call(.get, "/api/v1/executions?machine=greet")
        #expect(answer.status == 200)
        #expect(answer.json["executions"] == [])
    }

    /// A slip in the name of a filter would list everything.
    @Test(arguments: [
        ("executions?stateMachine=x", "Known here: machine, workflow, status, since, until, name, limit, after."),
        ("executions?machine=x&Limit=1", "Known here: machine, workflow, status, since, until, name, limit, after."),
        ("executions/greet:x/explanation?limit=1", "None is known here."), ("status?odd", "None is known here."),
        ("reports/budgets?by=team", "Known here: principal, sort, limit."),
    ])
    func unknownParametersAreRefusedWithThoseThatAreKnown(_ path: String, _ hint: String) async throws {
        let answer = try await APIHarness().call(.get, "/api/v1/\(path)")
        #expect(answer.status == 400)
        #expect(answer.json["error"]?["message"]?.stringValue?.hasPrefix("unknown parameter") == true)
        #expect(answer.json["error"]?["hint"]?.stringValue == hint)
    }

    @Test func aQuestionMarkAloneAsksForNothing() async throws {
        #expect(try await APIHarness().call(.get, "/api/v1/executions?").status == 200)
    }

    @Test(arguments: ["{", "[]", "\"x\"", "{\"stateMachine\":7}", "{\"odd\":1}", "{}"])
    func brokenBodiesAreRefused(_ body: String) async throws {
        let answer = try await APIHarness().call(.post, "/api/v1/executions", bytes: Array(body.utf8))
        #expect(answer.status == 400)
        #expect(answer.json["error"]?["code"] == "InvalidRequest")
    }

    @Test func aDefinitionWithErrorsIsRefusedWithAllOfThem() async throws {
        let api = try await APIHarness()
        let source = "StartAt: A\nStates:\n  A: {Type: Pass, Next: B}\n  C: {Type: Psas, End: true}\n"
        let answer = try await api.call(
            .put, "/api/v1/state-machines/new", ["source": .string(source), "file": "new.asl.yaml"])
        #expect(answer.status == 422)
        let diagnostics = answer.json["error"]?["diagnostics"]?.arrayValue ?? []
        #expect(diagnostics.count >= 2)
        #expect(diagnostics.allSatisfy { $0["line"]?.intValue != nil && $0["file"] == "new.asl.yaml" })
    }

    @Test func aNewDefinitionIsANewVersionAndTheSameIsNot() async throws {
        let api = try await APIHarness()
        func put(_ result: String) async throws -> JSONValue? {
            let source = "StartAt: A\nStates: {A: {Type: Pass, Result: \(result), End: true}}\n"
            return try await api.call(.put, "/api/v1/state-machines/m", ["source": .string(source)]).json["version"]
        }
        #expect(try await put("one") == 1)
        #expect(try await put("one") == 1)
        #expect(try await put("two") == 2)
    }

    @Test func aDeadLetterIsDiscardedOnceAndWithAReason() async throws {
        let api = try await APIHarness()
        _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "broken"])
        let letters = try await api.call(.get, "/api/v1/dead-letters")
        let id = try #require(letters.json["deadLetters"]?[0]?["id"]?.intValue)
        #expect(try await api.call(.post, "/api/v1/dead-letters/\(id)/discard").status == 400)
        let discarded = try await api.call(.post, "/api/v1/dead-letters/\(id)/discard", ["reason": "a test"])
        #expect(discarded.json["status"] == "discarded")
        let again = try await api.call(.post, "/api/v1/dead-letters/\(id)/discard", ["reason": "a test"])
        #expect(again.status == 409)
    }
}
