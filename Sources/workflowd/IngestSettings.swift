import AWSClient
import Budgets
import Enforcement
import Ingestion
import JSONModel
import StatesAPI
import WallTime

/// Where usage comes from besides `workflowctl ingest`, and how CloudTrail's records are understood.
struct IngestSettings: Sendable {
    var pushKeys = PushKeys()
    var sources: [SourceSettings] = []
    var trail = TrailSettings()
    var silentAfter: Duration? = IngestWatch().silentAfter
    private var exceptions: [String: Duration?] = [:]

    /// When sources count as silent: those that this configuration names.
    var watch: IngestWatch {
        var watch = IngestWatch()
        if let silentAfter { watch.silentAfter = silentAfter }
        watch.exceptions = exceptions
        let names = Set(sources.map(\.name))
        let (firehose, eventBridge) = (pushKeys.firehose != nil, pushKeys.eventBridge != nil)
        let isWatched = silentAfter != nil
        let withOwnPatience = Set(exceptions.keys)
        watch.isExpected = { origin in
            switch origin.kind {
            case .api: false
            case .firehose: isWatched && firehose
            case .eventBridge: isWatched && eventBridge
            case .sqs, .s3, .directory:
                names.contains(origin.name) && (isWatched || withOwnPatience.contains(origin.name))
            }
        }
        return watch
    }

    mutating func read(_ section: SettingsReader) throws {
        try section.allow(["silentAfter", "firehose", "eventBridge", "principals", "sources"])
        if let value = try section.silence() { silentAfter = value }
        let firehose = section.section("firehose")
        try firehose.allow(["accessKeyFile", "accessKeyEnvironment"])
        if try !firehose.isEmpty { pushKeys.firehose = Self.lines(try Secret(firehose, "accessKey")) }
        let eventBridge = section.section("eventBridge")
        if try !eventBridge.isEmpty { pushKeys.eventBridge = try Self.authorization(eventBridge) }
        try trail.read(section.section("principals"))
        for entry in try section.list("sources") ?? [] {
            let source = try SourceSettings(entry)
            guard !sources.contains(where: { $0.name == source.name }) else {
                throw section.fault("sources", "has two sources named \"\(source.name)\"")
            }
            sources.append(source)
            if let value = try entry.silence() { exceptions[source.name] = value }
        }
    }

    private static func authorization(_ section: SettingsReader) throws -> PushKeys.EventBridgeAuthorization {
        switch try section.required("type") {
        case "api-key":
            try section.allow(["type", "header", "valueFile", "valueEnvironment"])
            return .apiKey(header: try section.required("header"), lines(try Secret(section, "value")))
        case "basic":
            try section.allow(["type", "userName", "passwordFile", "passwordEnvironment"])
            return .basic(userName: try section.required("userName"), lines(try Secret(section, "password")))
        case let type: throw section.fault("type", "is \"\(type)\", but must be one of api-key, basic")
        }
    }

    /// Every line is a key that is good, so that an old one may go on while the new one spreads.
    private static func lines(_ secret: Secret) -> PushKeys.Secrets {
        { try secret.read().split(whereSeparator: \.isNewline).map(String.init) }
    }
}

extension SettingsReader {
    /// `silentAfter`: a span, or `never`.
    fileprivate func silence() throws -> Duration?? {
        try parsed("silentAfter", as: "a span such as 30m, or never") { text -> Duration?? in
            text == "never" ? .some(nil) : DurationText.parse(text).map(Optional.some)
        }
    }
}

extension TrailSettings {
    fileprivate mutating func read(_ section: SettingsReader) throws {
        try section.allow(["keyPrefixes", "tagNamespaces", "tiers", "trusted", "keepAddresses"])
        if let value = try section.flag("keepAddresses") { keepsAddresses = value }
        if let value = try section.texts("keyPrefixes") { keyPrefixes = value }
        if let value = try section.texts("tagNamespaces") { tagNamespaces = value }
        let tiers = section.section("tiers")
        for name in try tiers.names {
            if let limit = try tiers.parsed(name, as: "dollars such as 25.00", NanoDollars.init(dollars:)) {
                guard !limit.isNegative else { throw tiers.fault(name, "must not be negative") }
                self.tiers[name.lowercased()] = limit
            }
        }
        for arn in try section.texts("trusted") ?? [] {
            do {
                trusted.insert(try Principal(arn: arn).id)
            } catch {
                throw section.fault("trusted", "names \"\(arn)\": \(error)")
            }
        }
    }
}

extension SourceSettings {
    fileprivate init(_ section: SettingsReader) throws {
        try section.allow(["name", "silentAfter", "sqs", "s3", "directory"])
        let name = try section.required("name")
        guard name.wholeMatch(of: /[A-Za-z0-9._\/@-]{1,128}/) != nil else {
            throw section.fault("name", "must have 1 to 128 of A-Z a-z 0-9 . _ / @ -")
        }
        let kinds = try section.names.filter { ["sqs", "s3", "directory"].contains($0) }
        guard kinds.count == 1 else { throw section.fault("", "must have one of sqs, s3, directory") }
        let place = section.section(kinds[0])
        switch kinds[0] {
        case "sqs": self.init(name: name, place: .queue(try QueueSettings(place)))
        case "s3": self.init(name: name, place: .bucket(try BucketSettings(place)))
        default: self.init(name: name, place: .directory(try DirectorySettings(place)))
        }
    }
}

extension QueueSettings {
    fileprivate init(_ section: SettingsReader) throws {
        try section.allow(["queueUrl", "region", "visibilitySeconds", "waitSeconds", "maximumReceives", "objects"])
        self.init(url: try section.required("queueUrl"))
        region = try section.text("region")
        visibilitySeconds = try section.integer("visibilitySeconds", in: 1...43_200) ?? visibilitySeconds
        waitSeconds = try section.integer("waitSeconds", in: 1...20) ?? waitSeconds
        maximumReceives = try section.integer("maximumReceives", in: 1...1000) ?? maximumReceives
        objects = try section.choice("objects") ?? objects
    }
}

extension BucketSettings {
    fileprivate init(_ section: SettingsReader) throws {
        try section.allow(["bucket", "prefix", "region", "every", "from", "objects"])
        self.init(bucket: try section.required("bucket"), prefix: try section.text("prefix") ?? "")
        region = try section.text("region")
        every = try section.span("every") ?? every
        objects = try section.choice("objects") ?? objects
        from = try section.parsed("from", as: "a day such as 2026-11-01") { text in
            Instant(iso8601: text + "T00:00:00Z").map { CivilDate(daysSinceEpoch: $0.milliseconds / 86_400_000) }
        }
    }
}

extension DirectorySettings {
    fileprivate init(_ section: SettingsReader) throws {
        try section.allow(["path", "every"])
        self.init(path: try section.required("path"))
        every = try section.span("every") ?? every
    }
}

extension SettingsReader {
    /// A span of a second at least.
    fileprivate func span(_ name: String) throws -> Duration? {
        guard let value = try parsed(name, as: "a span such as 1m", DurationText.parse) else { return nil }
        guard value >= .seconds(1) else { throw fault(name, "must be at least 1s") }
        return value
    }
}
