package import WallTime

/// Signs requests with AWS Signature Version 4 (`AWS4-HMAC-SHA256`), in the `Authorization` header.
package struct RequestSigner: Sendable {
    /// What a proxy or the transport may change on the way, and therefore no signature covers.
    private static let unsignedHeaders: Set<String> = [
        "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
    ]

    /// The name a service signs under, such as `iam`; not always that of its host.
    package let service: String
    package let region: String

    package init(service: String, region: String) {
        self.service = service
        self.region = region
    }

    /// The request with its signature, and with path and query in the form that was signed: send it unchanged.
    /// Nil when its URL is no http or https URL.
    package func signed(_ request: HTTPRequest, with credentials: AWSCredentials, at now: Instant) -> HTTPRequest? {
        guard var url = HTTPURL(asciiURL(request.url)) else { return nil }
        url.path = url.path.isEmpty ? "/" : wirePath(url.path)
        url.query = url.query.map(Self.canonicalQuery)
        let time = Self.timestamp(now)
        let payload = hexadecimal(sha256(request.body))

        var signed = request
        signed.url = url.text
        signed.headers.removeAll {
            ["authorization", "x-amz-date", "x-amz-security-token"].contains($0.name.lowercased())
        }
        signed.headers.append(("X-Amz-Date", time))
        if let token = credentials.sessionToken { signed.headers.append(("X-Amz-Security-Token", token)) }
        if isObjectStorage { signed.headers.append(("X-Amz-Content-SHA256", payload)) }

        let headers = Self.canonicalHeaders(signed.headers, host: url.authority)
        let names = headers.map(\.name).joined(separator: ";")
        let canonical = [
            request.method, canonicalPath(url.path), url.query ?? "",
            headers.map { "\($0.name):\($0.value)\n" }.joined(), names, payload,
        ].joined(separator: "\n")
        let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
        let message = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(hexadecimal(sha256(canonical.utf8)))"
        let key = signingKey(credentials.secretAccessKey, day: String(time.prefix(8)))
        let signature = hexadecimal(hmacSHA256(key: key, message.utf8))
        signed.headers.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
                    + "Signature=\(signature)"
            ))
        return signed
    }

    /// S3 takes a path as it is and wants the digest of the body in a header of its own.
    private var isObjectStorage: Bool { service == "s3" }

    private func signingKey(_ secret: String, day: String) -> [UInt8] {
        var key = Array("AWS4\(secret)".utf8)
        for part in [day, region, service, "aws4_request"] { key = hmacSHA256(key: key, part.utf8) }
        return key
    }

    /// All services but S3 resolve dots and double slashes, and encode what is encoded once more.
    private func canonicalPath(_ path: String) -> String {
        if isObjectStorage { return path }
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment != ".." {
                segments.append(segment)
            } else if !segments.isEmpty {
                segments.removeLast()
            }
        }
        let ending = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return percentEncoded("/" + segments.joined(separator: "/") + ending, keepingSlashes: true)
    }

    /// Names and values encoded one way, sorted by both as encoded; `acl` becomes `acl=`.
    package static func canonicalQuery(_ query: String) -> String {
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (reencoded(parts[0]), parts.count > 1 ? reencoded(parts[1]) : "")
        }
        return pairs.sorted { precedes($0, $1) }.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    private static func reencoded(_ text: Substring) -> String { percentEncoded(bytes: percentDecodedBytes(text)) }

    /// Swift compares strings by Unicode's canonical equivalence; a signature wants their bytes in order.
    private static func precedes(_ left: (String, String), _ right: (String, String)) -> Bool {
        left.0 == right.0
            ? left.1.utf8.lexicographicallyPrecedes(right.1.utf8) : left.0.utf8.lexicographicallyPrecedes(right.0.utf8)
    }

    private static func canonicalHeaders(
        _ headers: [(name: String, value: String)], host: String
    ) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for (name, value) in headers {
            let name = name.lowercased()
            guard !unsignedHeaders.contains(name) else { continue }
            let words = value.split { $0 == " " || $0 == "\t" }
            values[name, default: []].append(words.joined(separator: " "))
        }
        if values["host"] == nil { values["host"] = [host] }
        return values.map { (name: $0.key, value: $0.value.joined(separator: ",")) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// `20261123T091200Z`.
    package static func timestamp(_ now: Instant) -> String {
        now.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }
}
