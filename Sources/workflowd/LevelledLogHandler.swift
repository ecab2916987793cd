import Logging

/// Logs through another handler from the level on that holds at the moment: what is logged changes with the settings, in
/// all copies of the logger. Each entry is one line, whatever it repeats of what came from outside (`LogText`).
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
        set { handler.metadata = LogText.escaped(newValue) }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { handler.metadataProvider }
        set { handler.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue.map(LogText.escaped) }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = Logger.Message(stringLiteral: LogText.escaped(event.message.description))
        event.metadata = event.metadata.map(LogText.escaped)
        handler.log(event: event)
    }
}

/// Texts of an entry, with control characters written out: a file's name that holds a line break would forge an entry, and one
/// with an escape would steer the terminal of whoever reads.
enum LogText {
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { escaped, scalar in
            if isControl(scalar) {
                escaped += scalar.escaped(asASCII: true)
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
    }

    static func escaped(_ metadata: Logger.Metadata) -> Logger.Metadata { metadata.mapValues(escaped) }

    static func escaped(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value {
        switch value {
        case .string(let text): .string(escaped(text))
        case .stringConvertible(let convertible): .string(escaped(convertible.description))
        case .dictionary(let metadata): .dictionary(escaped(metadata))
        case .array(let values): .array(values.map(escaped))
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
}
