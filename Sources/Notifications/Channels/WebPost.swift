import AWSClient
import WallTime

/// Posts JSON to a service on the web, and tells from its answer whether trying again may help.
struct WebPost: Sendable {
    /// What error codes begin with, such as `Slack`.
    let service: String
    let transport: HTTPTransport
    let clock: WallClock
    let timeout: Duration

    /// What a service said of an error is kept to this length.
    private static let longestAnswer = 200

    /// - Parameters:
    ///   - url: may hold secrets: errors show the host only.
    ///   - secrets: what else must not come back in an error, should the service repeat it.
    /// - Throws: `DeliveryError` for anything but an answer of 2xx.
    func send(
        _ body: [UInt8], to url: String, headers: [(name: String, value: String)] = [], secrets: [String] = []
    ) async throws(DeliveryError) {
        let target = try self.target(url)
        let request = HTTPRequest(
            method: "POST", url: target.text,
            headers: [("Content-Type", "application/json"), ("User-Agent", "Steward")] + headers, body: body,
            timeout: timeout)
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch let error as HTTPTransportError {
            throw failure(error)
        } catch {
            // The daemon is stopping: what is cut off now is sent again by the next.
            throw DeliveryError(
                code: "\(service).Cancelled", message: "\(target.host): the daemon was stopping", isPermanent: false)
        }
        let hidden = secrets + Self.secrets(in: target)
        if let failure = failure(response, host: target.host, hiding: hidden) { throw failure }
    }

    /// Reads a secret where it stands; one that is missing may be put there again.
    func read(_ secret: Secret) throws(DeliveryError) -> String {
        do { return try secret.read() } catch {
            throw DeliveryError(
                code: "\(service).NoSecret", message: "\(error)", isPermanent: false, isOutage: true)
        }
    }

    private func target(_ text: String) throws(DeliveryError) -> HTTPURL {
        guard let url = WebTarget(text) else {
            throw DeliveryError(
                code: "\(service).BadURL", message: "the URL \(WebTarget.rule)", isPermanent: false, isOutage: true)
        }
        return url.url
    }

    private func failure(_ error: HTTPTransportError) -> DeliveryError {
        let (name, isOutage) =
            switch error {
            case .couldNotConnect: ("Unreachable", true)
            case .timedOut: ("TimedOut", true)
            case .tls: ("Certificate", true)
            case .other: ("Failed", false)
            }
        return DeliveryError(
            code: "\(service).\(name)", message: error.description, isPermanent: false, isOutage: isOutage)
    }

    /// Nil when it took the message.
    private func failure(_ response: HTTPResponse, host: String, hiding secrets: [String]) -> DeliveryError? {
        let isSlowingDown = response.status == 429 || response.status == 503
        let isTransient = isSlowingDown || response.status >= 500 || response.status == 408 || response.status == 425
        guard !(200..<300).contains(response.status) else { return nil }
        var said = NoticeFacts.oneLine(String(decoding: response.body.prefix(4096), as: UTF8.self))
        // The longest first: one may be part of another.
        for secret in secrets.sorted(by: { $0.count > $1.count }) where !secret.isEmpty {
            said = said.replacing(secret, with: "[secret]")
        }
        let answer = said.isEmpty ? "" : ": \(said.prefix(Self.longestAnswer))"
        let hint = (300..<400).contains(response.status) ? " (redirects are not followed: set its new URL)" : ""
        return DeliveryError(
            code: "\(service).\(response.status)", message: "\(host) answered \(response.status)\(answer)\(hint)",
            isPermanent: !isTransient, isOutage: isSlowingDown, retryAfter: isTransient ? retryAfter(response) : nil)
    }

    /// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
    private func retryAfter(_ response: HTTPResponse) -> Duration? {
        guard let text = response.header("Retry-After") else { return nil }
        if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 1_000_000)) }
        return Instant(httpDate: text).map { .milliseconds(max(0, $0.milliseconds - clock.now().milliseconds)) }
    }

    /// The parts of a URL that may be secret: all after the host, and each longer piece of it.
    private static func secrets(in url: HTTPURL) -> [String] {
        let pieces = (url.path + "/" + (url.query ?? "")).split { "/?&=".contains($0) }.map(String.init)
        return [url.text, url.path + (url.query.map { "?\($0)" } ?? ""), url.path].filter { $0.count > 1 }
            + pieces.filter { $0.count >= 8 }
    }
}

/// A URL that notices may be sent to: with TLS, or on this machine.
package struct WebTarget: Sendable {
    package static let rule = "must begin with https:// (http:// only for this machine) and hold no user name"
    let url: HTTPURL

    package init?(_ text: String) {
        guard let url = HTTPURL(text), !url.hasUserInformation,
            url.scheme == "https" || Loopback.contains(url.host)
        else { return nil }
        self.url = url
    }
}
