/// The fields that only a Map has (ASL, "Map State"; AWS, "Distributed mode").
package struct MapDefinition: Sendable {
    package enum Mode: String, Sendable { case inline = "INLINE", distributed = "DISTRIBUTED" }

    package var processor: StateScope
    package var mode: Mode
    /// Where the array comes from: `ItemsPath` or `Items`; nil means the state's input.
    package var items: Template?
    /// `ItemSelector`, or the older `Parameters`.
    package var itemSelector: Template?
    /// 0 means as many as there are items.
    package var maxConcurrency: Template?
    package var toleratedFailureCount: Template?
    package var toleratedFailurePercentage: Template?
    package var itemReader: ItemReader?
    package var itemBatcher: ItemBatcher?
    package var resultWriter: ResultWriter?
    /// The middle of the Map Run's ARN and of its child executions' names.
    package var label: String?
    package var executionType: StateMachineType

    package init(
        processor: StateScope, mode: Mode = .inline, items: Template? = nil, itemSelector: Template? = nil,
        maxConcurrency: Template? = nil, toleratedFailureCount: Template? = nil,
        toleratedFailurePercentage: Template? = nil, itemReader: ItemReader? = nil, itemBatcher: ItemBatcher? = nil,
        resultWriter: ResultWriter? = nil, label: String? = nil, executionType: StateMachineType = .standard
    ) {
        self.processor = processor
        self.mode = mode
        self.items = items
        self.itemSelector = itemSelector
        self.maxConcurrency = maxConcurrency
        self.toleratedFailureCount = toleratedFailureCount
        self.toleratedFailurePercentage = toleratedFailurePercentage
        self.itemReader = itemReader
        self.itemBatcher = itemBatcher
        self.resultWriter = resultWriter
        self.label = label
        self.executionType = executionType
    }
}

/// Where a distributed Map reads its items from (AWS, "ItemReader (Map)").
package struct ItemReader: Sendable {
    /// `arn:aws:states:::s3:getObject` or `…:listObjectsV2`.
    package var resource: String
    /// `Parameters` or `Arguments`: bucket, key, prefix.
    package var arguments: Template?
    /// The members of `ReaderConfig` by name, without `MaxItems`.
    package var config: [(key: String, value: Template)]
    /// At most so many items are read.
    package var maxItems: Template?

    package init(
        resource: String, arguments: Template? = nil, config: [(key: String, value: Template)] = [],
        maxItems: Template? = nil
    ) {
        self.resource = resource
        self.arguments = arguments
        self.config = config
        self.maxItems = maxItems
    }
}

/// How a distributed Map groups items, one group a child execution (AWS, "ItemBatcher (Map)").
package struct ItemBatcher: Sendable {
    /// What every batch gets beside its items.
    package var input: Template?
    package var maxItems: Template?
    /// Bytes of a batch as compact JSON.
    package var maxBytes: Template?

    package init(input: Template? = nil, maxItems: Template? = nil, maxBytes: Template? = nil) {
        self.input = input
        self.maxItems = maxItems
        self.maxBytes = maxBytes
    }
}

/// What becomes of a distributed Map's results (AWS, "ResultWriter (Map)").
package struct ResultWriter: Sendable {
    package enum Transformation: String, Sendable, CaseIterable {
        /// Each result with what is known about its child execution.
        case none = "NONE"
        /// The outputs alone.
        case compact = "COMPACT"
        /// The outputs, where an array counts as its elements.
        case flatten = "FLATTEN"
    }

    package enum OutputType: String, Sendable, CaseIterable { case json = "JSON", jsonLines = "JSONL" }

    /// `arn:aws:states:::s3:putObject`; without it the results stay in the state's output.
    package var resource: String?
    package var arguments: Template?
    package var transformation: Transformation
    package var outputType: OutputType

    package init(
        resource: String? = nil, arguments: Template? = nil, transformation: Transformation = .none,
        outputType: OutputType = .json
    ) {
        self.resource = resource
        self.arguments = arguments
        self.transformation = transformation
        self.outputType = outputType
    }
}
