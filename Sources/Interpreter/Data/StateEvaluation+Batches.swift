import JSONModel
import StatesLanguage

/// `ItemBatcher`: several items make the input of one child execution (AWS, "ItemBatcher (Map)").
extension StateEvaluation {
    /// Groups the items, as they are selected, as far as both limits allow.
    func batches(
        of items: MapItems, by batcher: ItemBatcher, _ map: MapDefinition
    ) throws(StateFailure) -> MapItems {
        let mostItems = try limit(batcher.maxItems, "MaxItemsPerBatch") ?? .max
        let mostBytes = min(try limit(batcher.maxBytes, "MaxInputBytesPerBatch") ?? .max, PayloadLimit.bytes)
        var frame = JSONObject()
        if let template = batcher.input {
            frame["BatchInput"] = try value(template, input: selectedInput(), field: "ItemBatcher/BatchInput")
        }
        frame["Items"] = []
        let room = mostBytes - JSONValue.object(frame).jsonBytes.count
        var batches = MapItems(values: [], source: items.source, batches: ([], 0))
        var batch: [JSONValue] = []
        var bytes = 0
        for index in items.values.indices {
            guard let item = items[index] else { continue }
            // As where each item is an iteration of its own.
            effort.beginState()
            let selected = try iterationInput(item, of: map)
            let size = selected.jsonBytes.count + 1
            guard size - 1 <= room else { throw oversized(index, size - 1, room) }
            if batch.count == mostItems || (!batch.isEmpty && bytes + size - 1 > room) {
                batches.append(batch, in: frame)
                (batch, bytes) = ([], 0)
            }
            batch.append(selected)
            bytes += size
        }
        if !batch.isEmpty { batches.append(batch, in: frame) }
        return batches
    }

    private func limit(_ template: Template?, _ field: String) throws(StateFailure) -> Int? {
        guard let template else { return nil }
        let number = try number(template, field, kind: "integer")
        guard number >= 1 else {
            throw failure(error: ErrorName.itemReaderFailed, cause: "field \(field) must be positive")
        }
        return Int(exactly: number.rounded(.down)) ?? .max
    }

    private func oversized(_ index: Int, _ size: Int, _ room: Int) -> StateFailure {
        failure(
            error: ErrorName.dataLimitExceeded,
            cause: "Item \(index) has \(size) bytes, but a batch has room for \(max(0, room)).")
    }
}

extension MapItems {
    fileprivate mutating func append(_ batch: [JSONValue], in frame: JSONObject) {
        var frame = frame
        frame["Items"] = .array(batch)
        values.append(.object(frame))
        batches?.sizes.append(batch.count)
        batches?.items += batch.count
    }
}
