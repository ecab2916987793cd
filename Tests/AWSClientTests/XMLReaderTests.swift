import Testing

@testable import AWSClient

@Suite struct XMLReaderTests {
    private func read(_ text: String) throws -> XMLElement { try XMLReader.read(Array(text.utf8)) }

    @Test(arguments: [
        ("<a/>", XMLElement(name: "a")), ("<a></a >", XMLElement(name: "a")),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- x --><a>t</a>\n<!-- y -->",
            XMLElement(name: "a", text: "t")
        ),
        ("\u{FEFF}<a/>", XMLElement(name: "a")),
        ("<n:a xmlns:n='u' b=\"1 &amp; 2\" c='\"'/>", XMLElement(name: "a")),
        ("<a>1<b/>2</a>", XMLElement(name: "a", children: [XMLElement(name: "b")], text: "12")),
        ("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;</a>", XMLElement(name: "a", text: "<>&\"'A😀")),
        ("<a><![CDATA[<b>&amp;]]></a>", XMLElement(name: "a", text: "<b>&amp;")),
        ("<a>x<!-- - -->y<?p i?>z</a>", XMLElement(name: "a", text: "xyz")),
        ("<año.b-c_1>ñ</año.b-c_1>", XMLElement(name: "año.b-c_1", text: "ñ")),
    ])
    func documentsAreRead(_ text: String, _ element: XMLElement) throws {
        #expect(try read(text) == element)
    }

    @Test(arguments: [
        "", " ", "text", "<a>", "<a", "<a><b></a></b>", "<a></b>", "<a/><b/>", "<a/>x", "x<a/>", "</a>", "<a b/>",
        "<a b=1/>", "<a b='1'c='2'/>", "<a b='1' b='2'/>", "<a b='<'/>", "<a b='1/>", "<1a/>", "<a>&nbsp;</a>",
        "<a>&</a>",
        "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#;</a>", "<a>&#x;</a>", "<a>&#+65;</a>",
        "<a>&#65</a>",
        "<a>\u{1}</a>", "<a><!-- </a>", "<a><![CDATA[</a>", "<?xml", "<a></a",
        "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "<a><!DOCTYPE b></a>", "<a><!ENTITY x 'y'></a>",
    ])
    func otherTextIsRefused(_ text: String) {
        #expect(throws: XMLError.self) { try read(text) }
    }

    @Test func bytesThatAreNoTextAreRefused() {
        #expect(throws: XMLError.self) { try XMLReader.read([0x3C, 0x61, 0x3E, 0xFF, 0x3C, 0x2F, 0x61, 0x3E]) }
    }

    @Test func depthIsLimited() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }

        _ = try read(nested(XMLReader.maximumDepth))
        let error = #expect(throws: XMLError.self) { try read(nested(100_000)) }
        #expect(error?.message.contains("deeper") == true)
    }

    @Test func faultNamesItsPlace() {
        let error = #expect(throws: XMLError.self) { try read("<a>\n  <b>\n</a>") }

        #expect(error?.description == "invalid XML at byte 13: the end tag does not match <b>")
    }
}
