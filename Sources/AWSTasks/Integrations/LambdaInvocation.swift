import AWSClient
import Interpreter
import JSONModel

/// Lambda's Invoke, by its three names: `lambda:invoke`, a function's ARN as the resource, and `aws-sdk:lambda:invoke`.
struct LambdaInvocation {
    let client: AWSClient

    /// A function runs for at most 15 minutes.
    private static let timeout: Duration = .seconds(910)

    /// Members that travel in headers.
    private static let headers = [
        ("InvocationType", "X-Amz-Invocation-Type"), ("LogType", "X-Amz-Log-Type"),
        ("ClientContext", "X-Amz-Client-Context"), ("TenantId", "X-Amz-Tenant-Id"),
        ("DurableExecutionName", "X-Amz-Durable-Execution-Name"),
    ]

    /// A function's ARN as the resource: the input is the payload, and the payload that comes back the result.
    func call(functionARN: String, _ input: JSONValue) async throws(TaskFailure) -> JSONValue {
        let response: HTTPResponse
        do { response = try await invoke(["FunctionName": .string(functionARN)], payload: input.jsonBytes) } catch {
            throw TaskFailure(optimised: error, .lambda)
        }
        return try payload(of: response)
    }

    /// `lambda:invoke`.
    func perform(_ input: JSONObject) async throws(TaskFailure) -> JSONValue {
        let response: HTTPResponse
        do { response = try await invoke(input, payload: Self.request(input["Payload"])) } catch {
            throw TaskFailure(optimised: error, .lambda)
        }
        var output = Self.members(response)
        output["Payload"] = try payload(of: response)
        return OptimisedService.output(output, response)
    }

    /// `aws-sdk:lambda:invoke`: the payload comes back as text, and a function that failed is an answer like others.
    func performSDK(_ input: JSONObject) async throws(AWSError) -> JSONValue {
        let response = try await invoke(input, payload: Self.request(input["Payload"]))
        var output = Self.members(response)
        output["FunctionError"] = response.header("x-amz-function-error").map(JSONValue.string)
        if !response.body.isEmpty { output["Payload"] = .string(String(decoding: response.body, as: UTF8.self)) }
        return OptimisedService.sorted(.object(output))
    }

    private func invoke(_ input: JSONObject, payload: [UInt8]) async throws(AWSError) -> HTTPResponse {
        guard let name = input["FunctionName"]?.stringValue, !name.isEmpty else {
            throw AWSError(
                code: "Client.InvalidRequest", message: "The field 'FunctionName' is required but was missing",
                status: nil, service: "lambda", action: "Invoke")
        }
        var headers: [(name: String, value: String)] = [("Content-Type", "application/json")]
        for (member, header) in Self.headers {
            if let value = input[member]?.stringValue { headers.append((header, value)) }
        }
        let query = input["Qualifier"]?.stringValue.map { [(name: "Qualifier", value: $0)] } ?? []
        return try await client.send(
            "lambda", "Invoke", method: "POST", path: "/2015-03-31/functions/\(percentEncoded(name))/invocations",
            query: query, headers: headers, body: payload, timeout: Self.timeout)
    }

    private static func members(_ response: HTTPResponse) -> JSONObject {
        var members: JSONObject = ["StatusCode": .int(Int64(response.status))]
        members["ExecutedVersion"] = response.header("x-amz-executed-version").map(JSONValue.string)
        members["LogResult"] = response.header("x-amz-log-result").map(JSONValue.string)
        return members
    }

    /// A text that is JSON is sent as it is, none at all as an empty object, everything else as its JSON.
    private static func request(_ payload: JSONValue?) -> [UInt8] {
        guard let payload, !payload.isNull else { return Array("{}".utf8) }
        guard let text = payload.stringValue else { return payload.jsonBytes }
        return parsed(Array(text.utf8)) == nil ? payload.jsonBytes : Array(text.utf8)
    }

    /// What the function returned; what is not JSON is a text.
    /// - Throws: what the function failed with, under the name that it gave.
    private func payload(of response: HTTPResponse) throws(TaskFailure) -> JSONValue {
        let payload = Self.parsed(response.body) ?? .string(String(decoding: response.body, as: UTF8.self))
        guard response.header("x-amz-function-error") == nil else { throw TaskFailure(ofFunction: payload) }
        return payload
    }

    /// Nil for what is not JSON, which functions may return and states may give.
    private static func parsed(_ bytes: [UInt8]) -> JSONValue? {
        do { return try JSONValue(parsing: bytes) } catch { return nil }
    }
}

extension TaskFailure {
    /// What a function failed with; the cause is what it returned, as AWS writes JSON.
    fileprivate init(ofFunction payload: JSONValue) {
        let text = payload.stringValue ?? payload.jsonString
        if let type = payload["errorType"]?.stringValue, !type.isEmpty {
            self.init(error: type, cause: text)
        } else {
            self.init(
                error: "Lambda.Unknown",
                cause: "The cause could not be determined because Lambda did not return an error type. "
                    + "Returned payload: \(text)")
        }
    }
}
