import JSONModel

/// What bounds a Map Run: what a person may change while it is under way (AWS, `UpdateMapRun`). Nil leaves what the
/// definition says, or what was set before.
package struct MapRunBounds: Sendable, Equatable {
    /// 0 means as many as there are items.
    package var maxConcurrency: Int?
    package var toleratedFailureCount: Int?
    package var toleratedFailurePercentage: Double?

    package init(
        maxConcurrency: Int? = nil, toleratedFailureCount: Int? = nil, toleratedFailurePercentage: Double? = nil
    ) {
        self.maxConcurrency = maxConcurrency
        self.toleratedFailureCount = toleratedFailureCount
        self.toleratedFailurePercentage = toleratedFailurePercentage
    }

    mutating func replace(by newer: MapRunBounds) {
        maxConcurrency = newer.maxConcurrency ?? maxConcurrency
        toleratedFailureCount = newer.toleratedFailureCount ?? toleratedFailureCount
        toleratedFailurePercentage = newer.toleratedFailurePercentage ?? toleratedFailurePercentage
    }

    func concurrency(insteadOf defined: Int) -> Int {
        guard let maxConcurrency else { return defined }
        let most = StateEvaluation.distributedConcurrency
        return maxConcurrency == 0 ? most : min(maxConcurrency, most)
    }

    func tolerance(insteadOf defined: FailureTolerance) -> FailureTolerance {
        FailureTolerance(
            count: toleratedFailureCount.map(Double.init) ?? defined.count,
            percentage: toleratedFailurePercentage ?? defined.percentage)
    }

    // MARK: In a record

    init(json: JSONValue) {
        maxConcurrency = json["concurrency"]?.intValue.map(Int.init)
        toleratedFailureCount = json["count"]?.intValue.map(Int.init)
        toleratedFailurePercentage = json["percentage"]?.number
    }

    var json: JSONValue {
        var object = JSONObject()
        object["concurrency"] = maxConcurrency.map { .int(Int64($0)) }
        object["count"] = toleratedFailureCount.map { .int(Int64($0)) }
        object["percentage"] = toleratedFailurePercentage.map { .double($0) }
        return .object(object)
    }
}
