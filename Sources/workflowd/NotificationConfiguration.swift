import AWSClient
import Enforcement
import Foundation
import Notifications
import WallTime

extension NotificationSettings {
    mutating func read(_ section: SettingsReader) throws {
        try section.allow(["channels", "attempts", "language", "timeZone"])
        if let value = try section.integer("attempts", in: 1...100) { attempts = value }
        let style = try NoticeStyle(section, over: .standard)
        guard let list = try section.list("channels") else {
            for index in channels.indices { channels[index].style = style }
            return
        }
        channels = try list.map { try ChannelSettings($0, style) }
        let names = channels.map(\.name)
        if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
            throw section.fault("channels", "has two channels named \"\(twice)\"")
        }
    }
}

extension NoticeStyle {
    /// `language` and `timeZone`; what is not there is as it was.
    fileprivate init(_ section: SettingsReader, over style: NoticeStyle) throws {
        self.init(
            language: try section.choice("language") ?? style.language,
            zone: try section.parsed(
                "timeZone", as: "a time zone such as Europe/Madrid or UTC", CivilZone.init(identifier:)) ?? style.zone)
    }
}

extension ChannelSettings {
    private static let types = ["log", "smtp", "ses", "sns", "slack", "pagerduty", "webhook"]
    private static let common = ["name", "type", "kinds", "topics", "language", "timeZone"]

    fileprivate init(_ section: SettingsReader, _ style: NoticeStyle) throws {
        let type = try section.required("type")
        self.init(name: try section.required("name"), kind: try Self.kind(type, section))
        self.style = try NoticeStyle(section, over: style)
        kinds = try section.choices("kinds")
        topics = try section.choices("topics")
        if case .pagerDuty = kind, let kinds, let quiet = kinds.first(where: { !$0.isTrouble }) {
            throw section.fault(
                "kinds", "has \"\(quiet.rawValue)\", which opens no incident: what settles one is sent by itself")
        }
    }

    private static func kind(_ type: String, _ section: SettingsReader) throws -> Kind {
        switch type {
        case "log":
            try section.allow(common)
            return .log
        case "smtp":
            try section.allow(
                common + MailHeads.names + [
                    "host", "port", "security", "userName", "passwordFile", "passwordEnvironment", "caFile",
                ])
            return .smtp(server: try SMTPServer(section), try MailHeads(section))
        case "ses":
            try section.allow(common + MailHeads.names + ["region", "configurationSet"])
            let settings = SESSettings(
                region: try section.text("region"), configurationSet: try section.text("configurationSet"))
            return .ses(settings, try MailHeads(section))
        case "sns":
            try section.allow(common + ["topicArn"])
            return .sns(topicARN: try section.required("topicArn"))
        case "slack":
            try section.allow(common + ["urlFile", "urlEnvironment", "timeoutSeconds"])
            return .slack(url: try section.webSecret("url"), timeout: try section.timeout())
        case "pagerduty":
            try section.allow(common + ["routingKeyFile", "routingKeyEnvironment", "url", "timeoutSeconds"])
            let url = try section.parsed("url", as: Self.urlRule) { WebTarget($0) == nil ? nil : $0 }
            return .pagerDuty(
                routingKey: try section.readable("routingKey"), url: url ?? "https://events.pagerduty.com/v2/enqueue",
                timeout: try section.timeout())
        case "webhook":
            return .webhook(try WebhookSettings(section, common))
        default: throw section.fault("type", "is \"\(type)\", but must be one of \(types.joined(separator: ", "))")
        }
    }

    fileprivate static let urlRule =
        "a URL that begins with https:// (http:// only for this machine) and holds no user name"
}

extension WebhookSettings {
    fileprivate init(_ section: SettingsReader, _ common: [String]) throws {
        try section.allow(
            common + [
                "url", "urlFile", "urlEnvironment", "signingSecretFile", "signingSecretEnvironment", "tokenFile",
                "tokenEnvironment", "timeoutSeconds",
            ])
        let plain = try section.parsed("url", as: ChannelSettings.urlRule) { WebTarget($0) == nil ? nil : $0 }
        let secret = try section.readable("signingSecret") { text in
            WebhookCall.key(text) == nil ? "holds a secret that \(WebhookCall.secretRule)" : nil
        }
        let hasToken = try section.names.contains { $0.hasPrefix("token") }
        self.init(
            url: try plain.map(Secret.plain) ?? section.webSecret("url"), signingSecret: secret,
            token: hasToken ? try section.readable("token") : nil, timeout: try section.timeout())
    }
}

extension MailHeads {
    fileprivate static let names = ["from", "to", "replyTo", "ownerDomains"]

    fileprivate init(_ section: SettingsReader) throws {
        guard let to = try section.texts("to"), !to.isEmpty else { throw section.fault("", "lacks \"to\"") }
        self.init(
            from: try section.required("from"), to: to, replyTo: try section.text("replyTo"),
            ownerDomains: try section.texts("ownerDomains") ?? [])
    }
}

extension SMTPServer {
    fileprivate init(_ section: SettingsReader) throws {
        let security: Security = try section.choice("security") ?? .startTLS
        let host = try section.required("host")
        guard security != .none || Loopback.contains(host) else {
            throw section.fault("security", "may be none only for a server on this machine; use starttls or tls")
        }
        let hasPassword = try section.names.contains { $0.hasPrefix("password") }
        self.init(
            host: host, port: try section.integer("port", in: 1...65535) ?? (security == .tls ? 465 : 587),
            security: security, userName: try section.text("userName"),
            password: hasPassword ? try section.readable("password").read() : nil,
            certificateAuthorities: try section.text("caFile"))
    }
}

extension SettingsReader {
    fileprivate func timeout() throws -> Duration { .seconds(try integer("timeoutSeconds", in: 1...60) ?? 10) }

    /// The members of a list, each one of a few names.
    fileprivate func choices<Value: RawRepresentable & CaseIterable & Hashable>(_ name: String) throws -> Set<Value>?
    where Value.RawValue == String {
        guard let texts = try texts(name) else { return nil }
        return Set(
            try texts.map { text in
                guard let value = Value(rawValue: text) else {
                    let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
                    throw fault(name, "has \"\(text)\", but knows only \(known)")
                }
                return value
            })
    }

    /// A secret that can be read now, and is what it should be; it is read again each time it is used.
    /// - Parameter problem: what is wrong with it, without saying what it is.
    fileprivate func readable(_ name: String, _ problem: (String) -> String? = { _ in nil }) throws -> Secret {
        let secret = try Secret(self, name)
        let place = try text("\(name)File") == nil ? "\(name)Environment" : "\(name)File"
        let text: String
        do { text = try secret.read() } catch {
            throw fault(place, "names a secret that is not there: \(error)")
        }
        if text.isEmpty { throw fault(place, "names an empty secret") }
        if let problem = problem(text) { throw fault(place, problem) }
        return secret
    }

    fileprivate func webSecret(_ name: String) throws -> Secret {
        try readable(name) { WebTarget($0) == nil ? "holds a URL that \(WebTarget.rule)" : nil }
    }
}
