import JSONModel

extension StateReader {
    /// The longest `Label`, in characters (AWS's limit).
    static let maximumLabelLength = 40

    /// The fields of a distributed Map: where items come from, how they are grouped, where results go.
    func checkDistributedFields() {
        if let reader = fields.nested("ItemReader") { checkReader(reader) }
        if let batcher = fields.nested("ItemBatcher") { checkBatcher(batcher) }
        if let writer = fields.nested("ResultWriter") { checkWriter(writer) }
        checkLabel()
    }

    private func checkReader(_ reader: Fields) {
        if reader.requiredString("Resource") != nil { checkPayload(reader) }
        guard let config = reader.nested("ReaderConfig") else { return }
        _ = config.word("InputType", among: InputType.allCases)
        if config.word("CSVHeaderLocation", among: [HeaderLocation.firstRow, .given]) == .given,
            !config.has("CSVHeaders")
        {
            config.missing("CSVHeaders", hint: "'CSVHeaderLocation: GIVEN' needs the headers")
        }
        checkCount("MaxItems", in: 0...100_000_000, of: config)
    }

    private func checkBatcher(_ batcher: Fields) {
        checkCount("MaxItemsPerBatch", in: 1...100_000_000, of: batcher)
        checkCount("MaxInputBytesPerBatch", in: 1...262_144, of: batcher)
        _ = batcher.template("BatchInput")
    }

    private func checkWriter(_ writer: Fields) {
        if writer.has("Resource") { checkPayload(writer) }
        guard let config = writer.nested("WriterConfig") else { return }
        if !config.has("OutputType") { config.missing("OutputType") }
        _ = config.word("OutputType", among: [OutputType.json, .jsonLines])
        _ = config.word("Transformation", among: Transformation.allCases)
    }

    /// What goes to the service that reads or writes: `Parameters` in JSONPath, `Arguments` in JSONata.
    private func checkPayload(_ fields: Fields) {
        let (own, foreign) =
            fields.language == .jsonPath ? ("Parameters", "Arguments") : ("Arguments", "Parameters")
        _ = fields.template(own)
        if fields.has(foreign) {
            fields.findings.reportKey(
                .wrongLanguage, at: fields.place(foreign),
                "'\(foreign)' is not a field of \(fields.language.rawValue)", hint: "write '\(own)' instead")
        }
    }

    private func checkCount(_ name: String, in range: ClosedRange<Int64>, of fields: Fields) {
        guard fields.language == .jsonPath else {
            if let text = fields[name]?.stringValue,
                fields.expression(text, at: fields.place(name), field: name) != nil
            {
                return
            }
            _ = fields.integer(name, in: range)
            return
        }
        fields.exclusive(name, name + "Path")
        _ = fields.integer(name, in: range)
        _ = fields.referencePath(name + "Path")
    }

    private func checkLabel() {
        guard let label = fields.string("Label") else { return }
        if label.isEmpty || label.utf16.count > Self.maximumLabelLength {
            fields.report(
                .invalidLabel, "Label",
                "'Label' has 1 to \(Self.maximumLabelLength) characters; this one has \(label.utf16.count)")
        }
        guard let wrong = label.unicodeScalars.first(where: isForbidden) else { return }
        fields.report(.invalidLabel, "Label", "Label contains invalid character: '\(wrong.escaped(asASCII: true))'")
    }

    /// AWS's list: blanks, wildcards, brackets, special and control characters.
    private func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            || "?*<>{}[]\"#%\\^|~`$&,;:/".unicodeScalars.contains(scalar)
    }
}

private enum InputType: String, CaseIterable {
    case csv = "CSV"
    case json = "JSON"
    case jsonLines = "JSONL"
    case manifest = "MANIFEST"
    case parquet = "PARQUET"
}

private enum HeaderLocation: String {
    case firstRow = "FIRST_ROW"
    case given = "GIVEN"
}

private enum OutputType: String {
    case json = "JSON"
    case jsonLines = "JSONL"
}

private enum Transformation: String, CaseIterable {
    case none = "NONE"
    case compact = "COMPACT"
    case flatten = "FLATTEN"
}
