// Finding the step that `%` refers to. A slot travels outwards until its level is used up by steps.
extension Analyzer {
    /// What is not found inside a part is sought by what holds it.
    func passOn(from part: Draft, to whole: Draft) {
        guard !part.seekingParent.isEmpty || part.slot != nil else { return }
        if let slot = part.slot, !part.seekingParent.contains(where: { $0 === slot }) {
            part.seekingParent.append(slot)
        }
        whole.seekingParent += part.seekingParent
    }

    /// Resolves what the last step of a path seeks against the steps before it.
    func resolveParents(of path: Draft) throws(JSONataError) {
        let steps = Self.steps(of: path)
        guard let last = steps.last else { return }
        if let slot = last.slot, !last.seekingParent.contains(where: { $0 === slot }) {
            last.seekingParent.append(slot)
        }
        for start in last.seekingParent {
            var slot = start
            var place = steps.count - 2
            while slot.level > 0 {
                guard place >= 0 else {
                    path.seekingParent.append(slot)
                    break
                }
                var step = steps[place]
                place -= 1
                // Of several steps in a row that bind a focus, only the first moves the context.
                while place >= 0, step.focus != nil, steps[place].focus != nil {
                    step = steps[place]
                    place -= 1
                }
                slot = try seekParent(step, slot)
            }
        }
    }

    /// Lets a step use up one level of a slot, and bind its parent when that was the last.
    func seekParent(_ step: Draft, _ slot: Draft.Slot) throws(JSONataError) -> Draft.Slot {
        switch step.kind {
        case .name, .wildcard:
            slot.level -= 1
            if slot.level == 0 {
                if let ancestor = step.ancestor { slot.label = ancestor.label }
                step.ancestor = slot
                step.isTuple = true
            }
            return slot
        case .parent:
            slot.level += 1
            return slot
        case .block(let expressions):
            guard let last = expressions.last else { return slot }
            step.isTuple = true
            return try seekParent(last, slot)
        case .path(let steps):
            step.isTuple = true
            var found = slot
            for (count, inner) in steps.reversed().enumerated() where count == 0 || found.level > 0 {
                found = try seekParent(inner, found)
            }
            return found
        default: throw .make("S0217", position: step.position, token: step.typeName)
        }
    }
}
