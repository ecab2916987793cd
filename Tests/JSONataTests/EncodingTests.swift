import JSONata
import Testing

@Suite struct EncodingTests {
    @Test(arguments: [
        Row(#"$base64encode("")"#, #""""#), Row(#"$base64encode("f")"#, #""Zg==""#),
        Row(#"$base64encode("fo")"#, #""Zm8=""#),
        Row(#"$base64encode("foo")"#, #""Zm9v""#), Row(#"$base64encode("ÿ")"#, #""/w==""#),
        Row(#"$base64decode("/w==")"#, #""ÿ""#),
        Row(#"$base64decode("Zm9v\nYmFy")"#, #""foobar""#), Row(#"$base64decode("_-8")"#, #""ÿï""#),
        Row(#"$encodeUrlComponent("a b&c/é")"#, #""a%20b%26c%2F%C3%A9""#),
        Row(#"$encodeUrl("https://x/a b?q=é#f")"#, #""https://x/a%20b?q=%C3%A9#f""#),
        Row(#"$decodeUrlComponent("a%20b%2F")"#, #""a b/""#), Row(#"$decodeUrl("a%20b%2F")"#, #""a b%2F""#),
        Row(#"$decodeUrl("%E0%A4%A")"#, "D3140"), Row(#"$decodeUrlComponent("%ff")"#, "D3140"),
        Row(#"$encodeUrl("\uD800")"#, "D3140"),
        Row(#"$encodeUrl($nothing)"#, "undefined"), Row(#"$base64encode(1)"#, "T0410"),
    ])
    func urlsAndBase64(row: Row) { #expect(outcome(of: row.expression) == row.expected) }

    @Test(arguments: [
        ("", "MD5", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "MD5", "900150983cd24fb0d6963f7d28e17f72"),
        ("abc", "SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abc", "SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("", "SHA-256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            "abc", "SHA-384",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            "abc", "SHA-512",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func digestsAreThoseOfTheStandards(data: String, algorithm: String, digest: String) {
        #expect(outcome(of: #"$hash("\#(data)", "\#(algorithm)")"#) == "\"\(digest)\"")
    }

    /// Lengths on both sides of every block and padding boundary.
    @Test(arguments: [
        (55, "MD5", "ef1772b6dff9a122358552954ad0df65"), (56, "MD5", "3b0c8ac703f828b04c6c197006d17218"),
        (64, "SHA-1", "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        (63, "SHA-1", "03f09f5b158a7a8cdad920bddc29b81c18a551f5"),
        (
            111, "SHA-512",
            "fa9121c7b32b9e01733d034cfc78cbf67f926c7ed83e82200ef86818196921760"
                + "b4beff48404df811b953828274461673c68d04e297b0eb7b2b4d60fc6b566a2"
        ),
        (
            112, "SHA-512",
            "c01d080efd492776a1c43bd23dd99d0a2e626d481e16782e75d54c2503b5dc32"
                + "bd05f0f1ba33e568b88fd2d970929b719ecbb152f58f130a407c8830604b70ca"
        ),
        (119, "SHA-256", "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
    ])
    func digestsPadRightly(count: Int, algorithm: String, digest: String) {
        let data = String(repeating: "a", count: count)
        #expect(outcome(of: #"$hash("\#(data)", "\#(algorithm)")"#) == "\"\(digest)\"")
    }
}
