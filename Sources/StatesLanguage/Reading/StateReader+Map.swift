import JSONModel

extension StateReader {
    func branches() -> [StateScope] {
        if !fields.has("Branches") { fields.missing("Branches") }
        if fields["Branches"]?.arrayValue?.isEmpty == true {
            fields.report(.emptyScope, "Branches", "'Branches' must hold at least one branch")
        }
        return fields.elements("Branches").map { branch in
            branch.checkNames(in: .branch)
            branch.comment()
            return ScopeReader(fields: branch, machineLanguage: inherited).scope()
        }
    }

    /// A state's own language does not pass on to the states inside it.
    private var inherited: QueryLanguage { machineLanguage }

    func map() -> MapDefinition {
        var map = processor() ?? MapDefinition(processor: StateScope(startAt: "", states: []))
        map.items = items()
        fields.exclusive("ItemSelector", "Parameters")
        map.itemSelector = fields.template(fields.has("ItemSelector") ? "ItemSelector" : "Parameters")
        map.maxConcurrency = seconds("MaxConcurrency", in: 0...maximumSeconds)
        map.toleratedFailureCount = seconds("ToleratedFailureCount", in: 0...10_000_000)
        map.toleratedFailurePercentage = number("ToleratedFailurePercentage") {
            fields.number("ToleratedFailurePercentage", in: 0...100).flatMap { _ in fields["ToleratedFailurePercentage"]
            }
        }
        map.itemReader = fields.nested("ItemReader").map(itemReader)
        map.itemBatcher = fields.nested("ItemBatcher").map(itemBatcher)
        map.resultWriter = fields.nested("ResultWriter").map(resultWriter)
        map.label = label()
        return map
    }

    /// `Iterator` is the older name of `ItemProcessor`; AWS takes a `ProcessorConfig` in both.
    private func processor() -> MapDefinition? {
        fields.exclusive("ItemProcessor", "Iterator")
        if !fields.has("ItemProcessor"), !fields.has("Iterator") {
            fields.findings.report(
                .missingProcessor, at: fields.path, "A Map needs 'ItemProcessor'",
                hint: "it holds 'StartAt' and 'States' of the work on one item")
        }
        guard let processor = fields.nested(fields.has("ItemProcessor") ? "ItemProcessor" : "Iterator") else {
            return nil
        }
        processor.checkNames(in: .processor)
        processor.comment()
        var map = MapDefinition(processor: ScopeReader(fields: processor, machineLanguage: inherited).scope())
        guard let config = processor.nested("ProcessorConfig") else { return map }
        config.checkNames(in: .processorConfig)
        map.mode = config.word("Mode", among: [MapDefinition.Mode.inline, .distributed]) ?? .inline
        map.executionType = config.word("ExecutionType", among: [StateMachineType.standard, .express]) ?? .standard
        if map.mode == .distributed, !config.has("ExecutionType") {
            config.missing("ExecutionType", hint: "STANDARD or EXPRESS")
        }
        return map
    }

    private func items() -> Template? {
        guard fields.language == .jsonata else {
            if fields["ItemsPath"] == .null { fields.wrongType("ItemsPath", expected: "a path") }
            return fields["ItemsPath"]?.isNull == false ? fields.path("ItemsPath").map { .path($0) } : nil
        }
        guard let value = fields["Items"] else { return nil }
        let template = fields.template("Items")
        if case .literal? = template, value.arrayValue == nil, value.objectValue == nil {
            fields.wrongType("Items", expected: "an array, an object or a JSONata expression")
        }
        return template
    }
}
