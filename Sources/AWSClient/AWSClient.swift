package import JSONModel
package import WallTime

/// Calls AWS: any action of the services in `AWSService`, signed, retried within limits, with typed errors.
///
/// A value: copies share connections, credentials and what was learned of AWS's clock.
package struct AWSClient: Sendable {
    package let configuration: AWSConfiguration
    let calls: SignedCalls

    /// `randomFraction` gives a number from 0 up to but not including 1, for the jitter of retries.
    package init(
        configuration: AWSConfiguration, credentials: CredentialProvider, transport: HTTPTransport, clock: WallClock,
        randomFraction: @escaping @Sendable () -> Double
    ) {
        self.configuration = configuration
        calls = SignedCalls(
            credentials: credentials, transport: transport, clock: clock, randomFraction: randomFraction)
    }

    /// The same client for another Region; shares all but that.
    package func moved(to region: String) throws(AWSConfigurationError) -> AWSClient {
        AWSClient(configuration: try configuration.moved(to: region), calls: calls)
    }

    private init(configuration: AWSConfiguration, calls: SignedCalls) {
        self.configuration = configuration
        self.calls = calls
    }

    /// A client that sends no credentials, for the few actions that take none.
    init(
        anonymous configuration: AWSConfiguration, transport: HTTPTransport, clock: WallClock,
        randomFraction: @escaping @Sendable () -> Double
    ) {
        self.configuration = configuration
        calls = SignedCalls(credentials: nil, transport: transport, clock: clock, randomFraction: randomFraction)
    }

    /// Calls one action of a service with the query or a JSON protocol, and returns its result: `{}` when it has none.
    ///
    /// Of query services, parameters and results look as in an SDK: lists are arrays, maps are objects. Retried up to
    /// five times in all; `AWSError.isResultUnknown` tells whether a failed call may have had an effect.
    package func call(
        _ service: String, _ action: String, _ parameters: JSONObject = [:]
    ) async throws(AWSError) -> JSONValue {
        try await exchange(service, action, parameters).result
    }

    /// As `call`, with the answer as it came: for callers that show its headers.
    package func exchange(
        _ service: String, _ action: String, _ parameters: JSONObject = [:]
    ) async throws(AWSError) -> (result: JSONValue, response: HTTPResponse) {
        let known = try self.service(service, action)
        let endpoint = configuration.endpoint(for: known)
        var request = HTTPRequest(method: "POST", url: endpoint.url + "/", timeout: Self.timeout(service, action))
        switch known.wire {
        case .query(let version):
            let fields = QueryForm.fields(of: action, version: version, service: service, parameters)
            request.headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
            request.body = QueryForm.body(fields)
        case .json(let version, let targetPrefix):
            request.headers = [
                ("Content-Type", "application/x-amz-json-\(version)"), ("X-Amz-Target", "\(targetPrefix).\(action)"),
            ]
            request.body = JSONValue.object(parameters).jsonBytes
        case .rest:
            throw Self.invalid(service, action, "\(service) has paths of its own: use send(_:_:_:), or callS3(_:_:).")
        }
        if Self.usesSynchronousHost(service, action), !configuration.isEndpointReplaced(for: known) {
            request.url = request.url.replacing("https://", with: "https://sync-", maxReplacements: 1)
        }
        let response = try await calls.perform(request, known, action, region: endpoint.signingRegion)
        return (try ServiceAnswer(service: known, action: action, response: response).result(), response)
    }

    /// Sends one signed request to a service that has paths of its own (REST), and returns its answer: 2xx always.
    ///
    /// - Parameters:
    ///   - action: The action's name, for errors.
    ///   - path: From the slash on, every segment percent-encoded.
    ///   - query: Not encoded.
    package func send(
        _ service: String, _ action: String, method: String = "GET", path: String,
        query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = [],
        body: [UInt8] = [], timeout: Duration = .seconds(30)
    ) async throws(AWSError) -> HTTPResponse {
        let known = try self.service(service, action)
        guard path.hasPrefix("/") else { throw Self.invalid(service, action, "The path '\(path)' begins without '/'.") }
        let endpoint = configuration.endpoint(for: known)
        let fields = query.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
        let request = HTTPRequest(
            method: method, url: endpoint.url + path + (fields.isEmpty ? "" : "?" + fields.joined(separator: "&")),
            headers: headers, body: body, timeout: timeout)
        return try await calls.perform(request, known, action, region: endpoint.signingRegion)
    }

    func service(_ name: String, _ action: String) throws(AWSError) -> AWSService {
        guard let service = AWSService.named(name) else {
            throw AWSError(
                code: "Client.UnknownService",
                message: "This client does not speak '\(name)'. It knows \(AWSService.names.joined(separator: ", ")).",
                status: nil, service: name, action: action)
        }
        guard !action.isEmpty, action.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            throw Self.invalid(name, action, "'\(action)' is no name of an action.")
        }
        return service
    }

    static func invalid(_ service: String, _ action: String, _ message: String) -> AWSError {
        AWSError(code: "Client.InvalidRequest", message: message, status: nil, service: service, action: action)
    }

    /// 30 seconds, but longer than the service itself waits where it does: activities are polled for up to 60 seconds,
    /// an express execution runs for up to five minutes.
    private static func timeout(_ service: String, _ action: String) -> Duration {
        switch (service, action) {
        case ("states", "GetActivityTask"): .seconds(75)
        case ("states", "StartSyncExecution"): .seconds(330)
        default: .seconds(30)
        }
    }

    /// Step Functions serves two actions from `sync-states.`.
    private static func usesSynchronousHost(_ service: String, _ action: String) -> Bool {
        service == "states" && (action == "StartSyncExecution" || action == "TestState")
    }
}
