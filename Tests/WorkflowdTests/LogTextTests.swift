import Engine
import Logging
import Testing

@testable import workflowd

@Suite struct LogTextTests {
    @Test(arguments: [
        ("plain, with Ünïcode and 日本", "plain, with Ünïcode and 日本"),
        ("a.yaml\n2026-11-30T00:00:00Z error: forged", "a.yaml\\n2026-11-30T00:00:00Z error: forged"),
        ("\u{1B}[31mred\r\n\u{9B}2J\t\u{7F}", "\\u{1B}[31mred\\r\\n\\u{009B}2J\\t\\u{7F}"),
    ])
    func controlCharactersAreWrittenOut(_ text: String, _ expected: String) {
        #expect(LogText.escaped(text) == expected)
    }

    /// Whatever an entry repeats: its message, its own metadata at any depth, and the logger's.
    @Test func anEntryIsOneLine() {
        let entries = LockedBox<[String]>([])
        var logger = Logger(label: "test") { _ in LevelledLogHandler(Recorder(entries: entries)) { .info } }
        logger[metadataKey: "own"] = "o\n"
        logger.error(
            "m\n", metadata: ["file": "f\n", "list": ["l\n"], "deep": ["d": .stringConvertible(Convertible())]])
        let entry = entries.withLock { $0.first } ?? ""
        #expect(!entry.contains("\n"))
        // Inside of lists and dictionaries texts are shown as Swift writes them, with each backslash doubled.
        for text in ["m\\n", "o\\n", "f\\n", "l\\\\n", "c\\\\n"] { #expect(entry.contains(text), "\(entry)") }
    }

    private struct Convertible: CustomStringConvertible {
        var description: String { "c\n" }
    }

    private struct Recorder: LogHandler {
        let entries: LockedBox<[String]>
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        init(entries: LockedBox<[String]>) { self.entries = entries }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let texts = [event.message.description] + [metadata, event.metadata ?? [:]].flatMap { $0.map { "\($1)" } }
            entries.withLock { $0.append(texts.joined(separator: " ")) }
        }
    }
}
