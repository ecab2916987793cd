// `^(…)` and `$sort`: a stable merge sort, which asks only whether two neighbours must be swapped.
extension Evaluator {
    func sort(_ input: ArrayValue, by terms: [Node.SortTerm], _ step: Node, _ frame: Frame) throws(JSONataError)
        -> Value
    {
        guard input.count > 1 else { return .array(input) }
        let sorted = try mergeSort(input.values) { (left, right) throws(JSONataError) -> Bool in
            try self.mustSwap(left, frame, right, frame, terms, step)
        }
        return .array(ArrayValue(sorted))
    }

    func sort(_ tuples: [Tuple], by terms: [Node.SortTerm], _ step: Node, _ frame: Frame) throws(JSONataError)
        -> [Tuple]
    {
        try mergeSort(tuples) { (left, right) throws(JSONataError) -> Bool in
            try self.mustSwap(left.item, left.frame(in: frame), right.item, right.frame(in: frame), terms, step)
        }
    }

    /// True when `left` belongs after `right`.
    private func mustSwap(
        _ left: Value, _ leftFrame: Frame, _ right: Value, _ rightFrame: Frame, _ terms: [Node.SortTerm], _ step: Node
    ) throws(JSONataError) -> Bool {
        for term in terms {
            let a = try evaluate(term.expression, left, leftFrame)
            let b = try evaluate(term.expression, right, rightFrame)
            // Undefined comes last, in either direction.
            if a.isUndefined {
                if b.isUndefined { continue }
                return true
            }
            if b.isUndefined { return false }
            for value in [a, b] where value.double == nil && value.text == nil {
                throw .make("T2008", about: value, position: step.position)
            }
            guard let order = try order(a, b) else {
                throw .make("T2007", about: a, and: b, position: step.position)
            }
            if order != 0 { return (term.isDescending ? -order : order) == 1 }
        }
        return false
    }

    /// A stable sort from the bottom up.
    func mergeSort<Element>(
        _ elements: [Element], mustSwap: (Element, Element) throws(JSONataError) -> Bool
    ) throws(JSONataError) -> [Element] {
        guard elements.count > 1 else { return elements }
        try chargeElements(elements.count)
        let middle = elements.count / 2
        let left = try mergeSort(Array(elements[..<middle]), mustSwap: mustSwap)
        let right = try mergeSort(Array(elements[middle...]), mustSwap: mustSwap)
        var merged: [Element] = []
        merged.reserveCapacity(elements.count)
        var (l, r) = (0, 0)
        while l < left.count, r < right.count {
            if try mustSwap(left[l], right[r]) {
                merged.append(right[r])
                r += 1
            } else {
                merged.append(left[l])
                l += 1
            }
        }
        merged += left[l...]
        merged += right[r...]
        return merged
    }
}
