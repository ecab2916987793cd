package import WallTime
import Words

/// The languages that notices are written in.
package enum NoticeLanguage: String, Sendable, Hashable, CaseIterable {
    case english = "en"
    case spanish = "es"
}

/// How a channel's readers want words, amounts and times.
package struct NoticeStyle: Sendable, Hashable {
    package var language: NoticeLanguage
    /// The zone whose clocks its times are read from.
    package var zone: CivilZone

    /// English, in UTC.
    package static let standard = NoticeStyle()

    package init(language: NoticeLanguage = .english, zone: CivilZone = .utc) {
        self.language = language
        self.zone = zone
    }

    /// The text in the reader's language. Every text is given in all of them, side by side, so that none can be left out
    /// and none is changed without the other in sight.
    func say(_ english: @autoclosure () -> String, es spanish: @autoclosure () -> String) -> String {
        switch language {
        case .english: english()
        case .spanish: spanish()
        }
    }

    func say(_ wording: Wording) -> String { say(wording.english, es: wording.spanish) }
}
