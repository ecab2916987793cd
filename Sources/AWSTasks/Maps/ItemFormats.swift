import JSONModel

extension ReaderSettings {
    /// The items in one object.
    /// - Parameter most: items at most.
    func items(in bytes: [UInt8], most: Int) throws(ItemFault) -> [JSONValue] {
        switch format {
        case .json: try json(bytes, most)
        case .jsonLines: try jsonLines(bytes, most)
        case .csv: try CSVItems.read(bytes, headers: headers, delimiter: delimiter.byte, most: most)
        case .parquet:
            throw ItemFault("Steward does not read Parquet. Give the Map the items as JSON, JSON Lines or CSV.")
        case .manifest, nil:
            throw ItemFault("ReaderConfig needs an InputType: JSON, JSONL, CSV or MANIFEST.")
        }
    }

    private func json(_ bytes: [UInt8], _ most: Int) throws(ItemFault) -> [JSONValue] {
        var value = try parse(bytes, "The file")
        if let itemsPointer {
            guard let found = value.value(at: itemsPointer) else {
                throw ItemFault("ItemsPointer '\(itemsPointer)' leads nowhere in the file.")
            }
            value = found
        }
        guard let items = value.arrayValue else {
            throw ItemFault("Attempting to map over non-iterable node.")
        }
        return Array(items.prefix(most))
    }

    private func jsonLines(_ bytes: [UInt8], _ most: Int) throws(ItemFault) -> [JSONValue] {
        var items: [JSONValue] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where items.count < most {
            guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { continue }
            items.append(try parse(Array(line), "Line \(number + 1) of the file"))
        }
        return items
    }

    private func parse(_ bytes: [UInt8], _ what: String) throws(ItemFault) -> JSONValue {
        do { return try JSONValue(parsing: bytes) } catch { throw ItemFault("\(what) is not JSON: \(error)") }
    }
}

extension JSONValue {
    /// The value that a JSON pointer (RFC 6901) names.
    fileprivate func value(at pointer: String) -> JSONValue? {
        guard pointer.isEmpty || pointer.hasPrefix("/") else { return nil }
        var value = self
        for part in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = part.replacing("~1", with: "/").replacing("~0", with: "~")
            if let elements = value.arrayValue {
                guard let index = Int(name), elements.indices.contains(index) else { return nil }
                value = elements[index]
            } else {
                guard let member = value[String(name)] else { return nil }
                value = member
            }
        }
        return value
    }
}
