package import Engine
import Foundation
import HTTPTypes
package import Hummingbird
import JSONModel
import Logging
package import WallTime

/// The AWS Step Functions API, version 2016-11-23: `POST /` with `X-Amz-Target: AWSStepFunctions.OPERATION`, AWS JSON
/// 1.0 (`docs/api.md`). Each group of operations has an extension of its own.
package struct WireAPI<Store: ExecutionStore>: Sendable {
    typealias Operation = @Sendable (WireParameters) async throws -> JSONObject

    /// Largest body: a definition of 1 MiB, escaped, with room to spare.
    private static var bodyLimit: Int { 8 << 20 }

    let engine: Engine<Store>
    let clock: WallClock
    let quotas: WireQuotas
    private let storeTrouble = LogLimiter()

    package init(engine: Engine<Store>, clock: WallClock, quotas: WireQuotas = WireQuotas()) {
        self.quotas = quotas
        self.engine = engine
        self.clock = clock
    }

    package func addRoutes(to router: Router<APIContext>) {
        router.post("/") { request, context in await answer(request, context) }
    }

    private func answer(_ request: Request, _ context: some RequestContext) async -> Response {
        let requestID = RequestID.make()
        let target = HTTPField.Name("X-Amz-Target").flatMap { request.headers[$0] } ?? ""
        var (value, status): (JSONValue, Int)
        do {
            (value, status) = (.object(try await perform(target, request)), 200)
        } catch {
            let refusal = WireError(error)
            (value, status) = (refusal.json, refusal.status)
            // A store that refuses refuses everybody: its own line says why.
            if status >= 500, !(error is StoreError) || storeTrouble.admit(at: clock.now()) != nil {
                context.logger.error(
                    "request failed",
                    metadata: ["target": "\(target)", "requestId": "\(requestID)", "error": "\(error)"])
            }
        }
        var headers: HTTPFields = [.contentType: "application/x-amz-json-1.0", .cacheControl: "no-store"]
        if let name = HTTPField.Name("x-amzn-RequestId") { headers[name] = requestID }
        if status == 503 { headers[.retryAfter] = "2" }
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: value.jsonBytes)))
    }

    private func perform(_ target: String, _ request: Request) async throws -> JSONObject {
        let service = "AWSStepFunctions."
        guard target.hasPrefix(service), let operation = operation(String(target.dropFirst(service.count))) else {
            throw WireError.unknownOperation
        }
        return try await operation(WireParameters(try await Self.body(of: request)))
    }

    /// An operation called in this process.
    func call(_ name: String, _ parameters: JSONObject) async throws -> JSONObject {
        guard let operation = operation(name) else { throw WireError.unknownOperation }
        return try await operation(WireParameters(parameters))
    }

    private static func body(of request: Request) async throws -> JSONObject {
        let bytes: [UInt8]
        do {
            bytes = try await request.bytes(upTo: bodyLimit)
        } catch {
            throw WireError("RequestEntityTooLarge", "Request body is larger than \(bodyLimit) bytes", status: 413)
        }
        let value: JSONValue
        do {
            value = try bytes.isEmpty ? [:] : JSONValue(parsing: bytes)
        } catch {
            throw WireError.serialization("The body is not valid JSON: \(error.message)")
        }
        guard let object = value.objectValue else {
            throw WireError.serialization("Start of structure or map found where not expected.")
        }
        return object
    }

    private func operation(_ name: String) -> Operation? {
        stateMachineOperation(name) ?? versionOperation(name) ?? executionOperation(name) ?? activityOperation(name)
            ?? mapRunOperation(name) ?? tagOperation(name) ?? testOperation(name)
    }
}

// MARK: - What operations share

extension WireAPI {
    var options: EngineOptions { engine.options }

    func arn(_ kind: String, _ rest: String) -> String {
        "arn:aws:states:\(options.region):\(options.account):\(kind):\(rest)"
    }

    func machineARN(_ name: String) -> String { arn("stateMachine", name) }

    /// Whether the ARN is of this account and region; nothing is found under any other.
    func isLocal(_ arn: WireARN) -> Bool { arn.region == options.region && arn.account == options.account }

    /// `maxResults`, where 0 is the same as none given (100).
    static func pageSize(_ parameters: WireParameters) -> Int {
        let size = parameters.integer("maxResults", in: 0...1000) ?? 0
        return size == 0 ? 100 : Int(size)
    }
}

extension JSONValue {
    /// An instant as AWS JSON gives it: seconds since 1970 with milliseconds.
    static func timestamp(_ instant: Instant) -> JSONValue { .double(Double(instant.milliseconds) / 1000) }

    /// A text that holds JSON.
    static func text(_ value: JSONValue) -> JSONValue { .string(value.jsonString) }
}
