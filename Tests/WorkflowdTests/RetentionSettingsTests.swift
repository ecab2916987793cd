import SQLiteStore
import Testing

@testable import workflowd

@Suite struct RetentionSettingsTests {
    /// What is removed does not come back: an age without a unit, or of nothing, is a slip.
    @Test(arguments: ["90", "'90'", "0", "0d", "0s", "-1d", "ninety days", "1.5d", "true", "{days: 90}"])
    func anAgeThatIsNoneIsRefused(_ age: String) async throws {
        for name in ["executions", "deadLetters", "outbox", "usage", "sums", "traces"] {
            _ = try await SettingsFile.with("retention: {\(name): \(age)}") { file in
                let error = #expect(throws: ConfigurationError.self) { try file.read() }
                #expect(error?.description.contains("retention.\(name) must be a span with its unit") == true)
            }
        }
    }

    @Test func agesAndNeverAreRead() async throws {
        let settings = try await SettingsFile.with("retention: {executions: 30d, outbox: never, traces: 1h30m}") {
            try $0.read().retention.policy
        }
        #expect(settings.executions == .seconds(30 * 86_400) && settings.outbox == nil)
        #expect(settings.traces == .seconds(5400))
    }
}
