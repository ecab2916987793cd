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
            throw AWSError(
                code: "Client.UnreadableAnswer", message: "\(error)", status: response.status, service: service.name,
                action: action, requestID: requestID)
        }
    }

    /// The error that an unsuccessful answer reports.
    func error() -> AWSError {
        let (code, message, requestID) = xmlError() ?? jsonError() ?? (nil, nil, nil)
        return AWSError(
            code: code ?? "HTTP.\(response.status)", message: message ?? excerpt, status: response.status,
            service: service.name, action: action, requestID: requestID ?? self.requestID)
    }

    private var requestID: String? {
        response.header("x-amzn-requestid") ?? response.header("x-amz-request-id")
            ?? response.header("x-amzn-request-id")
    }

    /// `<ErrorResponse><Error><Code>`, or S3's `<Error><Code>`.
    private func xmlError() -> (code: String?, message: String?, requestID: String?)? {
        guard response.body.first == UInt8(ascii: "<") else { return nil }
        let root: XMLElement
        do { root = try XMLReader.read(response.body) } catch {
            // A proxy's page of HTML, most likely: the status and an excerpt say more than the reader's complaint.
            return nil
        }
        let error = root.name == "Error" ? root : root.child("Error") ?? root.child("Errors")?.child("Error")
        guard let error, let code = error.child("Code") else { return nil }
        let requestID = (root.child("RequestId") ?? root.child("RequestID"))?.text
        return (code.text, error.child("Message")?.text ?? "", requestID)
    }

    /// `{"__type": "prefix#Code", "message": …}`, or the code in a header, with a URL after it.
    private func jsonError() -> (code: String?, message: String?, requestID: String?)? {
        var body: JSONValue?
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
