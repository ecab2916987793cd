import JSONModel
import StatesLanguage
import Testing

/// A definition with what AWS makes of it: nil for accepted, or the codes of the errors that Steward must find.
struct Verdict: CustomTestStringConvertible, Sendable {
    let text: String
    let errors: [String]

    init(_ text: String, _ errors: [String]) {
        self.text = text
        self.errors = errors
    }

    var testDescription: String { "\(errors) \(text)" }

    /// Compares all errors, as JSON and as YAML that says the same.
    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let reading = StateMachineReader.read(text, file: "m.asl.json")
        let found = reading.diagnostics.filter { $0.severity == .error }
        #expect(found.map(\.code).sorted() == errors.sorted(), "\(found)", sourceLocation: sourceLocation)
        #expect((reading.machine != nil) == errors.isEmpty, sourceLocation: sourceLocation)
        #expect(found.allSatisfy { $0.position != nil }, sourceLocation: sourceLocation)
        let asYAML = StateMachineReader.read("# YAML\n" + text, file: "m.asl.yaml")
        #expect(asYAML.diagnostics.map(\.code).sorted() == reading.diagnostics.map(\.code).sorted(), "\(asYAML)")
    }

    // MARK: Building blocks

    /// A machine of the state A and, if it leads there, the state B.
    static func state(_ fields: String, _ errors: String..., machine: String = "") -> Verdict {
        Verdict(
            "{\"StartAt\": \"A\", \(machine)\"States\": {\"A\": {\(fields)}"
                + (fields.contains("\"B\"") ? ", \"B\": {\"Type\": \"Succeed\"}" : "") + "}}", errors)
    }

    /// The same in a machine whose query language is JSONata.
    static func jsonata(_ fields: String, _ errors: String...) -> Verdict {
        Verdict(
            "{\"StartAt\": \"A\", \"QueryLanguage\": \"JSONata\", \"States\": {\"A\": {\(fields)}"
                + (fields.contains("\"B\"") ? ", \"B\": {\"Type\": \"Succeed\"}" : "") + "}}", errors)
    }

    static func machine(_ fields: String, _ errors: String...) -> Verdict { Verdict("{\(fields)}", errors) }

    static let end = "\"End\": true"
    static let pass = "\"Type\": \"Pass\", \"End\": true, "
    static let task = "\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::lambda:invoke\", \"End\": true, "
    static let wait = "\"Type\": \"Wait\", \"End\": true, "
    static let succeed = "\"Type\": \"Succeed\", "
    static let fail = "\"Type\": \"Fail\", "
    static let parallel =
        "\"Type\": \"Parallel\", \"End\": true, \"Branches\": [{\"StartAt\": \"P\", \"States\": {\"P\": "
        + "{\"Type\": \"Succeed\"}}}], "
    static let inner = "\"StartAt\": \"M\", \"States\": {\"M\": {\"Type\": \"Succeed\"}}"
    static let map = "\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": {\(inner)}, "
    static let distributed =
        "\"Type\": \"Map\", \"End\": true, \"ItemProcessor\": {\"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", "
        + "\"ExecutionType\": \"STANDARD\"}, \(inner)}, "

    /// A Choice with one rule that leads to B.
    static func rule(_ fields: String, _ errors: String...) -> Verdict {
        let choice = "\"Type\": \"Choice\", \"Choices\": [{\(fields), \"Next\": \"B\"}]"
        return Verdict(state(choice).text, errors)
    }

    static func retry(_ fields: String, _ errors: String...) -> Verdict {
        Verdict(state(task + "\"Retry\": [{\"ErrorEquals\": [\"x\"], \(fields)}]").text, errors)
    }

    static func parameter(_ path: String, _ errors: String...) -> Verdict {
        Verdict(state(pass + "\"Parameters\": {\"x.$\": \(JSONValue.string(path).jsonString)}").text, errors)
    }

    static func output(_ text: String, _ errors: String...) -> Verdict {
        Verdict(jsonata(pass + "\"Output\": \(JSONValue.string(text).jsonString)").text, errors)
    }
}
