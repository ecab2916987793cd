import CCurl
import WallTime

/// One libcurl easy handle: the request it was given and the answer as it arrives. Used by the driver's thread only.
final class CurlTransfer {
    /// What a server may answer with, so that a broken one cannot fill the memory. As much as a JSON document may hold.
    private static let maximumBodyBytes = 64 << 20
    private static let maximumHeaders = 1000
    private static let connectTimeout: Duration = .seconds(10)
    /// libcurl counts milliseconds in a C `long` and treats nought as for ever.
    private static let longestTimeoutMilliseconds: Int64 = 24 * 3600 * 1000

    let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutableBufferPointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var origin = ""
    private var timeout: Duration = .zero
    private var response = HTTPResponse(status: 0)
    /// Why a callback of ours ended the transfer; libcurl itself only knows that one did.
    private var refusal: String?

    init() {
        guard let handle = curl_easy_init() else { preconditionFailure("libcurl has no memory for a transfer") }
        self.handle = handle
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0)
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Forgets the last request. libcurl keeps its connections.
    func clear() {
        curl_easy_reset(handle)
        curl_slist_free_all(headerList)
        headerList = nil
        errorText.update(repeating: 0)
        response = HTTPResponse(status: 0)
        refusal = nil
    }

    /// Sets every option for a request. Throws `.other` for one that is no valid HTTP.
    func prepare(_ request: HTTPRequest, certificateAuthorities: String?) throws(HTTPTransportError) {
        guard let url = HTTPURL(request.url) else {
            throw .other("The request's URL is not a valid http:// or https:// URL. Correct it where it is configured.")
        }
        origin = url.origin
        timeout = request.timeout
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // The path was signed as it is; libcurl must not resolve its dots.
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_NOSIGNAL, 1)
        // Without it, ending a transfer that still resolves a name waits for the resolver, and every other with it.
        set(CURLOPT_QUICK_EXIT, 1)
        // One call on one connection, so that one that stalls holds up no other.
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        let milliseconds = min(max(request.timeout.wholeMilliseconds, 1), Self.longestTimeoutMilliseconds)
        set(CURLOPT_TIMEOUT_MS, Int(milliseconds))
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(min(milliseconds, Self.connectTimeout.wholeMilliseconds)))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let certificateAuthorities { set(CURLOPT_CAINFO, certificateAuthorities) }
        // The metadata services of an instance or a container are reached directly or not at all.
        if LocalAddress.isLocal(host: url.host) { set(CURLOPT_NOPROXY, "*") }
        if request.refusesLocalAddresses { refuseLocalAddresses() }
        try prepareMethod(of: request)
        try prepareHeaders(of: request)
        prepareCallbacks()
    }

    private func prepareMethod(of request: HTTPRequest) throws(HTTPTransportError) {
        guard !request.method.isEmpty, request.method.utf8.allSatisfy(isTokenCharacter) else {
            throw .other("'\(request.method)' is no HTTP method (request to \(origin)).")
        }
        switch request.method {
        case "GET" where request.body.isEmpty:
            set(CURLOPT_HTTPGET, 1)
        case "HEAD":
            set(CURLOPT_NOBODY, 1)
        default:
            if request.method == "POST" || request.method == "PUT" || !request.body.isEmpty {
                set(CURLOPT_POST, 1)
                // The size first: libcurl copies that many bytes when it is given the pointer.
                _ = cc_set_off(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
                request.body.withUnsafeBytes { body in
                    if let start = body.baseAddress {
                        _ = cc_set_ptr(handle, CURLOPT_COPYPOSTFIELDS, start)
                    } else {
                        _ = cc_set_str(handle, CURLOPT_COPYPOSTFIELDS, "")
                    }
                }
            }
            set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func prepareHeaders(of request: HTTPRequest) throws(HTTPTransportError) {
        // An empty "Name:" takes back what libcurl would send by itself: waiting for 100 Continue costs a second.
        var lines = ["Expect:"]
        let names = Set(request.headers.map { $0.name.lowercased() })
        if !names.contains("content-type") { lines.append("Content-Type:") }
        if !names.contains("user-agent") { lines.append("User-Agent: steward") }
        for (name, value) in request.headers {
            guard !name.isEmpty, name.utf8.allSatisfy(isTokenCharacter) else {
                throw .other("'\(name)' is no name of an HTTP header (request to \(origin)).")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .other("The value of the header '\(name)' holds a control character (request to \(origin)).")
            }
            lines.append(value.allSatisfy(\.isWhitespace) ? "\(name);" : "\(name): \(value)")
        }
        for line in lines { headerList = curl_slist_append(headerList, line) }
        _ = cc_set_slist(handle, CURLOPT_HTTPHEADER, headerList)
    }

    private func prepareCallbacks() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        _ = cc_set_ptr(handle, CURLOPT_ERRORBUFFER, errorText.baseAddress)
        _ = cc_set_ptr(handle, CURLOPT_WRITEDATA, this)
        _ = cc_set_ptr(handle, CURLOPT_HEADERDATA, this)
        _ = cc_set_io(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, user in
            CurlTransfer.receive(bytes, size * count, user) { $0.append(body: $1) }
        }
        _ = cc_set_io(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, user in
            CurlTransfer.receive(bytes, size * count, user) { $0.append(headerLine: $1) }
        }
    }

    /// Returns how many bytes were taken: fewer than came end the transfer.
    private static func receive(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ user: UnsafeMutableRawPointer?,
        _ take: (CurlTransfer, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let user else { return 0 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
        return take(transfer, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }

    private func append(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard response.body.count + bytes.count <= Self.maximumBodyBytes else {
            refusal = "the answer is larger than \(Self.maximumBodyBytes >> 20) MiB"
            return false
        }
        response.body.append(contentsOf: bytes)
        return true
    }

    private func append(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // What came before belongs to an interim answer or to a proxy.
            response.headers = []
        } else if let colon = line.firstIndex(of: ":") {
            guard response.headers.count < Self.maximumHeaders else {
                refusal = "the answer has more than \(Self.maximumHeaders) headers"
                return false
            }
            response.headers.append((trimmed(line[..<colon]), trimmed(line[line.index(after: colon)...])))
        }
        return true
    }

    /// The answer, once libcurl is through with the transfer.
    func outcome(_ result: CURLcode) -> Result<HTTPResponse, any Error> {
        guard result == CURLE_OK else { return .failure(error(for: result)) }
        var status = 0
        _ = cc_info_long(handle, CURLINFO_RESPONSE_CODE, &status)
        response.status = status
        return .success(response)
    }

    private func error(for result: CURLcode) -> HTTPTransportError {
        let detail = refusal ?? curlDetail(result)
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED:
            return .couldNotConnect(
                "Cannot connect to \(origin): \(detail). Check the address, the name service, the network and proxies.")
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(
                "\(origin) did not answer within \(timeout.wholeMilliseconds) ms: \(detail). "
                    + "It may still have done what it was asked; check its health or allow more time.")
        case CURLE_SSL_CONNECT_ERROR:
            // A connection that is reset in the handshake, for one: nothing was sent.
            return .couldNotConnect(
                "Cannot connect to \(origin): \(detail). Check that it speaks TLS there, the network and proxies.")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_USE_SSL_FAILED:
            return .tls(
                "No trusted connection to \(origin): \(detail). Check its certificate; name the file of an authority "
                    + "of your own in AWS_CA_BUNDLE or SSL_CERT_FILE.")
        default:
            return refusal == LocalAddress.refusal
                ? .couldNotConnect("Will not connect to \(origin): \(detail).")
                : .other("The call to \(origin) failed: \(detail).")
        }
    }

    private func curlDetail(_ result: CURLcode) -> String {
        let text = errorText.baseAddress.map { String(cString: $0) } ?? ""
        let detail = text.isEmpty ? String(cString: curl_easy_strerror(result)) : text
        return "\(trimmed(detail[...])) (curl \(result.rawValue))"
    }

    /// Libcurl asks before it opens a socket, and once more before it sends a request on a connection it had kept.
    private func refuseLocalAddresses() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        _ = cc_set_ptr(handle, CURLOPT_OPENSOCKETDATA, this)
        _ = cc_set_open_socket(handle) { user, _, address in
            guard let user, let address else { return CURL_SOCKET_BAD }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
            guard !LocalAddress.isLocal(socketAddress: &address.pointee.addr, family: address.pointee.family) else {
                transfer.refusal = LocalAddress.refusal
                return CURL_SOCKET_BAD
            }
            return cc_open_socket(address)
        }
        _ = cc_set_ptr(handle, CURLOPT_PREREQDATA, this)
        _ = cc_set_prereq(handle) { user, remoteAddress, _, _, _ in
            guard let user, let remoteAddress else { return CURL_PREREQFUNC_ABORT }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue()
            guard !LocalAddress.isLocal(host: String(cString: remoteAddress)) else {
                transfer.refusal = LocalAddress.refusal
                return CURL_PREREQFUNC_ABORT
            }
            return CURL_PREREQFUNC_OK
        }
    }

    private func set(_ option: CURLoption, _ value: Int) { _ = cc_set_long(handle, option, value) }

    private func set(_ option: CURLoption, _ value: String) { _ = cc_set_str(handle, option, value) }
}

/// `tchar` of RFC 9110, section 5.6.2.
private func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

private func trimmed(_ text: Substring) -> String {
    let blanks: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
    var text = text.drop(while: blanks)
    while let last = text.last, blanks(last) { text.removeLast() }
    return String(text)
}
