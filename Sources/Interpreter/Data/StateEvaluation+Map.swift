import JSONModel
import JSONata
import StatesLanguage

/// How many failed iterations a distributed Map puts up with.
struct FailureTolerance {
    var count: Double?
    var percentage: Double?

    func allows(failed: Int, of total: Int) -> Bool {
        if count == nil, percentage == nil { return failed == 0 }
        if let count, Double(failed) > count { return false }
        if let percentage, total > 0, Double(failed) * 100 / Double(total) > percentage { return false }
        return true
    }
}

/// The fields of a Map (ASL, "Map State").
extension StateEvaluation {
    /// Iterations of an inline Map that run at once (AWS quota), and of a distributed one.
    static let inlineConcurrency = 40
    static let distributedConcurrency = 10_000

    /// The items in the state's input.
    func items(of map: MapDefinition) throws(StateFailure) -> MapItems {
        let input = try selectedInput()
        let value = try map.items.map { template throws(StateFailure) in
            try self.value(template, input: input, field: "Items")
        }
        let source = map.mode == .distributed ? "STATE_DATA" : nil
        if let items = (value ?? input).arrayValue { return MapItems(values: items, source: source) }
        // A distributed Map also iterates over the members of an object.
        if map.mode == .distributed, let object = (value ?? input).objectValue {
            return MapItems(values: Array(object.values), keys: Array(object.keys), source: source)
        }
        guard let template = map.items, let value else {
            throw dataFailure("Map state input must be an array but was: \(input.quotedForCause)")
        }
        throw notAnArray(template, value)
    }

    /// The items that `ItemReader` has read.
    func items(read: [JSONValue], by map: MapDefinition) throws(StateFailure) -> MapItems {
        var items = MapItems(values: read)
        if let reader = map.itemReader { items.source = try source(of: reader) }
        return items
    }

    /// What an iteration starts with: its item, or what `ItemSelector` makes of it.
    func iterationInput(_ item: MapItem, of map: MapDefinition) throws(StateFailure) -> JSONValue {
        guard let selector = map.itemSelector else {
            return item.key.map { ["Key": .string($0), "Value": item.value] } ?? item.value
        }
        var evaluation = self
        evaluation.item = item
        return try evaluation.value(selector, input: evaluation.selectedInput(), field: "ItemSelector")
    }

    private func notAnArray(_ template: Template, _ value: JSONValue) -> StateFailure {
        switch template {
        case .path(let path):
            dataFailure(
                "Reference path \"\(path.source == .context ? "\(path.path)" : path.text)\" must point to array.")
        case .expression(let expression):
            dataFailure(
                "The JSONata expression '\(expression.text)' specified for the field 'Items' returned an unexpected "
                    + "result type. Expected 'array', but was '\(value.typeName)' for value: \(value.quotedForCause)",
                field: "Items")
        default: dataFailure("Map state input must be an array but was: \(value.quotedForCause)")
        }
    }

    /// Iterations that may run at once.
    func concurrency(of map: MapDefinition) throws(StateFailure) -> Int {
        let most = map.mode == .distributed ? Self.distributedConcurrency : Self.inlineConcurrency
        guard let template = map.maxConcurrency else { return most }
        let number = try number(template, "MaxConcurrency", kind: "integer")
        guard number >= 0, let wanted = Int(exactly: number) else {
            throw dataFailure("MaxConcurrency must be a non-negative integer.", field: "MaxConcurrency")
        }
        return wanted == 0 ? most : min(wanted, most)
    }

    func tolerance(of map: MapDefinition) throws(StateFailure) -> FailureTolerance {
        var tolerance = FailureTolerance()
        if let template = map.toleratedFailureCount {
            tolerance.count = try number(template, "ToleratedFailureCount", kind: "integer")
            guard tolerance.count ?? 0 >= 0 else {
                throw dataFailure("ToleratedFailureCount cannot be negative.", field: "ToleratedFailureCount")
            }
        }
        if let template = map.toleratedFailurePercentage {
            tolerance.percentage = try number(template, "ToleratedFailurePercentage", kind: "float")
            guard (0...100).contains(tolerance.percentage ?? 0) else {
                throw dataFailure(
                    "ToleratedFailurePercentage must be between 0 and 100.", field: "ToleratedFailurePercentage")
            }
        }
        return tolerance
    }

    func number(_ template: Template, _ field: String, kind: String) throws(StateFailure) -> Double {
        let value = try value(template, input: selectedInput(), field: field)
        if let number = value.number { return number }
        guard case .path(let path) = template else {
            throw dataFailure("The \(field) field must be a number but was: \(value.quotedForCause)", field: field)
        }
        let text = value.stringValue ?? value.quotedForCause
        throw dataFailure(
            "The \(field)Path field refers to value \"\(text)\" which is not a valid \(kind): \(path.text)")
    }
}
