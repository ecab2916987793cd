import Foundation
import Interpreter
import JSONModel
import StatesLanguage
import Testing
import WallTime

/// Histories recorded from AWS: the same definition with the same task results gives the same events.
@Suite struct RecordedHistoryTests {
    struct Recording {
        let id: String
        let definition: JSONValue
        let events: [JSONValue]
        /// Predecessors that AWS gives now one way and now another, by place; nil stands for all of them.
        let unsteady: [Int?]
    }

    /// Histories that have to match with types, numbers, predecessors and details.
    static let floor = 222

    static let directory = ASLConformanceTests.file.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "api")

    static var isPresent: Bool { FileManager.default.fileExists(atPath: directory.path) }

    /// Cases with one definition and one history, whose numbers are not masked.
    static func recordings() throws -> [Recording] {
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "jsonl" }.sorted { $0.path < $1.path }.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
                let value = try JSONValue(parsing: String(line))
                let histories = (value["expected"]?.objectValue?.values ?? []).compactMap { $0["events"]?.arrayValue }
                guard let definitions = value["definitions"]?.arrayValue, definitions.count == 1,
                    histories.count == 1, let events = histories.first, let id = value["id"]?.stringValue,
                    events.allSatisfy({ $0["id"]?.intValue != nil && $0["previousEventId"]?.intValue != nil })
                else { return nil }
                return Recording(
                    id: id, definition: definitions[0], events: events,
                    unsteady: (value["skip_paths"]?.arrayValue ?? []).compactMap(\.stringValue).compactMap(unsteady))
            }
        }
    }

    /// `$..previousEventId`, or `$..events[8].previousEventId` for one of them.
    private static func unsteady(_ path: String) -> Int?? {
        guard path.hasSuffix("previousEventId") else { return nil }
        return .some(path.firstMatch(of: /events\[(\d+)\]/).flatMap { Int($0.1) })
    }

    @Test(.enabled(if: isPresent)) func historiesAreAsOnAWS() throws {
        let recordings = try Self.recordings()

        let results = recordings.map { ($0.id, Self.difference($0)) }

        let failures = results.compactMap { id, difference in difference.map { "\(id): \($0)" } }
        print(failures.joined(separator: "\n"))
        print("recorded histories: \(results.count - failures.count) of \(results.count)")
        #expect(results.count - failures.count >= Self.floor)
    }

    /// The first difference; nil when there is none.
    static func difference(_ recording: Recording) -> String? {
        let reading = StateMachineReader.read(json: filled(recording.definition))
        guard let machine = reading.machine else { return "not accepted: \(reading.diagnostics.map(\.message))" }
        var answers = Answers(recording.events)
        guard let first = recording.events.first?.details?["input"] else { return "no start" }
        do {
            let run = try VirtualRun.run(machine, input: plain(first)) { answers.next(for: $0) }
            return compare(HistoryEvent.awsHistory(run.history), recording)
        } catch {
            return "\(error)"
        }
    }

    /// The definition with what a run of the recorded test puts into it.
    static func filled(_ definition: JSONValue) -> JSONValue {
        var text = definition.jsonString
        for (place, value) in [
            ("@{region}@", "us-east-1"), ("@{account}@", "000000000000"), ("@{uid:1}@", "1"), ("@{uid:2}@", "2"),
            ("@{r1.activityArn}@", "arn:aws:states:us-east-1:000000000000:activity:worker"),
        ] {
            text = text.replacing(place, with: value)
        }
        return (try? JSONValue(parsing: text)) ?? definition
    }

    static func compare(_ ours: [JSONValue], _ recording: Recording) -> String? {
        let theirs = recording.events
        for (place, (our, their)) in zip(ours, theirs).enumerated() {
            for key in ["id", "previousEventId", "type"] where our[key] != their[key] {
                if key == "previousEventId", recording.unsteady.contains(where: { $0 == nil || $0 == place }) {
                    continue
                }
                return "event \(their["id"] ?? .null) has \(key) \(our[key] ?? .null) instead of \(their[key] ?? .null)"
            }
            guard let details = their.details else { continue }
            for (key, value) in details where !isMasked(value) {
                guard let our = our.details?[key] else { return "event \(their["id"] ?? .null) lacks \(key)" }
                if plain(our) != plain(value), !isMasked(our) {
                    return "event \(their["id"] ?? .null) has \(key) \(our) instead of \(value)"
                }
            }
        }
        return ours.count == theirs.count ? nil : "\(ours.count) events instead of \(theirs.count)"
    }

    /// Payloads are strings on the wire; recordings hold objects parsed, other values as strings.
    static func plain(_ value: JSONValue) -> JSONValue {
        if let object = value.objectValue { return .object(JSONObject(object.map { ($0, plain($1)) })) }
        guard let text = value.stringValue else { return value }
        return (try? JSONValue(parsing: text)) ?? value
    }

    /// What the recording replaced by a placeholder.
    static func isMasked(_ value: JSONValue) -> Bool {
        let text = value.jsonString
        return ["<", "uuid", "SdkHttpMetadata", "_arn", "arn:", "date", "timestamp", "lambda_function", "token"]
            .contains { text.contains($0) }
    }
}

/// What the recorded workers answered, by task state in order.
struct Answers {
    private var results: [Result<JSONValue, TaskFailure>?] = []
    /// What a distributed Map read or wrote is not in its history: what it came to is.
    private var ofMaps: Result<JSONValue, TaskFailure>?

    init(_ events: [JSONValue]) {
        for event in events {
            guard let details = event.details else { continue }
            switch event["type"]?.stringValue {
            case "MapStateExited": ofMaps = .success(RecordedHistoryTests.plain(details["output"] ?? .null))
            case "MapRunFailed":
                ofMaps = .failure(
                    TaskFailure(
                        error: details["error"]?.stringValue ?? "", cause: details["cause"]?.stringValue ?? ""))
            default: break
            }
        }
        for event in events {
            let type = event["type"]?.stringValue ?? ""
            let details = event.details
            if type.hasSuffix("StateExited") || type.hasSuffix("StateEntered") || type.hasPrefix("Map")
                || type.hasPrefix("Parallel") || type.hasPrefix("Execution") || type.hasPrefix("Evaluation")
            {
                continue
            }
            if type.hasSuffix("Succeeded") {
                results.append(.success(RecordedHistoryTests.plain(details?["output"] ?? .null)))
            } else if type.hasSuffix("Failed") {
                let cause = details?["cause"] ?? ""
                results.append(
                    .failure(
                        TaskFailure(
                            error: details?["error"]?.stringValue ?? "", cause: cause.stringValue ?? cause.jsonString)))
            } else if type.hasSuffix("TimedOut") {
                results.append(nil)
            }
        }
    }

    mutating func next(for order: TaskOrder) -> Result<JSONValue, TaskFailure>? {
        if order.resource.text.hasPrefix("arn:aws:states:::s3:") {
            return ofMaps.map { $0.map(Answers.unbatched) }
        }
        return results.isEmpty ? nil : results.removeFirst()
    }
}

extension Answers {
    /// The items in the results of a Map that passes its batches on.
    fileprivate static func unbatched(_ output: JSONValue) -> JSONValue {
        guard let results = output.arrayValue else { return output }
        return .array(results.flatMap { result in result["Items"]?.arrayValue ?? [result] })
    }
}

extension JSONValue {
    fileprivate var details: JSONObject? {
        guard let object = objectValue, let key = object.keys.first(where: { $0.hasSuffix("EventDetails") }) else {
            return nil
        }
        return object[key]?.objectValue
    }
}
