package import JSONModel

/// What an S3 operation answers.
package struct S3Answer: Sendable {
    /// The members, as an SDK names them; dates are ISO 8601.
    package var members: JSONObject
    /// The object, where the operation gives one.
    package var body: [UInt8]
}

extension AWSClient {
    /// Calls one operation of S3: those on objects and buckets that `S3Operation` lists.
    ///
    /// - Parameters:
    ///   - parameters: The request's members, as an SDK names them; dates are ISO 8601.
    ///   - body: The object, for the operation that stores one.
    /// - Throws: `AWSError` with S3's code; `Client.InvalidRequest` for members that the operation does not have.
    package func callS3(
        _ action: String, _ parameters: JSONObject, body: [UInt8] = []
    ) async throws(AWSError) -> S3Answer {
        let known = try service("s3", action)
        guard let operation = S3Operation.named(action) else {
            throw Self.invalid(
                "s3", action,
                "This client does not know the operation. It knows \(S3Operation.names.joined(separator: ", ")).")
        }
        let endpoint = configuration.endpoint(for: known)
        let address = S3Address(
            endpoint: endpoint.url, isEndpointReplaced: configuration.isEndpointReplaced(for: known))
        let request: HTTPRequest
        do throws(S3RequestError) {
            request = try S3Request.make(
                operation, parameters, body: body, at: address, region: endpoint.signingRegion)
        } catch {
            throw Self.invalid("s3", action, error.description)
        }
        let response = try await calls.perform(request, known, action, region: endpoint.signingRegion)
        return try answer(of: operation, response, known)
    }

    private func answer(
        of operation: S3Operation, _ response: HTTPResponse, _ service: AWSService
    ) throws(AWSError) -> S3Answer {
        var members = JSONObject()
        for member in operation.answerMembers {
            guard let name = S3Members.headers[member], let text = response.header(name) else { continue }
            members[member] = S3Document.scalar(member, text)
        }
        if operation.givesMetadata { members["Metadata"] = .object(Self.metadata(response)) }
        switch operation.answerBody {
        case .none: break
        case .bytes: return S3Answer(members: members, body: response.body)
        case .document(let member):
            members[member] = .object(try Self.document(response, service, operation))
        case .members:
            for (name, value) in try Self.document(response, service, operation) { members[name] = value }
        }
        return S3Answer(members: members, body: [])
    }

    private static func metadata(_ response: HTTPResponse) -> JSONObject {
        let prefix = "x-amz-meta-"
        return JSONObject(
            response.headers.compactMap { name, value in
                let name = name.lowercased()
                return name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), .string(value)) : nil
            })
    }

    /// Copying may fail after S3 has begun to answer with 200: the document is then an error.
    private static func document(
        _ response: HTTPResponse, _ service: AWSService, _ operation: S3Operation
    ) throws(AWSError) -> JSONObject {
        let answer = ServiceAnswer(service: service, action: operation.name, response: response)
        let root: XMLElement
        do { root = try XMLReader.read(response.body) } catch { throw answer.unreadable("\(error)") }
        guard root.name != "Error" else { throw answer.error() }
        return S3Document.members(root)
    }
}
