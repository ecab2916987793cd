import CCrypto
import Testing
import WallTime

@testable import AWSClient

@Suite struct DigestTests {
    /// FIPS 180-4 examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256IsThatOfTheStandard(_ text: String, _ digest: String) {
        #expect(hexadecimal(sha256(text.utf8)) == digest)
    }

    /// RFC 4231, test cases 1, 2 and 6.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func hmacIsThatOfTheStandard(_ key: [UInt8], _ text: String, _ code: String) {
        #expect(hexadecimal(hmacSHA256(key: key, text.utf8)) == code)
    }

    @Test func emptyKeyAndMessageAreAllowed() {
        #expect(
            hexadecimal(hmacSHA256(key: [], []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func randomBytesDiffer() {
        #expect(randomBytes(32).count == 32)
        #expect(randomBytes(32) != randomBytes(32))
        #expect(randomBytes(0).isEmpty)
    }

    @Test(
        arguments: [([], [], true), ([1], [1], true), ([1], [2], false), ([1], [1, 2], false), ([], [1], false)]
            as [([UInt8], [UInt8], Bool)])
    func secretsAreCompared(_ left: [UInt8], _ right: [UInt8], _ isEqual: Bool) {
        #expect(constantTimeEqual(left, right) == isEqual)
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Mon, 23 Feb 2026 00:00:00 GMT", "2026-02-23T00:00:00Z"),
    ])
    func datesOfHeadersAreRead(_ text: String, _ instant: String) {
        #expect(Instant(httpDate: text) == Instant(iso8601: instant))
    }

    @Test(arguments: [
        "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 31 Feb 2026 00:00:00 GMT",
    ])
    func otherDatesAreNot(_ text: String) {
        #expect(Instant(httpDate: text) == nil)
    }

    @Test(arguments: [
        ("a b+c/ñ~", "a%20b%2Bc%2F%C3%B1~"), ("", ""), ("-._~", "-._~"), ("%", "%25"),
    ])
    func textIsPercentEncodedAndBack(_ text: String, _ encoded: String) {
        #expect(percentEncoded(text) == encoded)
        #expect(percentDecoded(encoded) == text)
    }

    @Test(
        arguments: [("100%", "100%"), ("%zz%4", "%zz%4"), ("a+b", "a+b"), ("%ff", nil), ("%2f", "/")]
            as [(String, String?)])
    func looseEscapesAreKept(_ encoded: String, _ text: String?) {
        #expect(percentDecoded(encoded) == text)
    }
}
