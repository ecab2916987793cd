import JSONModel
import Testing

@Suite struct ExecutionRoutesTests {
    @Test func anExecutionIsStartedShownAndExplained() async throws {
        let api = try await APIHarness()
        let started = try await api.call(.post, "/api/v1/executions", ["stateMachine": "greet", "name": "one"])
        #expect(started.status == 201)

        let shown = try await api.call(.get, "/api/v1/executions/greet:one")
        #expect(shown.status == 200)
        #expect(shown.json["status"] == "SUCCEEDED")
        #expect(shown.json["output"] == "hello")
        #expect(shown.json["version"] == 1)

        let history = try await api.call(.get, "/api/v1/executions/one/history")
        let types = history.json["events"]?.arrayValue?.compactMap { $0["type"]?.stringValue }
        #expect(types == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"])
    }

    @Test func aHistoryHasPages() async throws {
        let api = try await APIHarness()
        _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "greet", "name": "one"])
        let path = "/api/v1/executions/one/history?limit=3&data=false"
        let first = try await api.call(.get, path).json
        #expect(first["events"]?.arrayValue?.compactMap { $0["id"]?.intValue } == [1, 2, 3])
        #expect(first["events"]?[0]?["executionStartedEventDetails"]?["input"] == nil)
        let next = try #require(first["next"]?.stringValue)
        let second = try await api.call(.get, path + "&after=\(next)").json
        #expect(second["events"]?.arrayValue?.compactMap { $0["id"]?.intValue } == [4])
        #expect(second["next"] == .null)
        #expect(try await api.call(.get, path + "&after=x").status == 400)
        #expect(try await api.call(.get, "/api/v1/executions/one/history?data=no").status == 400)
    }

    @Test func theSameStartGivesTheSameRunningExecution() async throws {
        let api = try await APIHarness()
        let body: JSONValue = ["stateMachine": "sleep", "name": "one", "input": ["a": 1]]
        #expect(try await api.call(.post, "/api/v1/executions", body).status == 201)
        #expect(try await api.call(.post, "/api/v1/executions", body).status == 200)
        let other = try await api.call(
            .post, "/api/v1/executions", ["stateMachine": "sleep", "name": "one", "input": ["a": 2]])
        #expect(other.status == 409)
        #expect(other.json["error"]?["code"] == "ExecutionExists")
    }

    @Test func aFailedExecutionSaysWhyAndWhatHelps() async throws {
        let api = try await APIHarness()
        _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "broken", "name": "b"])
        let why = try await api.call(.get, "/api/v1/executions/@latest-failed/explanation")
        #expect(why.json["summary"]?.stringValue?.contains("Boom") == true)
        #expect(why.json["suggestion"] == "workflowctl run start broken --input '{}'")
        let letters = try await api.call(.get, "/api/v1/dead-letters")
        #expect(letters.json["deadLetters"]?[0]?["error"] == "Boom")
    }

    @Test func stoppingEndsARunningExecutionAndOnlyThat() async throws {
        let api = try await APIHarness()
        _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "sleep", "name": "s"])
        let stopped = try await api.call(
            .post, "/api/v1/executions/s/stop", ["error": "Mistake", "cause": "wrong one"])
        #expect(stopped.json["status"] == "ABORTED")
        let again = try await api.call(.post, "/api/v1/executions/s/stop")
        #expect(again.status == 409)
        #expect(again.json["error"]?["code"] == "NotRunning")
    }

    @Test func listsAreFilteredAndPaged() async throws {
        let api = try await APIHarness()
        for name in ["a1", "a2", "b1"] {
            _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "greet", "name": .string(name)])
        }
        _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "broken", "name": "x"])
        func names(_ query: String) async throws -> [String]? {
            let answer = try await api.call(.get, "/api/v1/executions?\(query)")
            return answer.json["executions"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        }
        #expect(try await names("machine=greet") == ["b1", "a2", "a1"])
        #expect(try await names("name=a") == ["a2", "a1"])
        #expect(try await names("status=failed") == ["x"])
        let page = try await api.call(.get, "/api/v1/executions?limit=2")
        let next = try #require(page.json["next"]?.stringValue)
        #expect(try await names("limit=2&after=\(next)") == ["a2", "a1"])
    }

    @Test(arguments: [
        ("@latest", 200), ("@1", 200), ("@3", 404), ("@0", 400), ("@x", 400), ("greet:a1", 200), ("nobody", 404),
        ("a", 409), ("a1", 200), ("arn:aws:states:us-east-1:000000000000:execution:greet:a1", 200),
        ("arn:aws:states:us-east-1:000000000000:stateMachine:greet", 400),
    ])
    func referencesAreUnderstood(_ reference: String, _ status: Int) async throws {
        let api = try await APIHarness()
        for name in ["a1", "a2"] {
            _ = try await api.call(.post, "/api/v1/executions", ["stateMachine": "greet", "name": .string(name)])
        }
        #expect(try await api.call(.get, "/api/v1/executions/\(reference)").status == status)
    }
}
