import JSONModel
import StatesAPI
import Testing

@Suite struct SettingsRoutesTests {
    private static let path = "/api/v1/settings"

    private func harness() async throws -> APIHarness {
        try await APIHarness(
            settings: SettingsDesk(
                show: { ["file": "steward.yaml", "live": ["budgets.limit": "1.00"]] },
                reload: { actor in
                    guard actor == "operator:api" else { throw APIError.settingsRefused("steward.yaml:1:1: \(actor)") }
                    return ["changed": [], "afterRestart": ["listen"]]
                }))
    }

    @Test func settingsAreShownAndReadAgain() async throws {
        let api = try await harness()
        let shown = try await api.call(.get, Self.path)
        #expect(shown.status == 200 && shown.json["live"]?["budgets.limit"] == "1.00")
        let answer = try await api.call(.post, Self.path + "/reload")
        #expect(answer.status == 200 && answer.json["afterRestart"] == ["listen"])
    }

    @Test func aFileThatIsRefusedSaysWhy() async throws {
        let api = try await APIHarness(
            settings: SettingsDesk(
                show: { [:] }, reload: { _ in throw APIError.settingsRefused("steward.yaml:2:3: no") }))
        let answer = try await api.call(.post, Self.path + "/reload")
        #expect(answer.status == 422 && answer.json["error"]?["message"] == "steward.yaml:2:3: no")
        #expect(answer.json["error"]?["hint"]?.stringValue?.contains("stay in force") == true)
    }

    @Test func withoutSettingsThereIsNoRoute() async throws {
        let api = try await APIHarness()
        #expect(try await api.call(.get, Self.path).status == 404)
    }
}
