import Engine
import Enforcement
import Foundation
import HTTPTypes
import Hummingbird
import JSONModel
import Logging
import NIOCore
import WallTime

extension AdminAPI {
    /// `POST /ingest/firehose` and `/ingest/firehose/SOURCE`, which name the ingest source.
    func addFirehoseRoutes(to group: RouterGroup<APIContext>) {
        group.post("firehose") { request, context in await receive(request, named: nil, context) }
        group.post("firehose/:source") { request, context in
            await receive(request, named: context.parameters.get("source")?.removingPercentEncoding, context)
        }
    }

    /// Takes a delivery in one transaction, and acknowledges it once that is durable. Whatever goes wrong is said in
    /// Firehose's own shape: any other answer is a failure whose reason nobody would see.
    private func receive(_ request: Request, named name: String?, _ context: APIContext) async -> Response {
        let id = request.firehoseRequestID
        do {
            let delivery = try await delivery(request)
            let origin = IngestOrigin(
                name: try sourceName(name, request), kind: .firehose, detail: request.headers[.firehoseSource])
            _ = try await enforcement.meter(delivery.usage(source: origin.name), from: origin)
            wakeDelivery()
            return FirehoseAnswer(requestID: delivery.requestID, status: 200).response(at: engine.now)
        } catch let fault as FirehoseFault {
            context.logger.warning("a Firehose delivery was refused", metadata: ["reason": "\(fault)"])
            return FirehoseAnswer(requestID: id, status: 400, error: fault.description).response(at: engine.now)
        } catch {
            let refusal = APIError(error)
            // What may succeed later is never refused for good.
            let status = refusal.status.code >= 500 ? 503 : refusal.status.code
            if status == 503 {
                context.logger.error("a Firehose delivery was not taken", metadata: ["error": "\(error)"])
            }
            let answer = FirehoseAnswer(requestID: id, status: status, error: refusal.message)
            var response = answer.response(at: engine.now)
            if status == 503 { response.headers[.retryAfter] = "2" }
            return response
        }
    }

    private func delivery(_ request: Request) async throws -> FirehoseDelivery {
        if let version = request.headers[.firehoseProtocol], version != "1.0" {
            throw FirehoseFault("the protocol version \(version.prefix(20)) is not known here; 1.0 is")
        }
        let encoding = request.headers[.contentEncoding]?.lowercased() ?? "identity"
        guard ["identity", "gzip", ""].contains(encoding) else {
            throw FirehoseFault("the content encoding \(encoding.prefix(20)) is not known here; gzip is")
        }
        return try FirehoseDelivery(
            body: try await request.bytes(upTo: Self.ingestLimit), isCompressed: encoding == "gzip",
            headerID: request.headers[.firehoseRequestID])
    }

    /// The path's name; else the common attribute `source` of the delivery stream.
    private func sourceName(_ path: String?, _ request: Request) throws -> String {
        let attribute = request.headers[.firehoseAttributes].flatMap { text -> String? in
            // Attributes are whatever somebody typed into the console: without one, the source has its plain name.
            (try? JSONValue(parsing: Array(text.utf8)))?["commonAttributes"]?["source"]?.stringValue
        }
        let name = path ?? attribute ?? "firehose"
        guard IngestOrigin.isName(name) else {
            throw FirehoseFault("a source's name has 1 to 128 of A-Z a-z 0-9 . _ / @ -")
        }
        return name
    }
}

/// What Firehose waits for: its request's id and a time; an error besides, unless the status is 200.
struct FirehoseAnswer {
    var requestID: String
    var status: Int
    var error: String?

    /// What Firehose reads of an error.
    private static let longestError = 8192

    init(requestID: String, status: Int, error: String? = nil) {
        self.requestID = requestID
        self.status = status
        self.error = error
    }

    /// - Parameter now: by the daemon's clock.
    func response(at now: Instant) -> Response {
        var object: JSONObject = ["requestId": .string(requestID), "timestamp": .int(now.milliseconds)]
        if let error { object["errorMessage"] = .string(String(error.prefix(Self.longestError))) }
        return Response(
            status: HTTPResponse.Status(code: status),
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: JSONValue.object(object).jsonBytes)))
    }
}

extension Request {
    /// Echoed in every answer; empty when the request has none.
    var firehoseRequestID: String { String((headers[.firehoseRequestID] ?? "").prefix(256)) }
}

extension IngestOrigin {
    static func isName(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z0-9._\/@-]{1,128}/) != nil }
}
