/// Reads a plain decimal number such as `1.25` as an integer scaled by ten to the power of `digits`.
///
/// Exact or nothing: nil for anything but an optional sign, digits and an optional fraction, for digits beyond the
/// scale that are not zero, and for what does not fit.
func scaledInteger(decimal text: String, digits: Int) -> Int64? {
    var bytes = text.utf8[...]
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { bytes = bytes.dropFirst() }
    let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty else { return nil }
    let fraction = parts.count == 2 ? parts[1] : Substring().utf8[...]
    guard parts.count == 1 || !fraction.isEmpty else { return nil }
    guard fraction.dropFirst(digits).allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
    var kept = Array(fraction.prefix(digits))
    kept += Array(repeating: UInt8(ascii: "0"), count: digits - kept.count)
    var value: Int64 = 0
    for byte in Array(whole) + kept {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
        let (next, overflow) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
        guard !tensOverflow, !overflow else { return nil }
        value = next
    }
    return isNegative ? -value : value
}
