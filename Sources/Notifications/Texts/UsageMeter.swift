/// How much of a budget is used: the bar of a mail or a message.
package struct UsageMeter: Sendable, Equatable {
    /// In whole percent, rounded down; above 100 when more was used than allowed.
    package let percent: Int
    /// What the bar shows, in words, such as `$0.92 of $1.00 (92 %)`.
    package let caption: String

    package init(percent: Int, caption: String) {
        self.percent = max(percent, 0)
        self.caption = caption
    }

    /// How much of the track is filled: never more than all of it.
    package var filled: Int { min(percent, 100) }

    /// The bar in characters, for places that take only text. A use that shows at all shows as a cell.
    package func bar(cells: Int = 20) -> String {
        let full = percent == 0 ? 0 : max(1, filled * cells / 100)
        return String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
    }
}
