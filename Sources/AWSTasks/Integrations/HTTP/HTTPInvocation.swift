import AWSClient
import Interpreter
import JSONModel

/// The request that the parameters of an `http:invoke` task describe (AWS, "Call HTTPS APIs").
struct HTTPInvocation {
    static let methods: Set<String> = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]

    /// What only the connection, or the client itself, may say.
    private static let reservedHeaders: Set<String> = [
        "authorization", "connection", "content-encoding", "content-length", "host", "max-forwards",
        "proxy-authenticate", "proxy-authorization", "range", "server", "te", "trailer", "transfer-encoding", "upgrade",
        "user-agent", "via", "www-authenticate", "x-forwarded-for",
    ]

    let connectionARN: String
    var method: String
    var url: HTTPURL
    var headers: [(name: String, value: String)]
    var query: [(name: String, value: String)]
    /// Nil without one.
    var body: JSONValue?
    /// Nil for JSON.
    private let form: HTTPForm.ArrayFormat?

    /// - Parameter allowsPlainHTTP: whether the endpoint may be without TLS.
    init(_ input: JSONObject, allowsPlainHTTP: Bool) throws(TaskFailure) {
        guard let endpoint = input["ApiEndpoint"]?.stringValue, let url = HTTPURL(endpoint), !url.hasUserInformation,
            url.scheme == "https" || allowsPlainHTTP
        else { throw Self.fault("ApiEndpoint", "has to be the https:// URL of an API") }
        guard let method = input["Method"]?.stringValue, Self.methods.contains(method) else {
            throw Self.fault("Method", "has to be one of \(Self.methods.sorted().joined(separator: ", "))")
        }
        let connection = input["Authentication"]?["ConnectionArn"] ?? input["InvocationConfig"]?["ConnectionArn"]
        guard let connectionARN = connection?.stringValue else {
            throw Self.fault("Authentication", "has to name a connection by its ConnectionArn")
        }
        self.connectionARN = connectionARN
        self.method = method
        self.url = url
        headers = try Self.pairs(input["Headers"], "Headers")
        if let reserved = headers.first(where: { Self.isReserved($0.name) }) {
            throw Self.fault("Headers", "must not hold '\(reserved.name)'")
        }
        query = try Self.pairs(input["QueryParameters"], "QueryParameters")
        body = input["RequestBody"].flatMap { $0.isNull ? nil : $0 }
        form = try Self.form(input["Transform"])
        if form != nil, body != nil, body?.objectValue == nil {
            throw Self.fault("RequestBody", "has to be an object to be URL-encoded")
        }
    }

    private static func form(_ transform: JSONValue?) throws(TaskFailure) -> HTTPForm.ArrayFormat? {
        switch transform?["RequestBodyEncoding"]?.stringValue ?? "NONE" {
        case "NONE": return nil
        case "URL_ENCODED":
            let name = transform?["RequestEncodingOptions"]?["ArrayFormat"]?.stringValue ?? "INDICES"
            guard let format = HTTPForm.ArrayFormat(rawValue: name) else {
                throw fault("ArrayFormat", "has to be one of BRACKETS, COMMAS, INDICES, NONE, REPEAT")
            }
            return format
        default: throw fault("RequestBodyEncoding", "has to be NONE or URL_ENCODED")
        }
    }

    /// An object of scalars, or of lists of them, which are said one after the other.
    private static func pairs(
        _ value: JSONValue?, _ field: String
    ) throws(TaskFailure) -> [(name: String, value: String)] {
        guard let value, !value.isNull else { return [] }
        guard let object = value.objectValue else { throw fault(field, "has to be an object") }
        var pairs: [(name: String, value: String)] = []
        for (name, value) in object {
            for value in value.arrayValue ?? [value] where !value.isNull { pairs.append((name, HTTPForm.text(value))) }
        }
        return pairs
    }

    private static func isReserved(_ header: String) -> Bool {
        let name = header.lowercased()
        return reservedHeaders.contains(name) || name.hasPrefix("x-amz")
    }

    private static func fault(_ field: String, _ problem: String) -> TaskFailure {
        TaskFailure(error: "States.Runtime", cause: "The field '\(field)' of an HTTP Task \(problem).")
    }

    /// The whole request; a header of the connection replaces one of the task.
    func request(userAgent: String, refusesLocalAddresses: Bool) -> HTTPRequest {
        var url = url
        let fields = query.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
        let all = (url.query.map { $0.isEmpty ? [] : [$0] } ?? []) + fields
        url.query = all.isEmpty ? nil : all.joined(separator: "&")
        if url.path.isEmpty { url.path = "/" }

        var headers = headers + [("User-Agent", userAgent), ("Range", "bytes=0-262144")]
        var bytes: [UInt8] = []
        if let body {
            let type = headers.first { $0.name.lowercased() == "content-type" }?.value
            if type == nil {
                headers.append(
                    ("Content-Type", form == nil ? "application/json" : "application/x-www-form-urlencoded"))
            }
            bytes = content(of: body, isJSON: type?.contains("json") ?? true)
        }
        return HTTPRequest(
            method: method, url: url.text, headers: headers, body: bytes, timeout: HTTPIntegration.timeout,
            refusesLocalAddresses: refusesLocalAddresses)
    }

    private func content(of body: JSONValue, isJSON: Bool) -> [UInt8] {
        if let form { return Array(HTTPForm.text(body.objectValue ?? [:], arrays: form).utf8) }
        if !isJSON, let text = body.stringValue { return Array(text.utf8) }
        return body.jsonBytes
    }
}
