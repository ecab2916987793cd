import JSONModel

/// Where fields stand in a definition.
enum FieldPlace: Hashable {
    case machine, branch, processor, processorConfig
    case state(StateType)
    case retrier, catcher, choiceRule, nestedCondition
    case itemReader, readerConfig, itemBatcher, resultWriter, writerConfig
}

/// Which fields the States Language has where, in which query language.
enum FieldTable {
    static func names(in place: FieldPlace, language: QueryLanguage) -> Set<String> {
        let both = common[place] ?? []
        let own = (language == .jsonPath ? jsonPath : jsonata)[place] ?? []
        return both.union(own)
    }

    private static let flow: Set<String> = ["Next", "End", "Assign"]
    private static let state: Set<String> = ["Type", "Comment", "QueryLanguage"]
    private static let paths: Set<String> = ["InputPath", "OutputPath"]
    private static let result: Set<String> = ["ResultSelector", "ResultPath"]
    private static let handling: Set<String> = ["Retry", "Catch"]
    private static let comparisons = Set(ComparisonOperator.all.keys).union(["And", "Or", "Not", "Variable"])

    private static let common: [FieldPlace: Set<String>] = [
        .machine: ["Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"],
        .branch: ["Comment", "StartAt", "States"],
        .processor: ["Comment", "StartAt", "States", "ProcessorConfig"],
        .processorConfig: ["Mode", "ExecutionType"],
        .state(.pass): state.union(flow),
        .state(.task): state.union(flow).union(handling).union([
            "Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials",
        ]),
        .state(.choice): state.union(["Choices", "Default", "Assign"]),
        .state(.wait): state.union(flow).union(["Seconds", "Timestamp"]),
        .state(.succeed): state,
        .state(.fail): state.union(["Error", "Cause"]),
        .state(.parallel): state.union(flow).union(handling).union(["Branches"]),
        .state(.map): state.union(flow).union(handling).union([
            "ItemProcessor", "Iterator", "ItemSelector", "MaxConcurrency", "ItemReader", "ItemBatcher",
            "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailurePercentage",
        ]),
        .retrier: [
            "Comment", "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds",
            "JitterStrategy",
        ],
        .catcher: ["Comment", "ErrorEquals", "Next", "Assign"],
        .choiceRule: ["Comment", "Next", "Assign"],
        .nestedCondition: ["Comment"],
        .itemReader: ["Resource", "ReaderConfig"],
        .readerConfig: [
            "InputType", "CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "MaxItems", "ManifestType",
            "Transformation", "ItemsPointer",
        ],
        .itemBatcher: ["BatchInput", "MaxItemsPerBatch", "MaxInputBytesPerBatch"],
        .resultWriter: ["Resource", "WriterConfig"],
        .writerConfig: ["Transformation", "OutputType"],
    ]

    private static let jsonPath: [FieldPlace: Set<String>] = [
        .state(.pass): paths.union(["Result", "ResultPath", "Parameters"]),
        .state(.task): paths.union(result).union(["Parameters", "TimeoutSecondsPath", "HeartbeatSecondsPath"]),
        .state(.choice): paths,
        .state(.wait): paths.union(["SecondsPath", "TimestampPath"]),
        .state(.succeed): paths,
        .state(.fail): ["ErrorPath", "CausePath"],
        .state(.parallel): paths.union(result).union(["Parameters"]),
        .state(.map): paths.union(result).union([
            "Parameters", "ItemsPath", "MaxConcurrencyPath", "ToleratedFailureCountPath",
            "ToleratedFailurePercentagePath",
        ]),
        .catcher: ["ResultPath"],
        .choiceRule: comparisons,
        .nestedCondition: comparisons,
        .itemReader: ["Parameters"],
        .readerConfig: ["MaxItemsPath"],
        .itemBatcher: ["MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"],
        .resultWriter: ["Parameters"],
    ]

    private static let jsonata: [FieldPlace: Set<String>] = [
        .state(.pass): ["Output"],
        .state(.task): ["Arguments", "Output"],
        .state(.choice): ["Output"],
        .state(.wait): ["Output"],
        .state(.succeed): ["Output"],
        .state(.parallel): ["Arguments", "Output"],
        .state(.map): ["Items", "Output"],
        .catcher: ["Output"],
        .choiceRule: ["Condition", "Output"],
        .itemReader: ["Arguments"],
        .resultWriter: ["Arguments"],
    ]
}

extension Fields {
    /// Reports members that the States Language does not have here, with the name that was probably meant.
    func checkNames(in place: FieldPlace) {
        let allowed = FieldTable.names(in: place, language: language)
        let other: QueryLanguage = language == .jsonPath ? .jsonata : .jsonPath
        let foreign = FieldTable.names(in: place, language: other)
        for name in object.keys where !allowed.contains(name) {
            if foreign.contains(name) {
                findings.reportKey(
                    .wrongLanguage, at: self.place(name),
                    "'\(name)' belongs to \(other.rawValue), but the query language here is \(language.rawValue)",
                    hint: language == .jsonPath
                        ? "set 'QueryLanguage: JSONata' in this state" : counterpart(of: name))
                continue
            }
            let similar = closest(to: name, among: allowed.subtracting(object.keys).sorted())
            findings.reportKey(
                .unknownField, at: self.place(name), "Field '\(name)' is not supported\(described(place))",
                hint: similar.map { "did you mean '\($0)'?" })
        }
    }

    private func described(_ place: FieldPlace) -> String {
        if case .state(let type) = place { return " in a \(type.rawValue) state" }
        return ""
    }

    private func counterpart(of name: String) -> String {
        switch name {
        case "Parameters": "JSONata has 'Arguments' instead (in a Pass state 'Output')"
        case "InputPath": "JSONata reads '$states.input' where it needs it"
        case "ResultSelector", "ResultPath", "OutputPath", "Result": "JSONata has 'Output' instead"
        case "ItemsPath": "JSONata has 'Items' instead"
        case _ where name.hasSuffix("Path"):
            "JSONata has '\(name.dropLast(4))' with an expression instead"
        default: "JSONata has 'Condition' with an expression instead"
        }
    }
}
