package import WallTime

/// Which model an inference profile, a prompt router, or bought throughput stands for, from the ARNs that AWS names for it.
package enum ModelTarget {
    /// One candidate for each model among `arns`, with the scope in which it is called.
    ///
    /// A profile lists its model once for each Region that it may be served in: one Region is a regional call, several of
    /// a geography make a geographic one. A global profile also lists the model without a Region.
    package static func candidates(_ arns: [String]) -> [ModelID] {
        var regions: [String: Set<String>] = [:]
        var order: [String] = []
        for arn in arns {
            let model = ModelID(arn)
            guard model.opaqueID == nil, model.kind != .other else { continue }
            // A profile behind a router says its scope by itself.
            let name = model.scope.label.map { "\($0).\(model.base)" } ?? model.base
            if regions[name] == nil { order.append(name) }
            regions[name, default: []].insert(region(of: arn))
        }
        return order.map { name in
            let model = ModelID(name)
            guard model.scope == .regional, let scope = scope(of: regions[name, default: []]) else { return model }
            return ModelID(text: name, kind: model.kind, scope: scope, base: model.base)
        }
    }

    private static func region(of arn: String) -> String {
        let fields = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return fields.count == 6 ? String(fields[3]) : ""
    }

    private static func scope(of regions: Set<String>) -> ModelID.Scope? {
        if regions.count <= 1 { return nil }
        let areas = Set(regions.map { region in ModelID.Scope.regional.labels(in: region)[0] })
        guard areas.count == 1, let area = areas.first ?? nil else { return .global }
        return .geography(area)
    }
}

extension ModelID {
    /// A text that reads back as this model and this scope: `us.anthropic.claude-sonnet-4-6`.
    package var canonicalText: String { scope.label.map { "\($0).\(base)" } ?? base }
}

extension PriceBook {
    /// The dearest of several models: a router may choose any of them, and the log does not say which. Nil unless all of
    /// them have a price.
    package func dearest(of models: [ModelID], in region: String?, at instant: Instant) -> ModelID? {
        var dearest: (model: ModelID, cost: Int64)?
        for model in models {
            guard let row = row(for: model, in: region, at: instant) else { return nil }
            let (sum, overflow) = row.rates.input.rawValue.addingReportingOverflow(row.rates.output.rawValue)
            let cost = overflow ? Int64.max : sum
            if cost > dearest?.cost ?? -1 { dearest = (model, cost) }
        }
        return dearest?.model
    }
}
