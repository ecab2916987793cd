import JSONModel

/// What reading the items of one Map may take, so that no document can fill the memory or go on for ever.
struct ItemLimits: Sendable {
    /// The most items that AWS reads too (quota "Maximum number of items a Map Run can read").
    static let mostItems = 100_000_000

    /// Of items: what is past them is not read.
    var items = mostItems
    /// Of all items together, as compact JSON: they are in memory and in the execution's history.
    var itemBytes = 64 << 20
    /// Of one CSV record or one JSON line.
    var recordBytes = 8 << 20
    /// Of everything that is read for the items, after decompression.
    var inputBytes = 2 << 30
}

/// The items read so far, within their limits.
struct ItemCollection {
    let limits: ItemLimits
    private(set) var items: [JSONValue] = []
    private var itemBytes = 0
    private var inputBytes = 0

    init(limits: ItemLimits = ItemLimits()) { self.limits = limits }

    /// Whether there are as many as were asked for, so that the rest need not be read.
    var isFull: Bool { items.count >= limits.items }

    /// Takes an item, unless there are enough.
    mutating func append(_ item: JSONValue) throws(ItemFault) {
        guard !isFull else { return }
        // With the comma between two.
        itemBytes += item.jsonBytes.count + 1
        guard itemBytes <= limits.itemBytes else {
            throw .refused(
                "the items are more than \(byteText(limits.itemBytes)) of JSON, which is what one Map may hold. "
                    + "Set MaxItems, or run a Map over batches of files.")
        }
        items.append(item)
    }

    /// Counts what was read.
    mutating func count(read bytes: Int) throws(ItemFault) {
        inputBytes += bytes
        guard inputBytes <= limits.inputBytes else {
            throw .refused(
                "more than \(byteText(limits.inputBytes)) had to be read for the items. "
                    + "Set MaxItems, or run a Map over batches of files.")
        }
    }
}

/// Turns a document into items as its bytes arrive: pure, one document each.
protocol ItemParser {
    /// Takes the next bytes; with those items that are complete with them.
    mutating func append(_ bytes: ArraySlice<UInt8>, to items: inout ItemCollection) throws(ItemFault)

    /// The document has ended.
    mutating func finish(_ items: inout ItemCollection) throws(ItemFault)
}
