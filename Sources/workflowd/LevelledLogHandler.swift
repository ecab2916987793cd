import Logging

/// Logs through another handler from the level on that holds at the moment: what is logged changes with the settings, in
/// all copies of the logger.
struct LevelledLogHandler: LogHandler {
    private var handler: any LogHandler
    private let currentLevel: @Sendable () -> Logger.Level
    /// Of this copy alone, once somebody has set it.
    private var ownLevel: Logger.Level?

    init(_ handler: any LogHandler, level: @escaping @Sendable () -> Logger.Level) {
        self.handler = handler
        currentLevel = level
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? currentLevel() }
        set { ownLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { handler.metadata }
        set { handler.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { handler.metadataProvider }
        set { handler.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { handler.log(event: event) }
}
