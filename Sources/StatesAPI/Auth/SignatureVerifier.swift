import AWSClient
import WallTime

/// Verifies AWS Signature Version 4: a pure function of the request, the key and the time.
struct SignatureVerifier {
    /// How far a client's clock may be away from Steward's, as at AWS.
    static let skew: Duration = .seconds(300)

    let header: SignatureHeader
    /// As it was signed: `20261126T091200Z`.
    let date: String
    let instant: Instant

    /// Reads what can be judged without the body and the key.
    /// - Throws: what AWS says of such a request.
    init(headers request: SignedRequest) throws(Refusal) {
        guard let authorization = request.header("authorization"), !authorization.isEmpty else { throw .missingToken }
        let date = request.header("x-amz-date") ?? request.header("date")
        header = try SignatureHeader(authorization, hasDate: date != nil)
        guard let date, let instant = Self.instant(date) else {
            throw .incomplete("Date must be in ISO-8601 'basic format'. Got '\(date?.prefix(64) ?? "")'.")
        }
        // Steward issues no temporary credentials.
        guard request.header("x-amz-security-token") == nil else { throw .unknownKey }
        self.instant = instant
        self.date = RequestSigner.timestamp(instant)
    }

    /// - Throws: what AWS says of a wrong scope, a wrong time, a signature that does not fit.
    func verify(_ request: SignedRequest, secret: [UInt8], now: Instant) throws(Refusal) {
        try checkScope()
        try checkTime(now)
        try checkHeaders(request)
        let message =
            "\(SignatureHeader.algorithm)\n\(date)\n\(header.scope)\n"
            + hexadecimal(sha256(request.canonical(signedHeaders: header.signedHeaders).utf8))
        var key = Array("AWS4".utf8) + secret
        for part in [header.day, header.region, header.service, header.terminator] {
            key = hmacSHA256(key: key, part.utf8)
        }
        let wanted = hexadecimal(hmacSHA256(key: key, message.utf8))
        guard constantTimeEqual(wanted.utf8, header.signature.utf8) else { throw .mismatch }
    }

    private func checkScope() throws(Refusal) {
        guard header.service == "states" else {
            throw .signature("Credential should be scoped to correct service: 'states'. ")
        }
        guard header.terminator == "aws4_request" else {
            throw .signature(
                "Credential should be scoped with a valid terminator: 'aws4_request', not "
                    + "'\(header.terminator.prefix(64))'. ")
        }
        guard !header.region.isEmpty else { throw .signature("Credential should be scoped to a valid region. ") }
        guard header.day == date.prefix(8) else {
            throw .signature(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                    + "'\(header.day.prefix(64))' != '\(date.prefix(8))', from '\(date)'.")
        }
    }

    private func checkTime(_ now: Instant) throws(Refusal) {
        let clock = RequestSigner.timestamp(now)
        // Whole seconds: a signature has no finer time.
        let (earliest, latest) = (now - Self.skew, now + Self.skew)
        if instant.seconds < earliest.seconds {
            let limit = RequestSigner.timestamp(earliest)
            throw .signature("Signature expired: \(date) is now earlier than \(limit) (\(clock) - 5 min.)")
        }
        if instant.seconds > latest.seconds {
            let limit = RequestSigner.timestamp(latest)
            throw .signature("Signature not yet current: \(date) is still later than \(limit) (\(clock) + 5 min.)")
        }
    }

    /// The host, and whatever AWS's headers say, must be part of what was signed: `X-Amz-Target` names the operation.
    private func checkHeaders(_ request: SignedRequest) throws(Refusal) {
        guard header.signedHeaders.contains("host") else {
            throw .signature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        }
        let names = Set(request.headers.map { $0.name.lowercased() }.filter { $0.hasPrefix("x-amz-") })
        let unsigned = names.subtracting(header.signedHeaders)
        guard unsigned.isEmpty else {
            throw .signature(
                "There were headers present in the request which were not signed: "
                    + unsigned.sorted().joined(separator: ", "))
        }
        if let digest = request.header("x-amz-content-sha256"), digest.lowercased() != request.bodyDigest {
            throw .mismatch
        }
    }

    /// `20261126T091200Z`, or the date of HTTP.
    private static func instant(_ text: String) -> Instant? {
        let digits = Array(text)
        guard digits.count == 16, digits[8] == "T" else { return Instant(httpDate: text) }
        let (day, time) = (String(digits[0..<8]), String(digits[9..<15]))
        func part(_ text: String, _ start: Int, _ count: Int) -> Substring { text.dropFirst(start).prefix(count) }
        return Instant(
            iso8601: "\(part(day, 0, 4))-\(part(day, 4, 2))-\(part(day, 6, 2))T\(part(time, 0, 2)):\(part(time, 2, 2)):"
                + "\(part(time, 4, 2))\(digits[15])")
    }
}

extension Instant {
    fileprivate var seconds: Int64 { milliseconds / 1000 }
}
