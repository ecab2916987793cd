import JSONModel
import Testing

@testable import workflowd

@Suite struct SettingsDifferenceTests {
    /// What reading `after` changes for a daemon that started with `before`.
    private func difference(
        _ before: String, _ after: String, environment: [String: String] = [:], flags: ServeFlags = ServeFlags()
    ) async throws -> SettingsDifference {
        try await SettingsFile.with(before) { file in
            let started = try file.read(environment: environment, flags: flags)
            try file.write(after)
            let read = try file.read(environment: environment, flags: flags)
            return SettingsDifference(running: started, started: started, read: read)
        }
    }

    @Test func whatCanBeTakenIsNamedWithBothValues() async throws {
        let found = try await difference(
            "budgets: {limit: 25.00, graceSeconds: 60}",
            "{budgets: {limit: 30.00, mode: observe}, access: {tiers: {low: 2}}, prices: {implausibleCost: never}}")
        #expect(
            found.changes.map { "\($0.setting): \($0.from) -> \($0.to)" } == [
                "budgets.limit: 25.00 -> 30.00", "budgets.graceSeconds: 60 -> 300",
                "budgets.mode: enforce -> observe",
                "access.tiers: high 25.00, low 1.00, medium 5.00 -> high 25.00, low 2.00, medium 5.00",
                "prices.implausibleCost: 100.00 -> never",
            ])
        #expect(found.afterRestart == [])
    }

    @Test func anotherSpellingIsNoChange() async throws {
        let found = try await difference(
            "{budgets: {limit: 25, period: 1h}, retention: {every: 60s}, listen: '127.0.0.1:8080'}",
            "{budgets: {limit: '25.00', period: 60m, breakGlass: []}, retention: {every: 1m}}")
        #expect(found.changes == [])
        #expect(found.afterRestart == [])
    }

    @Test func whatIsReadAtTheStartOnlyIsNamedWhateverItIs() async throws {
        let before = """
            listen: 127.0.0.1:8080
            limits: {requests: 100}
            quotas: {pollers: 5}
            ingest: {sources: [{name: a, directory: {path: /tmp/a}}]}
            """
        let after = """
            listen: 127.0.0.1:9090
            behindTLSProxy: true
            data: /var/lib/steward
            limits: {requests: 200}
            notifications: {attempts: 3}
            ingest: {sources: [{name: a, directory: {path: /tmp/b}}], silentAfter: 1h}
            features: {radar: false}
            """
        let found = try await difference(before, after)
        #expect(
            found.afterRestart == [
                "behindTLSProxy", "data", "features.radar", "ingest.sources", "limits.requests", "listen",
                "notifications.attempts", "quotas.pollers",
            ])
        #expect(found.changes.map(\.setting) == ["ingest.silentAfter"])
    }

    @Test func whatAFlagOrTheEnvironmentSaysIsNotChangedByTheFile() async throws {
        var flags = ServeFlags()
        flags.listen = "127.0.0.1:7070"
        flags.remoteSteps = "take-away-access"
        let found = try await difference(
            "logLevel: info", "{listen: '127.0.0.1:9090', data: /elsewhere, steps: {remote: []}, logLevel: debug}",
            environment: ["STEWARD_DATA": "/here", "STEWARD_LOG_LEVEL": "error"], flags: flags)
        #expect(found.afterRestart == [])
        #expect(found.changes == [])
    }

    /// Every setting that counts as live is told from another, taken, and then no longer another.
    @Test func everyLiveSettingIsTaken() async throws {
        let other = """
            logLevel: debug
            disk: {reserveMiB: 1}
            budgets: {limit: 2, period: day, warning: 10, critical: 20, graceSeconds: 1, mode: observe, enforcement: deny,
              breakGlass: ['arn:aws:iam::111122223333:user/ana'], maximumSuspensionsPerHour: 1}
            access: {sharedRoles: [app], reconcile: report, tiers: {low: 2}}
            agentcore: {limit: 1, poolLimit: none, team: robots, warning: 10, critical: 20, graceSeconds: 1}
            prices: {fallback: {input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1, image: 1},
              implausibleCost: 1, unknownCacheWrites: 1h, maximumFactor: 2, maximumAge: 1d, unsureSuspends: false}
            ingest: {silentAfter: never, principals: {keyPrefixes: [K-], tagNamespaces: ['T:'], tiers: {low: 2},
              trusted: ['arn:aws:iam::111122223333:role/ops'], keepAddresses: false}}
            retention: {executions: 1d, deadLetters: 1d, outbox: 1d, usage: 8d, sums: 9d, traces: 1d, every: 1m}
            """
        try await SettingsFile.with(other) { file in
            let (started, read) = (DaemonConfiguration(), try file.read())
            let found = SettingsDifference(running: started, started: started, read: read)
            #expect(found.changes.map(\.setting) == LiveSetting.all.map(\.name))
            #expect(found.afterRestart == [])

            var running = started
            for setting in LiveSetting.all { setting.take(&running, read) }
            let rest = SettingsDifference(running: running, started: started, read: read)
            #expect(rest.changes == [])
        }
    }

    @Test func whatHoldsAfterARestartIsAgainstTheStartAndNotTheLastReading() async throws {
        try await SettingsFile.with("limits: {requests: 100}") { file in
            let started = try file.read()
            try file.write("limits: {requests: 200}")
            let second = try file.read()
            try file.write("limits: {requests: 100}")
            let third = try file.read()

            #expect(
                SettingsDifference(running: started, started: started, read: second).afterRestart
                    == ["limits.requests"])
            #expect(SettingsDifference(running: second, started: started, read: third).afterRestart == [])
        }
    }

    @Test func theAnswerNamesBoth() async throws {
        let found = try await difference("budgets: {limit: 1}", "{budgets: {limit: 2}, drainSeconds: 1}")
        #expect(
            JSONValue.object(found.json) == [
                "changed": [["setting": "budgets.limit", "from": "1.00", "to": "2.00"]],
                "afterRestart": ["drainSeconds"],
            ])
    }

    @Test(arguments: [
        ("budgets:\n  limit: -1\n", ":2:3: budgets.limit must not be negative"),
        ("budgets:\n  breakGlass: [ana]\n", ":2:3: budgets.breakGlass names \"ana\""),
        ("listen: nowhere\n", ":1:1: listen: \"nowhere\" is not HOST:PORT"),
        ("\nlogLevel: loud\n", ":2:1: logLevel: \"loud\" is no log level"),
        ("budgets: {warning: 95}\n", ":1:11: budgets.warning must be below critical"),
        ("budgets: {lim: 1}\n", ":1:11: budgets.lim is not a setting; did you mean limit?"),
        ("budgets: {limit: 1\n", "error: "),
    ]) func whatIsWrongHasItsPlace(_ text: String, _ problem: String) async throws {
        try await SettingsFile.with(text) { file in
            let error = #expect(throws: ConfigurationError.self) { try file.read() }
            #expect(error?.description.contains(file.path) == true)
            #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
            #expect(error?.description.last != "\n")
        }
    }
}
