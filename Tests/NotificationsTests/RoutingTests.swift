import AWSClient
import Enforcement
import Testing

@testable import Notifications

/// Which notices go to which channel.
@Suite struct RoutingTests {
    private func taken(by settings: ChannelSettings) -> Set<Notice.Kind> {
        Set(Notice.Kind.allCases.filter(settings.takes))
    }

    @Test(arguments: [
        ChannelSettings.Kind.log, .sns(topicARN: "t"), .slack(url: .plain("u"), timeout: .seconds(1)),
        .ses(SESSettings(), MailHeads(from: "a@b", to: ["c@d"])),
        .webhook(WebhookSettings(url: .plain("u"), signingSecret: .plain("s"))),
    ])
    func whoNamesNothingTakesAll(_ kind: ChannelSettings.Kind) {
        #expect(taken(by: ChannelSettings(name: "x", kind: kind)) == Set(Notice.Kind.allCases))
    }

    @Test(arguments: NoticeTopic.allCases)
    func aTopicStandsForItsKinds(_ topic: NoticeTopic) {
        let expected = Set(Notice.Kind.allCases.filter { $0.topic == topic })

        #expect(expected.count > 5)
        #expect(taken(by: ChannelSettings(name: "x", kind: .log, topics: [topic])) == expected)
    }

    /// The monitor writes to budget, suspensions to high, restorations and grace to operational.
    @Test(arguments: [
        (Notice.Kind.budgetWarning, NoticeTopic.budget), (.budgetCritical, .budget), (.suspended, .high),
        (.suspensionFailed, .high), (.restored, .operational), (.graceStarted, .operational),
        (.finalWarning, .operational), (.rogueKey, .high), (.costDrift, .budget),
    ])
    func topicsAreThoseOfBedrockBudgeteer(_ kind: Notice.Kind, _ topic: NoticeTopic) { #expect(kind.topic == topic) }

    @Test func kindsComeBesidesTopics() {
        let settings = ChannelSettings(name: "x", kind: .log, kinds: [.dailySummary], topics: [.operational])

        #expect(settings.takes(.dailySummary) && settings.takes(.restored))
        #expect(!settings.takes(.suspended) && !settings.takes(.budgetWarning))
    }

    @Test func aListWithoutKindsTakesNone() {
        #expect(taken(by: ChannelSettings(name: "x", kind: .log, kinds: [])) == [])
    }

    @Test func aPagerTakesWhatIsUrgentAndItsEnd() {
        let pager = ChannelSettings.Kind.pagerDuty(routingKey: .plain("k"), url: "u", timeout: .seconds(1))
        let high = Set(Notice.Kind.allCases.filter { $0.topic == .high })

        #expect(taken(by: ChannelSettings(name: "x", kind: pager)) == high.union([.restored, .spared, .principalGone]))
        #expect(
            taken(by: ChannelSettings(name: "x", kind: pager, kinds: [.ingestSilent])) == [.ingestSilent])
    }
}
