import CCurl
import Foundation

/// Runs every HTTP call of the process on one thread with one libcurl multi handle.
///
/// A thread per call would cap how many may be under way, and a blocking call on Swift's own pool would stop half of
/// it; here a thousand long polls cost one thread. Connections are kept and reused for as long as servers allow.
///
/// `@unchecked Sendable`: `multi` is used by the driver's thread alone, but for `curl_multi_wakeup`, which libcurl
/// documents as safe from any thread; `inbox` and `lastTicket` are touched under `lock` only.
final class CurlDriver: @unchecked Sendable {
    typealias Answer = CheckedContinuation<HTTPResponse, any Error>

    private enum Order {
        case start(ticket: UInt64, HTTPRequest, certificateAuthorities: String?, Answer)
        case cancel(ticket: UInt64)
    }

    /// Handles kept for reuse; what is above it is freed when its call ends.
    private static let maximumIdleTransfers = 64
    /// Connections kept open between calls.
    private static let maximumIdleConnections = 128
    /// How long the thread waits when nothing happens. Orders wake it at once.
    private static let pollMilliseconds: Int32 = 1000

    /// The one driver of the process. Its thread lives as long as the process does.
    static let shared = CurlDriver()

    private let multi: UnsafeMutableRawPointer
    private let lock = NSLock()
    private var inbox: [Order] = []
    private var lastTicket: UInt64 = 0

    private init() {
        precondition(cc_global_init() == CURLE_OK, "libcurl cannot initialise itself")
        guard let multi = curl_multi_init() else { preconditionFailure("libcurl has no memory for its multi handle") }
        _ = cc_multi_long(multi, CURLMOPT_MAXCONNECTS, Self.maximumIdleConnections)
        self.multi = multi
        let thread = Thread { [unowned self] in run() }
        thread.name = "http"
        thread.start()
    }

    /// Sends one request and waits for its answer. Cancelling the task ends the transfer and closes its connection.
    func perform(_ request: HTTPRequest, certificateAuthorities: String?) async throws -> HTTPResponse {
        try Task.checkCancellation()
        let ticket = nextTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { answer in
                order(.start(ticket: ticket, request, certificateAuthorities: certificateAuthorities, answer))
                // The handler below may have run before the start was ordered, and its cancel was then for nothing.
                if Task.isCancelled { order(.cancel(ticket: ticket)) }
            }
        } onCancel: {
            order(.cancel(ticket: ticket))
        }
    }

    private func nextTicket() -> UInt64 {
        lock.withLock {
            lastTicket += 1
            return lastTicket
        }
    }

    private func order(_ order: Order) {
        let isFirst = lock.withLock {
            inbox.append(order)
            return inbox.count == 1
        }
        if isFirst { curl_multi_wakeup(multi) }
    }

    private func takeOrders() -> [Order] {
        lock.withLock {
            defer { inbox.removeAll(keepingCapacity: true) }
            return inbox
        }
    }

    // MARK: The driver's thread

    private func run() {
        var live = LiveTransfers()
        while true {
            for order in takeOrders() { carryOut(order, on: &live) }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finishTransfers(of: &live)
            curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil)
        }
    }

    private func carryOut(_ order: Order, on live: inout LiveTransfers) {
        switch order {
        case .start(let ticket, let request, let certificateAuthorities, let answer):
            let transfer = live.idle.popLast() ?? CurlTransfer()
            do throws(HTTPTransportError) {
                try transfer.prepare(request, certificateAuthorities: certificateAuthorities)
            } catch {
                recycle(transfer, in: &live)
                answer.resume(throwing: error)
                return
            }
            live.byHandle[transfer.handle] = (transfer, ticket, answer)
            live.handles[ticket] = transfer.handle
            curl_multi_add_handle(multi, transfer.handle)
        case .cancel(let ticket):
            guard let handle = live.handles.removeValue(forKey: ticket),
                let (transfer, _, answer) = live.byHandle.removeValue(forKey: handle)
            else { return }
            curl_multi_remove_handle(multi, handle)
            recycle(transfer, in: &live)
            answer.resume(throwing: CancellationError())
        }
    }

    private func finishTransfers(of live: inout LiveTransfers) {
        var waiting: Int32 = 0
        while let message = curl_multi_info_read(multi, &waiting) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let (transfer, ticket, answer) = live.byHandle.removeValue(forKey: handle)
            else { continue }
            // The message is libcurl's memory and goes with the handle: read it before the handle is removed.
            let result = cc_msg_result(message)
            live.handles[ticket] = nil
            curl_multi_remove_handle(multi, handle)
            let outcome = transfer.outcome(result)
            recycle(transfer, in: &live)
            answer.resume(with: outcome)
        }
    }

    private func recycle(_ transfer: CurlTransfer, in live: inout LiveTransfers) {
        transfer.clear()
        if live.idle.count < Self.maximumIdleTransfers { live.idle.append(transfer) }
    }
}

/// What the driver's thread knows of calls under way.
private struct LiveTransfers {
    var byHandle: [UnsafeMutableRawPointer: (CurlTransfer, ticket: UInt64, CurlDriver.Answer)] = [:]
    var handles: [UInt64: UnsafeMutableRawPointer] = [:]
    var idle: [CurlTransfer] = []
}

extension HTTPTransport {
    /// HTTP and HTTPS through libcurl: connections are reused, certificates always verified, proxies taken from the
    /// environment as curl does. Certificate authorities are the system's, or those of the file that `AWS_CA_BUNDLE`
    /// or `SSL_CERT_FILE` names.
    package static func curl() -> HTTPTransport {
        curl(certificateAuthorities: certificateAuthorities(in: ProcessInfo.processInfo.environment))
    }

    /// The file that an environment names; nil for the system's authorities.
    static func certificateAuthorities(in environment: [String: String]) -> String? {
        [environment["AWS_CA_BUNDLE"], environment["SSL_CERT_FILE"]].compactMap(\.self).first { !$0.isEmpty }
    }

    /// As `curl()`, with the file of certificate authorities to trust, in PEM; nil for the system's.
    package static func curl(certificateAuthorities: String?) -> HTTPTransport {
        HTTPTransport { request in
            try await CurlDriver.shared.perform(request, certificateAuthorities: certificateAuthorities)
        }
    }
}
