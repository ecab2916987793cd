import AWSClient
import Foundation
import WallTime

/// What an AWS Signature Version 4 covers of a request, as it came in.
struct SignedRequest {
    var method: String
    /// Percent-encoded, as on the request's first line.
    var path: String
    /// Percent-encoded, without the question mark.
    var query: String
    /// In the order in which they came; `host` among them.
    var headers: [(name: String, value: String)]
    /// The SHA-256 digest of the body, in hexadecimal.
    var bodyDigest: String

    /// The values of a header in their order, with commas between them and spaces squeezed; nil when it is not there.
    func header(_ name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name }.map { field in
            field.value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        }
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    /// AWS's canonical request (task 1 of the specification), over the headers that were signed.
    func canonical(signedHeaders: [String]) -> String {
        var lines = [method, canonicalPath, RequestSigner.canonicalQuery(query)]
        lines += signedHeaders.map { "\($0):\(header($0) ?? "")" }
        return (lines + ["", signedHeaders.joined(separator: ";"), bodyDigest]).joined(separator: "\n")
    }

    /// Dots and double slashes resolved, what is encoded encoded once more: as for every service but S3.
    private var canonicalPath: String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let ending = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return percentEncoded("/" + segments.joined(separator: "/") + ending, keepingSlashes: true)
    }
}

/// The `Authorization` header of a signed request.
struct SignatureHeader {
    static let algorithm = "AWS4-HMAC-SHA256"

    var keyID: String
    /// `20261126`.
    var day: String
    var region: String
    var service: String
    var terminator: String
    var signedHeaders: [String]
    var signature: String

    var scope: String { "\(day)/\(region)/\(service)/\(terminator)" }

    /// - Throws: what AWS says of a header that lacks a part.
    init(_ text: String, hasDate: Bool) throws(Refusal) {
        let words = text.split(separator: " ", maxSplits: 1)
        guard words.first.map(String.init) == Self.algorithm else {
            throw .incomplete("Unsupported AWS 'algorithm': '\(words.first?.prefix(64) ?? "")'.")
        }
        var parts: [String: String] = [:]
        for part in (words.count > 1 ? words[1] : "").split(separator: ",") {
            let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { parts[String(pair[0])] = pair[1].trimmingCharacters(in: .whitespaces) }
        }
        var missing = ["Credential", "Signature", "SignedHeaders"].filter { parts[$0] == nil }.map {
            "Authorization header requires '\($0)' parameter."
        }
        if !hasDate {
            missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        }
        guard missing.isEmpty, let credential = parts["Credential"], let signature = parts["Signature"],
            let signed = parts["SignedHeaders"]
        else {
            let digest = Data(sha256(text.utf8)).base64EncodedString()
            throw .incomplete(
                missing.joined(separator: " ")
                    + " (Hashed with SHA-256 and encoded with Base64) Authorization=\(digest)")
        }
        let elements = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard elements.count >= 5 else {
            throw .incomplete(
                "Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
                    + "'\(credential.prefix(128))'")
        }
        (day, region, service, terminator) = (elements[1], elements[2], elements[3], elements[4])
        keyID = elements[0]
        self.signature = signature
        signedHeaders = signed.split(separator: ";").map { $0.lowercased() }
    }
}
