package import Engine
import Foundation
import HTTPTypes
import Hummingbird
import JSONModel
import Logging
import NIOCore
package import WallTime

/// The AWS Step Functions API, version 2016-11-23: `POST /` with `X-Amz-Target: AWSStepFunctions.OPERATION`, AWS JSON
/// 1.0 (`docs/api.md`). Each group of operations has an extension of its own.
package struct WireAPI<Store: ExecutionStore>: Sendable {
    typealias Operation = @Sendable (WireParameters) async throws -> JSONObject

    let engine: Engine<Store>
    let clock: WallClock
    let quotas: WireQuotas
    /// The file in the daemon's folder that a state machine is read from; nil for one that has none there now.
    let fileOfMachine: @Sendable (String) -> String?
    private let storeTrouble = LogLimiter()
    let described = DescribedExecutions()

    package init(
        engine: Engine<Store>, clock: WallClock, quotas: WireQuotas = WireQuotas(),
        fileOfMachine: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.quotas = quotas
        self.fileOfMachine = fileOfMachine
        self.engine = engine
        self.clock = clock
    }

    /// - Parameter target: `X-Amz-Target`.
    func answer(_ target: String, _ body: ByteBuffer, _ context: APIContext) async -> WireAnswer {
        let requestID = RequestID.make()
        var (value, status): (JSONValue, Int)
        do {
            value = .object(try await perform(target, body))
            status = 200
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
        return WireAnswer(
            status: status, requestID: requestID, body: value.jsonBytes, retryAfter: status == 503 ? 2 : nil)
    }

    private func perform(_ target: String, _ body: ByteBuffer) async throws -> JSONObject {
        let service = "AWSStepFunctions."
        guard target.hasPrefix(service), let operation = operation(String(target.dropFirst(service.count))) else {
            throw WireError.unknownOperation
        }
        return try await operation(WireParameters(try Self.parse(body)))
    }

    /// An operation called in this process.
    /// - Parameter actor: whom the audit log names.
    func call(_ name: String, _ parameters: JSONObject, by actor: String) async throws -> JSONObject {
        guard let operation = operation(name) else { throw WireError.unknownOperation }
        return try await operation(WireParameters(parameters, by: actor))
    }

    private static func parse(_ body: ByteBuffer) throws -> JSONObject {
        let bytes = Array(body.readableBytesView)
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
        // Workers and clients call these all the time, the others now and then.
        activityOperation(name) ?? executionOperation(name) ?? stateMachineOperation(name) ?? versionOperation(name)
            ?? mapRunOperation(name) ?? tagOperation(name) ?? testOperation(name)
    }
}

// MARK: - What operations share

extension WireAPI {
    var options: EngineOptions { engine.options }

    /// Who asks, for the audit log. To be asked in the request's own task, not in a transaction.
    func asker(_ parameters: WireParameters) -> String {
        parameters.actor ?? "operator:\(Caller.current?.name ?? "api")"
    }

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
