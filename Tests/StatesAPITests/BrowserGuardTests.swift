import Testing

@testable import StatesAPI

/// Where authentication is off, a page in a browser on the daemon's machine is not let in.
@Suite struct BrowserGuardTests {
    @Test(
        arguments: [
            nil, "127.0.0.1:8080", "127.0.0.1", "localhost:8080", "LOCALHOST", "steward.localhost:1", "[::1]:8080",
            "steward:8080", "sync-localhost:8080", "sync-127.0.0.1:8080",
        ] as [String?])
    func clientsAreLetIn(_ authority: String?) {
        #expect(BrowserGuard.refusal(origin: nil, authority: authority) == nil)
    }

    @Test(
        arguments: [
            ("http://evil.example", "127.0.0.1:8080"), ("null", "localhost:8080"), (nil, "evil.example:8080"),
            (nil, "127.0.0.1.evil.example"), (nil, "localhost.evil.example:8080"), (nil, "evil.example."),
        ] as [(String?, String)])
    func pagesAreNot(_ origin: String?, _ authority: String) {
        let refusal = BrowserGuard.refusal(origin: origin, authority: authority)
        #expect(refusal?.status == 403)
        #expect(refusal?.code == "AccessDeniedException")
    }
}
