import JSONModel

/// The fields of a distributed Map: where items come from, how they are grouped, where results go.
extension StateReader {
    /// The longest `Label`, in characters (AWS's limit).
    static let maximumLabelLength = 40

    func itemReader(_ reader: Fields) -> ItemReader {
        reader.checkNames(in: .itemReader)
        var itemReader = ItemReader(
            resource: reader.requiredString("Resource") ?? "", arguments: arguments(of: reader))
        guard let config = reader.nested("ReaderConfig") else { return itemReader }
        config.checkNames(in: .readerConfig)
        checkValues(of: config)
        itemReader.maxItems = count("MaxItems", in: 0...100_000_000, of: config)
        for (name, value) in config.object where !["MaxItems", "MaxItemsPath"].contains(name) {
            itemReader.config.append((name, config.template(value, at: config.place(name), field: name)))
        }
        return itemReader
    }

    /// AWS, "ItemReader (Map)", "ReaderConfig".
    private func checkValues(of config: Fields) {
        if config.word("InputType", among: InputType.allCases) == .parquet {
            config.report(
                .unsupportedData, "InputType", "Steward does not read Parquet, though AWS does",
                hint: "write the data as JSONL or CSV, for example with Athena")
        }
        if config.word("CSVHeaderLocation", among: [HeaderLocation.firstRow, .given]) == .given {
            if !config.has("CSVHeaders") {
                config.missing("CSVHeaders", hint: "'CSVHeaderLocation: GIVEN' needs the headers")
            }
            checkHeaders(of: config)
        }
        _ = config.word("CSVDelimiter", among: Delimiter.allCases)
        _ = config.word("ManifestType", among: ManifestType.allCases)
        _ = config.word("Transformation", among: ReaderTransformation.allCases)
        _ = config.string("ItemsPointer")
        for (index, header) in (config.array("CSVHeaders") ?? []).enumerated() where header.stringValue == nil {
            config.findings.report(
                .wrongType, at: pointer(config.place("CSVHeaders"), index),
                "'CSVHeaders' holds strings, not \(article(header.typeName))")
        }
    }

    /// Two columns of one name could not both be members of an item.
    private func checkHeaders(of config: Fields) {
        var seen: Set<[UInt8]> = []
        for (index, header) in (config["CSVHeaders"]?.arrayValue ?? []).enumerated() {
            // Expressions are compared when they have values.
            guard let header = header.stringValue, !header.hasPrefix("{%"), !seen.insert(Array(header.utf8)).inserted
            else {
                continue
            }
            config.findings.report(
                .alwaysFails, at: pointer(config.place("CSVHeaders"), index),
                "The header '\(header)' is there twice, so that nothing is read", hint: "rename one of the two")
        }
    }

    func itemBatcher(_ batcher: Fields) -> ItemBatcher {
        batcher.checkNames(in: .itemBatcher)
        return ItemBatcher(
            input: batcher.template("BatchInput"),
            maxItems: count("MaxItemsPerBatch", in: 1...100_000_000, of: batcher),
            maxBytes: count("MaxInputBytesPerBatch", in: 1...262_144, of: batcher))
    }

    func resultWriter(_ writer: Fields) -> ResultWriter {
        writer.checkNames(in: .resultWriter)
        var resultWriter = ResultWriter(resource: writer.string("Resource"))
        let arguments = arguments(of: writer)
        if writer.has("Resource") { resultWriter.arguments = arguments }
        guard let config = writer.nested("WriterConfig") else { return resultWriter }
        config.checkNames(in: .writerConfig)
        if !config.has("OutputType") { config.missing("OutputType", hint: "JSON or JSONL") }
        resultWriter.outputType = config.word("OutputType", among: ResultWriter.OutputType.allCases) ?? .json
        resultWriter.transformation =
            config.word("Transformation", among: ResultWriter.Transformation.allCases) ?? .none
        return resultWriter
    }

    /// What goes to the service that reads or writes: `Parameters` in JSONPath, `Arguments` in JSONata.
    private func arguments(of fields: Fields) -> Template? {
        fields.template(fields.language == .jsonPath ? "Parameters" : "Arguments")
    }

    /// A whole number, an expression in JSONata, or a path in the field that ends in `Path`.
    private func count(_ name: String, in range: ClosedRange<Int64>, of fields: Fields) -> Template? {
        if fields.language == .jsonPath {
            fields.exclusive(name, name + "Path")
            let path = fields.referencePath(name + "Path")
            if !fields.has(name) { return path.map { .path($0) } }
        } else if let text = fields[name]?.stringValue,
            let template = fields.expression(text, at: fields.place(name), field: name)
        {
            return template
        }
        return fields.integer(name, in: range).map { .literal(.int(Int64($0))) }
    }

    func label() -> String? {
        guard let label = fields.string("Label") else { return nil }
        if label.isEmpty || label.utf16.count > Self.maximumLabelLength {
            fields.report(
                .invalidLabel, "Label",
                "'Label' has 1 to \(Self.maximumLabelLength) characters; this one has \(label.utf16.count)")
        }
        if let wrong = label.unicodeScalars.first(where: isForbidden) {
            fields.report(
                .invalidLabel, "Label", "Label contains invalid character: '\(wrong.escaped(asASCII: true))'")
        }
        return label
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

private enum Delimiter: String, CaseIterable {
    case comma = "COMMA"
    case pipe = "PIPE"
    case semicolon = "SEMICOLON"
    case space = "SPACE"
    case tab = "TAB"
}

private enum ManifestType: String, CaseIterable {
    case athenaData = "ATHENA_DATA"
    case s3Inventory = "S3_INVENTORY"
}

private enum ReaderTransformation: String, CaseIterable {
    case none = "NONE"
    case loadAndFlatten = "LOAD_AND_FLATTEN"
}
