import Budgets
import JSONModel

/// What a record counts: from its envelope first; from the body only what the envelope does not say, above all how much
/// of the cache was written for an hour.
struct InvocationCounts {
    let tokens: TokenCounts
    /// Whether the cache was written and nothing says for how long: without a body, or when its body is kept in S3. All
    /// of it is then counted for five minutes.
    let isCacheSplitUnknown: Bool
    let images: Int64
    /// Whether any count was found.
    let isMetered: Bool
    /// Nil where the body does not tell it, or is not there.
    let latencyMilliseconds: Int64?

    /// - Throws: `InvocationLogError.malformed` for a count that is negative, absurdly large or not a whole number, in
    ///   the envelope, or in the body of a record whose envelope does not say how much came in and went out.
    init(_ json: JSONValue) throws(InvocationLogError) {
        let input = json["input"] ?? .null
        let output = json["output"] ?? .null
        let (toldInput, toldOutput) = (try count("inputTokenCount", input), try count("outputTokenCount", output))
        let made = try count("outputImageCount", output)
        let body: BodyCounts
        do throws(InvocationLogError) {
            body = try BodyCounts(output["outputBodyJson"] ?? .null)
        } catch {
            // A model's own words spoil nothing that Bedrock has counted.
            guard toldInput != nil && toldOutput != nil || made != nil else { throw error }
            body = BodyCounts()
        }

        let inputTokens = toldInput ?? body.input
        let outputTokens = toldOutput ?? body.output
        let written = try count("cacheWriteInputTokenCount", input) ?? body.cacheWrite ?? 0
        // A body that claims more than was written at all is not believed.
        let hour = min(body.cacheWrite1h ?? 0, written)
        tokens = TokenCounts(
            input: inputTokens ?? 0, output: outputTokens ?? 0,
            cacheRead: try count("cacheReadInputTokenCount", input) ?? body.cacheRead ?? 0,
            cacheWrite5m: written - hour, cacheWrite1h: hour)
        isCacheSplitUnknown = written > 0 && body.cacheWrite1h == nil
        images = made ?? body.images ?? 0
        latencyMilliseconds = body.latencyMilliseconds
        isMetered = inputTokens != nil || outputTokens != nil || made != nil || body.images != nil
    }
}

/// Far above any real count, and low enough that sums of counts can't overflow.
let largestCount: Int64 = 1_000_000_000_000

/// A count by name: nil when absent or null.
func count(_ name: String, _ json: JSONValue) throws(InvocationLogError) -> Int64? {
    guard let value = json[name], !value.isNull else { return nil }
    guard let number = value.intValue, (0...largestCount).contains(number) else {
        throw .malformed(name, value.jsonString)
    }
    return number
}
