package import AWSClient
package import Interpreter
package import JSONModel

/// Asks Bedrock what an ARN that names no model stands for.
package struct ModelLookup: Sendable {
    private let client: AWSClient

    package init(client: AWSClient) { self.client = client }

    /// The other half of the step `look-up-model`: `{"models": [ARN …]}`, or `{"problem": why not}` when Bedrock has no
    /// answer that asking again would change.
    /// - Throws: `TaskFailure` `Bedrock.CODE` for everything else that AWS answers.
    package func perform(_ input: JSONValue) async throws(TaskFailure) -> JSONValue {
        guard let text = input["modelId"]?.stringValue, let name = BedrockName(text) else {
            return [
                "problem": "Bedrock has no API that tells what it stands for; name a model with workflowctl price name"
            ]
        }
        do {
            let client = try client.inRegion(name.region)
            let response = try await client.send("bedrock", name.action, path: name.path)
            return answer(try parsed(response.body), name)
        } catch let error as AWSError {
            // It was deleted, or was never there: that stays so.
            if ["ResourceNotFoundException", "ValidationException"].contains(error.code) {
                return ["problem": .string("\(error.code): \(error.message)")]
            }
            throw TaskFailure(error: "Bedrock.\(error.code)", cause: Self.cause(error, text))
        } catch let failure as TaskFailure {
            throw failure
        } catch {
            // The name's Region is none that a client can be made for, which stays so.
            return ["problem": .string("\(error)")]
        }
    }

    private func parsed(_ body: [UInt8]) throws(TaskFailure) -> JSONValue {
        do { return try JSONValue(parsing: body) } catch {
            throw TaskFailure(error: "Bedrock.UnreadableAnswer", cause: "Bedrock's answer is not JSON: \(error)")
        }
    }

    private func answer(_ json: JSONValue, _ name: BedrockName) -> JSONValue {
        var models = (json["models"]?.arrayValue ?? []).compactMap { $0["modelArn"] }
        for member in name.members { models += [json[member]].compactMap(\.self) }
        if let fallback = json["fallbackModel"]?["modelArn"] { models.append(fallback) }
        let texts = models.compactMap(\.stringValue).filter { !$0.isEmpty }
        guard !texts.isEmpty else { return ["problem": .string("\(name.action) names no model for it")] }
        return ["models": .array(texts.map(JSONValue.string))]
    }

    private static func cause(_ error: AWSError, _ text: String) -> String {
        let remedy =
            error.code.hasPrefix("AccessDenied")
            ? " Steward's own identity lacks the permission bedrock:\(error.action); docs/pricing.md has all that it needs."
            : ""
        return "\(error.action) of \(text) answered \(error.code): \(error.message).\(remedy)"
    }
}

/// How Bedrock is asked about an ARN.
struct BedrockName: Equatable {
    let region: String
    let action: String
    /// Where the answer names a model, beside `models` and `fallbackModel`.
    let members: [String]
    let path: String

    /// Nil for a kind that Bedrock can't be asked about.
    init?(_ arn: String) {
        let fields = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 6, fields[0] == "arn", fields[2] == "bedrock", !fields[3].isEmpty,
            let slash = fields[5].firstIndex(of: "/")
        else { return nil }
        let place: String
        switch fields[5][..<slash] {
        case "application-inference-profile", "inference-profile":
            (action, place, members) = ("GetInferenceProfile", "inference-profiles", [])
        case "provisioned-model":
            (action, place, members) = (
                "GetProvisionedModelThroughput", "provisioned-model-throughput", ["foundationModelArn"]
            )
        case "custom-model": (action, place, members) = ("GetCustomModel", "custom-models", ["baseModelArn"])
        case "custom-model-deployment":
            (action, place, members) = (
                "GetCustomModelDeployment", "model-customization/custom-model-deployments", ["modelArn"]
            )
        case "prompt-router", "default-prompt-router":
            (action, place, members) = ("GetPromptRouter", "prompt-routers", [])
        default: return nil
        }
        region = fields[3]
        path = "/\(place)/\(percentEncoded(arn))"
    }
}
