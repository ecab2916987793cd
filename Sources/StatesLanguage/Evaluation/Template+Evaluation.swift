package import JSONModel
import JSONPath
import JSONata

extension Template {
    /// The value of the template.
    ///
    /// Random numbers and UUIDs come from `scope.seed` and `field`: the same template in the same scope gives the same
    /// value, calls that follow each other within one template give different ones.
    /// - Parameter field: the name of the field, such as `Parameters` or `Output`; it appears in errors of JSONata
    ///   expressions and tells the random numbers of one field from those of another.
    /// - Throws: `States.Runtime` for a path without a value, `States.IntrinsicFailure`, and
    ///   `States.QueryEvaluationError` for JSONata.
    package func evaluate(in scope: EvaluationScope, field: String? = nil) throws(EvaluationError) -> JSONValue {
        var evaluator = TemplateEvaluator(scope: scope, field: field)
        return try evaluator.value(of: self, at: field ?? "")
    }
}

/// Walks a template from left to right; its state is the random number generator and how much may still be made.
struct TemplateEvaluator {
    let scope: EvaluationScope
    var random: SplitMix64
    var room = EvaluationRoom()

    init(scope: EvaluationScope, field: String?) {
        self.scope = scope
        random = SplitMix64(seed: (field ?? "").utf8.reduce(scope.seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    }

    /// - Parameter place: where the template stands, such as `Output/total`.
    mutating func value(of template: Template, at place: String) throws(EvaluationError) -> JSONValue {
        switch template {
        case .literal(let value): return value
        case .object(let members):
            var object = JSONObject()
            object.reserveCapacity(members.count)
            for (key, member) in members { object[key] = try value(of: member, at: "\(place)/\(key)") }
            return .object(object)
        case .array(let elements):
            var values: [JSONValue] = []
            values.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                values.append(try value(of: element, at: "\(place)[\(index)]"))
            }
            return .array(values)
        case .path(let path):
            try scope.effort.check(for: place, error: "States.Runtime")
            let value = try path.evaluate(in: scope, field: lastKey(of: place).map { $0 + ".$" })
            if !path.path.isDefinite { try room.take(elements: value.arrayValue?.count ?? 0, for: path.text) }
            return value
        case .intrinsic(let call): return try result(of: call)
        case .expression(let expression): return try value(of: expression, at: place)
        }
    }

    /// AWS names the key that holds a path, not the way to it; nil for a field that is itself a path.
    private func lastKey(of place: String) -> String? {
        guard let slash = place.lastIndex(of: "/") else { return nil }
        return String(place[place.index(after: slash)...].prefix { $0 != "[" })
    }
}
