package import Budgets
package import JSONModel
import WallTime

extension UsageEvent {
    /// The use as a record of a model invocation log, without what was asked and answered: taken in again, it is the
    /// same use. What can't be charged is kept so, since a batch that kept the bytes of all its records would not fit.
    package var logRecord: JSONValue {
        // Wrong where they don't fit, and then nothing else of the use is right either.
        let written = tokens.cacheWrite5m &+ tokens.cacheWrite1h
        var input: JSONObject = [:]
        var output: JSONObject = [:]
        if isMetered {
            input["inputTokenCount"] = .int(tokens.input)
            output["outputTokenCount"] = .int(tokens.output)
        }
        if tokens.cacheRead != 0 { input["cacheReadInputTokenCount"] = .int(tokens.cacheRead) }
        if written != 0 { input["cacheWriteInputTokenCount"] = .int(written) }
        if images != 0 { output["outputImageCount"] = .int(images) }
        let body = answerBody(written: written)
        if !body.isEmpty { output["outputBodyJson"] = .object(body) }
        var record: JSONObject = [
            "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": .string(at.iso8601),
            "accountId": .string(key.account), "region": .string(key.region), "requestId": .string(key.requestID),
            "operation": .string(operation), "modelId": .string(model.text),
            "identity": ["arn": .string(principal.recordedARN)],
        ]
        if let errorCode { record["errorCode"] = .string(errorCode) }
        record["input"] = .object(input)
        record["output"] = .object(output)
        return .object(record)
    }

    /// What only a body tells: the tier that served, for how long the cache was written, and how long it took.
    private func answerBody(written: Int64) -> JSONObject {
        var body: JSONObject = [:]
        switch tier {
        case .standard, .batch: break
        case .flex, .priority: body["serviceTier"] = ["type": .string(tier.rawValue)]
        case .optimized: body["performanceConfig"] = ["latency": .string(tier.rawValue)]
        }
        if written != 0, !isCacheSplitUnknown {
            body["usage"] = ["cacheDetails": [["ttl": "1h", "inputTokens": .int(tokens.cacheWrite1h)]]]
        }
        if let latencyMilliseconds { body["metrics"] = ["latencyMs": .int(latencyMilliseconds)] }
        return body
    }
}

extension Principal {
    /// The ARN that a record names: that of the session where it is known.
    fileprivate var recordedARN: String {
        guard id.kind == .role, let session else { return arn }
        return "arn:\(partition):sts::\(id.account):assumed-role/\(id.name)/\(session)"
    }
}
