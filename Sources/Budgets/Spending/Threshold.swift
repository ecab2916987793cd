/// A line that spending crosses upward, at most once in a period.
package enum Threshold: String, Sendable, Hashable, CaseIterable {
    case warning
    case critical
    /// At 100 % or above.
    case exceeded
}

/// Between which thresholds spending stands.
package enum ThresholdState: String, Sendable, Hashable, CaseIterable {
    case normal
    case warning
    case critical
    case exceeded

    private var rank: Int {
        switch self {
        case .normal: 0
        case .warning: 1
        case .critical: 2
        case .exceeded: 3
        }
    }

    /// The thresholds that lie at or below this state, the lowest first.
    package var reached: [Threshold] { Array(Threshold.allCases.prefix(rank)) }
}

extension ThresholdState: Comparable {
    package static func < (left: ThresholdState, right: ThresholdState) -> Bool { left.rank < right.rank }
}

/// The thresholds that lie between two states, the lowest first; none on the way down.
package func crossings(from before: ThresholdState, to after: ThresholdState) -> [Threshold] {
    after.reached.filter { !before.reached.contains($0) }
}

/// Where warnings begin, in per mille of the limit. The last threshold is always the limit itself.
package struct Thresholds: Sendable, Hashable {
    package let warningPerMille: Int
    package let criticalPerMille: Int

    /// 70 % and 90 %.
    package static let standard = Thresholds(uncheckedWarning: 700, critical: 900)

    /// - Throws: `BudgetError.thresholdsOutOfOrder`.
    package init(warningPerMille: Int, criticalPerMille: Int) throws(BudgetError) {
        guard 0 < warningPerMille, warningPerMille < criticalPerMille, criticalPerMille < 1000 else {
            throw .thresholdsOutOfOrder
        }
        self.init(uncheckedWarning: warningPerMille, critical: criticalPerMille)
    }

    private init(uncheckedWarning: Int, critical: Int) {
        warningPerMille = uncheckedWarning
        criticalPerMille = critical
    }

    /// Exactly on a line counts as beyond it.
    package func state(perMille: Int) -> ThresholdState {
        if perMille >= 1000 { return .exceeded }
        if perMille >= criticalPerMille { return .critical }
        return perMille >= warningPerMille ? .warning : .normal
    }
}

/// What somebody says of a budget's thresholds; nil leaves one where it is.
package struct ThresholdsChange: Sendable, Hashable {
    package var warningPerMille: Int?
    package var criticalPerMille: Int?

    package init(warningPerMille: Int? = nil, criticalPerMille: Int? = nil) {
        self.warningPerMille = warningPerMille
        self.criticalPerMille = criticalPerMille
    }

    /// The thresholds that were `before`, as changed.
    /// - Throws: `BudgetError.thresholdsOutOfOrder`.
    package func over(_ before: Thresholds) throws(BudgetError) -> Thresholds {
        try Thresholds(
            warningPerMille: warningPerMille ?? before.warningPerMille,
            criticalPerMille: criticalPerMille ?? before.criticalPerMille)
    }
}
