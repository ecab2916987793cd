import Testing

@testable import AWSClient

@Suite struct SecretBoxTests {
    let box = SecretBox(secret: Array(repeating: 7, count: 32), purpose: "test")

    @Test func whatWasSealedOpens() {
        let secret = Array("a secret of forty characters, or so".utf8)
        let sealed = box.seal(secret, context: "id")
        #expect(box.open(sealed, context: "id") == secret)
        #expect(sealed != box.seal(secret, context: "id"), "a nonce is never used twice")
        #expect(box.open(sealed, context: "other") == nil)
        #expect(SecretBox(secret: Array(repeating: 7, count: 32), purpose: "x").open(sealed, context: "id") == nil)
    }

    @Test func aChangedBitIsNoticed() {
        let sealed = box.seal([1, 2, 3], context: "")
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1
            #expect(box.open(changed, context: "") == nil)
        }
        #expect(box.open([], context: "") == nil)
    }
}
