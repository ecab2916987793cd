import Budgets

extension SettingsReader {
    /// Where warnings begin: `warning` and `critical`, in percent of a limit.
    /// - Parameter standard: what counts where the section does not say it.
    func thresholds(_ standard: Thresholds) throws -> Thresholds {
        let warning = try integer("warning", in: 1...99) ?? standard.warningPerMille / 10
        let critical = try integer("critical", in: 1...99) ?? standard.criticalPerMille / 10
        do {
            return try Thresholds(warningPerMille: warning * 10, criticalPerMille: critical * 10)
        } catch {
            throw fault("warning", "must be below critical: \(error)")
        }
    }
}
