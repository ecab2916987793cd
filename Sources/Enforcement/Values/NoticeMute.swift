package import JSONModel
package import WallTime

/// What people mute.
package enum MuteTarget: Sendable, Hashable, CustomStringConvertible {
    /// All notices through one channel.
    case channel(String)
    /// The notices of a topic, through every channel.
    case topic(NoticeTopic)

    /// As commands name it: `channel/mail`, `topic/budget`.
    package var description: String {
        switch self {
        case .channel(let name): "channel/\(name)"
        case .topic(let topic): "topic/\(topic.rawValue)"
        }
    }

    /// The audit log's subject of all that is said about it.
    package var subject: String { "notifications/\(self)" }
}

/// A person's word that notices are kept and not sent, for a while.
package struct NoticeMute: Sendable, Equatable, CustomStringConvertible {
    package var target: MuteTarget
    package var until: Instant
    package var reason: String
    /// Such as `operator:ana`.
    package var by: String
    package var since: Instant

    package init(target: MuteTarget, until: Instant, reason: String, by: String, since: Instant) {
        self.target = target
        self.until = until
        self.reason = reason
        self.by = by
        self.since = since
    }

    package var description: String { "\(target) is muted until \(until.iso8601) by \(by): \(reason)" }

    package var json: JSONValue {
        [
            "target": .string(target.description), "until": .string(until.iso8601), "reason": .string(reason),
            "by": .string(by), "since": .string(since.iso8601),
        ]
    }
}

extension Notice.Kind {
    /// Whether a topic's mute leaves it alone: spending that was to be stopped goes on, or a person is waited for by a
    /// dead letter. Only the mute of a channel keeps these back.
    package var passesTopicMutes: Bool {
        switch self {
        case .suspensionFailed, .restorationFailed, .enforcementLeak, .circuitBreaker, .unenforceable, .accessDrift:
            true
        case .budgetWarning, .budgetCritical, .furtherBudgetExceeded, .graceStarted, .graceCountdown, .finalWarning,
            .suspended, .spared, .restored, .restorationSkipped, .protectionChanged, .unknownModel, .principalGone,
            .grantElsewhere, .bypass, .rogueKey, .tagTampering, .unknownOperation, .ingestSilent, .implausibleCost,
            .priceQuarantined, .pricesStale, .dailySummary, .costDrift, .test:
            false
        }
    }
}
