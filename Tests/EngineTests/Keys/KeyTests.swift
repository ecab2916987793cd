@testable import Engine
import Testing
import WallTime

@Suite struct KeyTests {
    // FIPS 180-4 examples, and RFC 4231 test cases 1, 2 and 6.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000),
            "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
        ),
    ])
    func hashesAsTheStandardSays(_ text: String, _ hash: String) {
        #expect(SHA256.hexadecimalHash(Array(text.utf8)) == hash)
    }

    @Test(arguments: [
        ([UInt8](repeating: 0x0b, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b"),
        (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c7"),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f"
        ),
    ])
    func authenticatesAsTheStandardSays(_ key: [UInt8], _ message: String, _ start: String) {
        let found = SHA256.authenticate(Array(message.utf8), key: key)
        let text = found.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text == start)
    }

    @Test func aTokenNamesItsTaskAndNothingElseIsAccepted() throws {
        let tokens = TaskTokens(secret: [1, 2, 3])
        let token = tokens.token(execution: ExecutionID(rawValue: 1_234_567), task: 42)

        let read = try #require(tokens.read(token))
        #expect(read.execution.rawValue == 1_234_567)
        #expect(read.task == 42)
        #expect(token.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
        #expect(TaskTokens(secret: [1, 2, 4]).read(token) == nil)
        for place in token.indices {
            var forged = token
            forged.replaceSubrange(place...place, with: token[place] == "A" ? "B" : "A")
            #expect(tokens.read(forged) == nil)
        }
        for text in ["", "A", token + "A", String(token.dropLast()), "%%%%", token + "="] {
            #expect(tokens.read(text) == nil)
        }
    }

    @Test(arguments: [
        ("a", true), (String(repeating: "x", count: 80), true), ("Grüße-1_2.3", true), ("a+b=(c)!@'", true),
        ("", false), (String(repeating: "x", count: 81), false), ("a b", false), ("a/b", false), ("a*", false),
        ("a\u{7}", false), ("a\u{80}", false), ("a:b", false), ("<a>", false), ("\u{2003}", false),
    ])
    func namesFollowTheRulesOfAWS(_ name: String, _ isValid: Bool) {
        if isValid {
            #expect(throws: Never.self) { try ExecutionNames.validate(name) }
        } else {
            #expect(throws: EngineError.self) { try ExecutionNames.validate(name) }
        }
    }

    @Test func aNameMadeOfAnyTextIsValidAndTellsTextsApart() throws {
        let texts = ["a/b", "a:b", "a b", String(repeating: "y", count: 200), String(repeating: "y", count: 201), "ok"]
        let names = texts.map(ExecutionNames.sanitize)
        for name in names { try ExecutionNames.validate(name) }
        #expect(Set(names).count == texts.count)
        #expect(names.last == "ok")
    }

    @Test func aSlotGivesAReadableName() {
        let slot = Instant(milliseconds: 1_795_168_800_000)
        #expect(ExecutionNames.name(of: "sweep", slot: slot) == "sweep-20261120T100000Z")
        #expect(ExecutionNames.name(of: "sweep", slot: slot + .milliseconds(7)) == "sweep-20261120T100000007Z")
    }

    @Test func aRandomNameLooksLikeAUUID() {
        let name = ExecutionNames.random(1, .max)
        #expect(name == "00000000-0000-4001-bfff-ffffffffffff")
    }

    @Test func namesOfOneMillisecondBeginAlike() {
        let now = Instant(milliseconds: 1_795_168_800_000)
        let one = ExecutionNames.random(at: now, .max, 0)
        #expect(one.dropFirst(4) == "ffff-ffff-4fff-8000-000000000000")
        #expect(ExecutionNames.random(at: now, 0, .max) == one.prefix(4) + "0000-0000-4000-bfff-ffffffffffff")
        // Those of a minute are told apart by few digits.
        let beginnings = (0..<1000).map { ExecutionNames.random(at: now + .milliseconds($0 * 60), 0, 0).prefix(4) }
        #expect(Set(beginnings).count > 980)
    }
}
