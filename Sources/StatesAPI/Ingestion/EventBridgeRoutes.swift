import BedrockUsage
import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel

extension AdminAPI {
    /// `POST /ingest/eventbridge` and `/ingest/eventbridge/SOURCE`: an API destination of EventBridge.
    ///
    /// EventBridge waits five seconds, and tries 401, 429 and 5xx again for up to a day; any other refusal ends in the
    /// rule's dead-letter queue. So an event that can't be read is taken and kept here.
    func addEventBridgeRoutes(to group: RouterGroup<APIContext>) {
        group.post("eventbridge") { request, _ in try await receiveEvent(request, named: "eventbridge") }
        group.post("eventbridge/:source") { request, context in
            try await receiveEvent(request, named: try context.parameter("source"))
        }
    }

    private func receiveEvent(_ request: Request, named name: String) async throws -> JSONAnswer {
        guard IngestOrigin.isName(name) else {
            throw APIError.invalidRequest("a source's name has 1 to 128 of A-Z a-z 0-9 . _ / @ -")
        }
        let bytes = try await request.bytes(upTo: Self.ingestLimit)
        let records = UsageDecoder.decode(bytes, source: name)
        let report = try await enforcement.meter(records, from: IngestOrigin(name: name, kind: .eventBridge))
        wakeDelivery()
        return JSONAnswer(.object(rendering.ingestReport(report, source: name)))
    }
}
