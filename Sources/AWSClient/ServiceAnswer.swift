import JSONModel

/// Reads what AWS answers: results, and errors in each of the shapes that its services use.
struct ServiceAnswer {
    let service: AWSService
    let action: String
    let response: HTTPResponse

    /// The result of an action that succeeded, as JSON. Throws for an answer that cannot be read.
    func result() throws(AWSError) -> JSONValue {
        do {
            switch service.wire {
            case .query:
                return QueryAnswer.json(try XMLReader.read(response.body), service: service.name, action: action)
            case .json, .rest:
                return response.body.isEmpty ? [:] : try JSONValue(parsing: response.body)
            }
        } catch {
            throw unreadable("\(error)")
        }
    }

    /// The error of an answer that succeeded and cannot be read.
    func unreadable(_ message: String) -> AWSError {
        AWSError(
            code: "Client.UnreadableAnswer", message: message, status: response.status, service: service.name,
            action: action, requestID: requestID)
    }

    /// The error that an unsuccessful answer reports.
    func error() -> AWSError {
        let (code, message, requestID) = xmlError() ?? jsonError() ?? bodilessError() ?? (nil, nil, nil)
        return AWSError(
            code: code ?? "HTTP.\(response.status)", message: redirection(code) ?? message ?? excerpt,
            status: response.status, service: service.name, action: action, requestID: requestID ?? self.requestID,
            extendedRequestID: response.header("x-amz-id-2"),
            queryCode: response.header("x-amzn-query-error").flatMap { $0.split(separator: ";").first.map(String.init) }
        )
    }

    /// What S3 means by a status alone: its answers to HEAD have no body, and neither has "not modified".
    private func bodilessError() -> (code: String?, message: String?, requestID: String?)? {
        guard service.name == "s3", response.body.isEmpty else { return nil }
        return switch (response.status, action) {
        case (301, _): ("PermanentRedirect", "The bucket is in another region.", nil)
        case (304, _): ("NotModified", "Not Modified", nil)
        case (403, _): ("AccessDenied", "Access Denied", nil)
        case (404, "HeadBucket"): ("NoSuchBucket", "The specified bucket does not exist", nil)
        case (404, _): ("NoSuchKey", "The specified key does not exist.", nil)
        case (412, _): ("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", nil)
        default: nil
        }
    }

    /// The bucket is somewhere else: where, in the words of AWS's SDKs. A signature holds for one region only, so the
    /// call is not repeated there.
    private func redirection(_ code: String?) -> String? {
        guard service.name == "s3", [301, 307, 400].contains(response.status),
            [nil, "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed"].contains(code)
        else { return nil }
        let region = response.header("x-amz-bucket-region") ?? errorDocument?.child("Region")?.text
        return region.map { "The bucket is in this region: \($0). Please use this region to retry the request" }
    }

    private var errorDocument: XMLElement? {
        guard response.body.first == UInt8(ascii: "<") else { return nil }
        // A proxy's page of HTML, most likely: the status and an excerpt say more than the reader's complaint.
        do { return try XMLReader.read(response.body) } catch { return nil }
    }

    private var requestID: String? {
        response.header("x-amzn-requestid") ?? response.header("x-amz-request-id")
            ?? response.header("x-amzn-request-id")
    }

    /// `<ErrorResponse><Error><Code>`, or S3's `<Error><Code>`.
    private func xmlError() -> (code: String?, message: String?, requestID: String?)? {
        guard let root = errorDocument else { return nil }
        let error = root.name == "Error" ? root : root.child("Error") ?? root.child("Errors")?.child("Error")
        guard let error, let code = error.child("Code") else { return nil }
        let requestID = (root.child("RequestId") ?? root.child("RequestID"))?.text
        return (code.text, error.child("Message")?.text ?? "", requestID)
    }

    /// `{"__type": "prefix#Code", "message": …}`, or the code in a header, with a URL after it.
    private func jsonError() -> (code: String?, message: String?, requestID: String?)? {
        var body: JSONValue?
        // The header may name the error all the same; where nothing does, the status and an excerpt are told.
        if response.body.first == UInt8(ascii: "{") {
            do { body = try JSONValue(parsing: response.body) } catch { body = nil }
        }
        let named = response.header("x-amzn-errortype") ?? body?["__type"]?.stringValue ?? body?["code"]?.stringValue
        guard let named else { return nil }
        let afterPrefix = named.split(separator: "#").last ?? ""
        let code = String(afterPrefix.prefix { $0 != ":" })
        guard !code.isEmpty else { return nil }
        let message = body?["message"] ?? body?["Message"] ?? body?["errorMessage"]
        return (code, message?.stringValue ?? "", nil)
    }

    /// The beginning of an answer in no known shape.
    private var excerpt: String {
        let text = String(decoding: response.body.prefix(200), as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.isEmpty ? "an answer without content" : "an answer in no known form: \(words)"
    }
}
