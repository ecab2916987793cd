/// A `StringMatches` pattern: `*` stands for any characters or none, `\*` for an asterisk, `\\` for a backslash.
package struct WildcardPattern: Sendable {
    private enum Element: Sendable, Equatable {
        case anything
        case unit(UInt16)
    }

    private let elements: [Element]

    package init(_ pattern: String) {
        var elements: [Element] = []
        var escaped = false
        for unit in pattern.utf16 {
            switch (escaped, unit) {
            case (false, 0x5c): escaped = true
            case (false, 0x2a): if elements.last != .anything { elements.append(.anything) }
            default:
                // A backslash before anything else stands for itself.
                if escaped && unit != 0x2a && unit != 0x5c { elements.append(.unit(0x5c)) }
                elements.append(.unit(unit))
                escaped = false
            }
        }
        if escaped { elements.append(.unit(0x5c)) }
        self.elements = elements
    }

    /// Whether the whole text fits. Takes at most (length of the text) × (length of the pattern) steps: on a mismatch
    /// only the last asterisk is tried again.
    package func matches(_ text: String) -> Bool {
        let units = Array(text.utf16)
        var (place, element) = (0, 0)
        var retry: (element: Int, place: Int)?
        while place < units.count {
            if element < elements.count, elements[element] == .anything {
                retry = (element, place)
                element += 1
            } else if element < elements.count, elements[element] == .unit(units[place]) {
                place += 1
                element += 1
            } else if let last = retry {
                retry = (last.element, last.place + 1)
                (element, place) = (last.element + 1, last.place + 1)
            } else {
                return false
            }
        }
        return elements[element...].allSatisfy { $0 == .anything }
    }
}
