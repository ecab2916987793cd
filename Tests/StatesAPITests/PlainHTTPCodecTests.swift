import HTTPTypes
import NIOHTTP1
import NIOHTTPTypesHTTP1
import Testing

@testable import StatesAPI

@Suite struct PlainHTTPCodecTests {
    private static func head(_ uri: String) -> HTTPRequestHead {
        let headers: HTTPHeaders = ["Host": "127.0.0.1:1", "X-Amz-Target": "a.b", "Accept": "a", "accept": "b"]
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: uri, headers: headers)
    }

    @Test(arguments: [
        "/", "/a%20b?x=1&y=%2F", "//host/path", "/a:b", "/ä", "*", "http://host:80/a?b", "http://host", "x y",
    ])
    func requestsAreTakenAsTheLibraryTakesThem(_ uri: String) throws {
        let head = Self.head(uri)
        #expect(try PlainHTTPCodec.request(head) == HTTPRequest(head, secure: false, splitCookie: false))
    }
}
