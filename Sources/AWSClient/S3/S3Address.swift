/// Where a bucket or an object is, as a URL.
///
/// AWS's own endpoint takes the bucket in the host's name where it can be one. A bucket whose name has dots would not
/// fit the certificate, and another endpoint may be an address: there it stands at the beginning of the path.
struct S3Address {
    /// S3's endpoint: scheme and host, or more where it was replaced.
    let endpoint: String
    let isEndpointReplaced: Bool

    /// Throws the reason why there is no such URL.
    func url(bucket: String?, key: String?) throws(S3AddressError) -> String {
        guard let bucket else { return endpoint + "/" }
        guard Self.isName(bucket) else { throw .bucket(bucket) }
        let path = try key.map { key throws(S3AddressError) -> String in
            guard !key.isEmpty else { throw .key }
            return percentEncoded(key, keepingSlashes: true)
        }
        if !isEndpointReplaced, Self.isHostLabel(bucket), let scheme = endpoint.firstRange(of: "://") {
            return "\(endpoint[..<scheme.upperBound])\(bucket).\(endpoint[scheme.upperBound...])/\(path ?? "")"
        }
        return "\(endpoint)/\(bucket)" + (path.map { "/\($0)" } ?? "")
    }

    /// What S3 has ever taken as a bucket's name, so that nothing else gets into a host or a path.
    private static func isName(_ bucket: String) -> Bool {
        (3...255).contains(bucket.utf8.count) && bucket.utf8.first.map(isAlphanumeric) == true
            && bucket.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    private static func isHostLabel(_ bucket: String) -> Bool {
        bucket.utf8.count <= 63 && bucket.utf8.last.map(isAlphanumeric) == true
            && bucket.utf8.allSatisfy { (isAlphanumeric($0) && !(0x41...0x5A).contains($0)) || $0 == 0x2D }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || byte | 0x20 &- 0x61 < 26 }
}

enum S3AddressError: Error, CustomStringConvertible {
    case bucket(String)
    case key

    var description: String {
        switch self {
        case .bucket(let name) where name.hasPrefix("arn:"):
            "'\(name)' is an ARN. Name the bucket, or the alias of the access point."
        case .bucket(let name): "'\(name)' is no name of an S3 bucket."
        case .key: "The key of the object is empty."
        }
    }
}
