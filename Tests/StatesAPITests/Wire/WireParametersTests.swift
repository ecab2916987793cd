import JSONModel
import Testing

@testable import StatesAPI

@Suite struct WireParametersTests {
    private enum Size: String, CaseIterable { case small = "SMALL", large = "LARGE" }

    /// Reads one of everything and gives what is wrong with it.
    private static func fault(_ json: JSONObject) -> WireError? {
        let parameters = WireParameters(json)
        _ = parameters.string("name", max: 5)
        _ = parameters.choice("size", Size.self)
        _ = parameters.integer("count", in: 0...9)
        _ = parameters.flag("on")
        _ = parameters.optionalString("alias", min: 1, pattern: .aliasName)
        for entry in parameters.structures("entries") ?? [] { _ = entry.integer("weight", in: 0...100) }
        do throws(WireError) {
            try parameters.check()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            (["name": "a", "size": "SMALL", "count": 3, "on": true, "alias": "v1"], nil),
            (["name": "a", "size": .null, "alias": .null], nil),
            ([:], "Value null at 'name' failed to satisfy constraint: Member must not be null"),
            (["name": .null], "Value null at 'name' failed to satisfy constraint: Member must not be null"),
            (
                ["name": ""],
                "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"
            ),
            (
                ["name": "ünfünf"],
                "Value 'ünfünf' at 'name' failed to satisfy constraint: Member must have length less than or equal to 5"
            ),
            (
                ["name": "a", "size": "HUGE"],
                "Value 'HUGE' at 'size' failed to satisfy constraint: Member must satisfy enum value set: [SMALL, LARGE]"
            ),
            (
                ["name": "a", "count": 10],
                "Value '10' at 'count' failed to satisfy constraint: Member must have value less than or equal to 9"
            ),
            (
                ["name": "a", "count": -1],
                "Value '-1' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 0"
            ),
            (
                ["name": "a", "entries": [["weight": 1], ["weight": 101]]],
                "Value '101' at 'entries.2.member.weight' failed to satisfy constraint: "
                    + "Member must have value less than or equal to 100"
            ),
            (
                ["name": "a", "alias": "123"],
                "Value '123' at 'alias' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                    + #"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"#
            ),
        ] as [(JSONObject, String?)])
    func whatIsViolatedIsSaidInAWSWords(_ json: JSONObject, _ violation: String?) {
        let expected = violation.map { WireError.validation("1 validation error detected: \($0)") }
        #expect(Self.fault(json) == expected)
    }

    /// The message is in the log of every client.
    @Test(arguments: ["input", "output", "error", "cause", "definition", "variables", "description"])
    func whatIsSensitiveIsNotRepeated(_ name: String) {
        let parameters = WireParameters([name: "secret"])
        _ = parameters.optionalString(name, max: 5)
        let message =
            "1 validation error detected: Value at '\(name)' failed to satisfy constraint: "
            + "Member must have length less than or equal to 5"
        #expect(throws: WireError.validation(message)) { try parameters.check() }
    }

    @Test func whatIsLongIsNotRepeated() {
        let (long, shown) = (String(repeating: "x", count: 4097), String(repeating: "x", count: 4096))
        #expect(Self.fault(["name": .string(long)])?.message.contains("Value at 'name' failed") == true)
        #expect(Self.fault(["name": .string(shown)])?.message.contains("Value '\(shown)' at 'name'") == true)
    }

    @Test(
        arguments: [
            ("cost centre", "R&D", "value", "pattern: "), ("cost:centre/a_b.c=+-@", "é 東京 1²", nil, ""),
            ("a", "", nil, ""),
            ("", "1", "key", "greater than or equal to 1"), ("a$b<", "1", "key", "pattern: "),
            ("a\tb", "1", "key", "pattern: "), ("aws:x", "1", "key", "begin with 'aws:'"),
            ("AWS:x", "1", "key", "begin with 'aws:'"), ("awsome", "arn:aws:iam", nil, ""),
            (String(repeating: "k", count: 129), "1", "key", "less than or equal to 128"),
            ("k", String(repeating: "v", count: 257), "value", "less than or equal to 256"),
        ] as [(String, String, String?, String)])
    func tagsAreWhatAWSTakes(_ key: String, _ value: String, _ member: String?, _ words: String) {
        let parameters = WireParameters(["tags": [["key": .string(key), "value": .string(value)]]])
        #expect(WireTags.read(parameters)?.count == 1)
        var fault: String?
        do throws(WireError) { try parameters.check() } catch { fault = error.message }
        guard let member else {
            #expect(fault == nil)
            return
        }
        #expect(fault?.contains(" at 'tags.1.member.\(member)' failed") == true)
        #expect(fault?.contains(words) == true)
    }

    @Test func everythingThatIsViolatedIsSaidAtOnce() {
        let fault = Self.fault(["size": "HUGE", "count": 10])
        #expect(fault?.message.hasPrefix("3 validation errors detected: Value null at 'name'") == true)
    }

    @Test(
        arguments: [
            ("name", .int(1), "NUMBER_VALUE cannot be converted to String"),
            ("on", "true", "STRING_VALUE cannot be converted to Boolean"),
            ("count", 1.5, "NUMBER_VALUE cannot be converted to Integer"),
            ("entries", [:], "START_OBJECT cannot be converted to list"),
            ("entries", [true], "TRUE_VALUE cannot be converted to structure"),
        ] as [(String, JSONValue, String)])
    func anotherTypeIsNoRequest(_ name: String, _ value: JSONValue, _ message: String) {
        #expect(Self.fault([name: value]) == WireError.serialization(message))
    }
}
