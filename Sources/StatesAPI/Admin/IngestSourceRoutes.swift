import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel
import WallTime

extension AdminAPI {
    /// How each ingest source does.
    func addIngestSourceRoutes(to api: Routes) {
        api.get("ingest/sources") { _, _ in
            let overview = try await enforcement.ingestOverview()
            let silent = Dictionary(overview.silent.map { ($0.source.origin.name, $0) }, uniquingKeysWith: { $1 })
            return JSONAnswer([
                "sources": .array(overview.sources.map { .object(rendering.source($0, silent[$0.origin.name])) }),
                "counts": .object(JSONObject(overview.counts.map { ($0.name, .int($0.count)) })),
            ])
        }
    }
}

extension Rendering {
    func source(_ source: IngestSource, _ silent: SilentSource?) -> JSONObject {
        let counts = source.counts
        return [
            "name": .string(source.origin.name), "kind": .string(source.origin.kind.rawValue),
            "detail": .optional(source.origin.detail), "since": .string(source.since.iso8601),
            "lastReceivedAt": .optional(source.lastReceivedAt?.iso8601),
            "lastRecordAt": .optional(source.lastRecordAt?.iso8601), "records": .int(counts.records),
            "charged": .int(counts.recorded), "duplicates": .int(counts.duplicates), "ignored": .int(counts.ignored),
            "unreadable": .int(counts.unreadable), "principalEvents": .int(counts.events),
            "lastErrorAt": .optional(source.lastErrorAt?.iso8601), "lastError": .optional(source.lastError),
            "silentSince": .optional(silent?.since.iso8601),
            "silentWhile": .array((silent?.busy ?? []).map(JSONValue.string)),
        ]
    }
}
