// Paths that bind variables (`@`, `#`, `%`): items travel as tuples with what was bound on the way.
extension Evaluator {
    func evaluateTupleStep(
        _ step: Node, _ input: ArrayValue, _ tuples: [Tuple]?, _ frame: Frame
    ) throws(JSONataError) -> [Tuple] {
        if case .sort(let terms) = step.kind {
            return try evaluateTupleSort(terms, step, input, tuples, frame)
        }
        var results: [Tuple] = []
        for tuple in tuples ?? input.values.map(Tuple.init) {
            let value = try evaluate(step, tuple.item, tuple.frame(in: frame))
            try extend(tuple, with: value, step, &results)
        }
        try chargeElements(results.count)
        return try applyStages(step.stages, to: results, frame)
    }

    private func extend(
        _ tuple: Tuple, with value: Value, _ step: Node, _ results: inout [Tuple]
    ) throws(JSONataError) {
        if case .tuples(let stream) = value {
            for inner in stream.tuples {
                var next = tuple
                next.merge(inner)
                try charge(2)
                try chargeMemory(64 + next.bindings.count * 48)
                results.append(next)
            }
            return
        }
        guard !value.isUndefined else { return }
        let items = value.array ?? ArrayValue([value])
        for place in 0..<items.count {
            var next = tuple
            if let focus = step.focus {
                next.bind(focus, items[place])
            } else {
                next.item = items[place]
            }
            if let index = step.index { next.bind(index, .number(Double(place))) }
            if let ancestor = step.ancestor { next.bind(ancestor, tuple.item) }
            try charge(2)
            try chargeMemory(64 + next.bindings.count * 48)
            results.append(next)
        }
    }

    private func evaluateTupleSort(
        _ terms: [Node.SortTerm], _ step: Node, _ input: ArrayValue, _ tuples: [Tuple]?, _ frame: Frame
    ) throws(JSONataError) -> [Tuple] {
        var results: [Tuple]
        if let tuples {
            results = try sort(tuples, by: terms, step, frame)
        } else {
            results = []
            let sorted = try sort(input, by: terms, step, frame)
            for (place, item) in (sorted.array?.values ?? [sorted]).enumerated() {
                var tuple = Tuple(item: item)
                if let index = step.index { tuple.bind(index, .number(Double(place))) }
                results.append(tuple)
            }
        }
        return try applyStages(step.stages, to: results, frame)
    }

    private func applyStages(
        _ stages: [Node.Stage], to tuples: [Tuple], _ frame: Frame
    ) throws(JSONataError) -> [Tuple] {
        var results = tuples
        for stage in stages {
            switch stage {
            case .filter(let filter): results = try applyFilter(filter, to: results, frame)
            case .index(let name):
                for place in results.indices { results[place].bind(name, .number(Double(place))) }
            }
        }
        return results
    }
}
