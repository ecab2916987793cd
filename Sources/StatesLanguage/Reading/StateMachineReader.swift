package import JSONModel

/// What came of reading a definition.
package struct StateMachineReading: Sendable {
    /// Nil if and only if there is an error among the diagnostics.
    package var machine: StateMachine?
    /// Everything found, sorted by place.
    package var diagnostics: [Diagnostic]
    /// Nil if the text could not be read at all.
    package var document: SourceDocument?

    package init(machine: StateMachine?, diagnostics: [Diagnostic], document: SourceDocument?) {
        self.machine = machine
        self.diagnostics = diagnostics
        self.document = document
    }
}

/// The type of a state machine on AWS, which decides what its tasks may wait for.
package enum StateMachineType: String, Sendable, Hashable, CaseIterable {
    case standard = "STANDARD"
    case express = "EXPRESS"
}

/// Reads a definition and checks it against the States Language, with everything that is wrong reported at once.
package enum StateMachineReader {
    /// - Parameters:
    ///   - file: the name for messages; one that ends in `.json` must hold strict JSON.
    ///   - type: an EXPRESS machine may not wait for tokens or jobs.
    package static func read(
        _ text: String, file: String?, type: StateMachineType = .standard
    ) -> StateMachineReading {
        let (document, diagnostics) = SourceDocument.readAsFarAsPossible(text, file: file)
        guard let document else {
            return StateMachineReading(machine: nil, diagnostics: diagnostics, document: nil)
        }
        var reading = read(document: document, type: type)
        guard !diagnostics.isEmpty else { return reading }
        reading.machine = nil
        reading.diagnostics = (diagnostics + reading.diagnostics).sortedByPlace
        return reading
    }

    /// Reads a definition that has no text; its diagnostics have pointers but no positions.
    package static func read(json: JSONValue, type: StateMachineType = .standard) -> StateMachineReading {
        read(document: SourceDocument(value: json), type: type)
    }

    package static func read(document: SourceDocument, type: StateMachineType = .standard) -> StateMachineReading {
        let findings = Findings(document: document)
        let machine = machine(in: document, type: type, findings: findings)
        return StateMachineReading(
            machine: findings.hasErrors ? nil : machine, diagnostics: findings.sorted, document: document)
    }

    private static func machine(
        in document: SourceDocument, type: StateMachineType, findings: Findings
    ) -> StateMachine? {
        guard let object = document.value.objectValue else {
            findings.report(
                .notAnObject, at: "", "Definition must be a valid JSON object",
                hint: "it is \(article(document.value.typeName))")
            return nil
        }
        var fields = Fields(object, at: "", language: .jsonPath, findings: findings)
        let language = fields.word("QueryLanguage", among: [QueryLanguage.jsonPath, .jsonata]) ?? .jsonPath
        fields = Fields(object, at: "", language: language, findings: findings)
        let reader = ScopeReader(fields: fields, machineLanguage: language)
        let machine = StateMachine(
            comment: fields.comment(), version: fields.string("Version"), queryLanguage: language,
            timeoutSeconds: fields.integer("TimeoutSeconds", in: 1...maximumSeconds), scope: reader.scope(),
            document: document.value)
        fields.checkNames(in: .machine)
        DefinitionRules.check(document.value, type: type, findings: findings)
        return machine
    }
}

/// The largest number of seconds that AWS takes anywhere in a definition: a little more than three years.
let maximumSeconds: Int64 = 99_999_999

extension Fields {
    /// ASL: "MAY have a string field named Comment", wherever it may stand.
    @discardableResult
    func comment() -> String? { string("Comment") }
}
