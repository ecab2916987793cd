import Budgets
import JSONModel
import StatesAPI
import StatesLanguage
import TestKit
import Testing

@Suite struct BudgetFileTests {
    private func read(_ text: String) -> (BudgetFile?, [Diagnostic]) {
        BudgetFileReader.read(text, file: "budgets.yaml")
    }

    @Test func everyMemberIsRead() {
        let (file, findings) = read(
            """
            budgets:
              - principal: arn:aws:iam::111122223333:user/ana
                limit: "25.00"
                period: month
                warning: 70
                critical: 92.5
                mode: observe
                enforcement: deny
                grace: 5m
              - {team: data, tokens: 1000000, period: day}
              - {pool: true, limit: 500.5}
              - {everyone: true, requests: 350, period: 30d}
            """)

        #expect(findings == [])
        let thresholds = ThresholdsChange(warningPerMille: 700, criticalPerMille: 925)
        #expect(
            file?.entries == [
                BudgetFile.Entry(
                    target: .principal("arn:aws:iam::111122223333:user/ana"),
                    limit: .money(NanoDollars(rawValue: 25_000_000_000)), period: .calendarMonth,
                    thresholds: thresholds, mode: .observe, enforcement: .deny, graceSeconds: 300, line: 2),
                BudgetFile.Entry(target: .team("data"), limit: .tokens(1_000_000), period: .calendarDay, line: 10),
                BudgetFile.Entry(target: .pool, limit: .money(NanoDollars(rawValue: 500_500_000_000)), line: 11),
                BudgetFile.Entry(target: .everyone, limit: .requests(350), period: .rolling(days: 30), line: 12),
            ])
    }

    @Test(arguments: [
        ("budgets: []", "'budgets' is a list of at least one budget", 1, 1),
        ("- a", "a file of budgets is a mapping with 'budgets'", 1, 1),
        ("budgets:\n  - limit: 1", "a budget says whose it is", 2, 5),
        ("budgets:\n  - pool: true", "a budget has a limit", 2, 5),
        ("budgets:\n  - pool: true\n    team: x\n    limit: 1", "a budget is of one only, not of team and pool", 2, 5),
        ("budgets:\n  - pool: yes please\n    limit: 1", "'pool' can only be true", 2, 5),
        ("budgets:\n  - team: x\n    limit: 1\n    tokens: 5", "a budget limits one thing, not limit and tokens", 4, 5),
        // An entry without a value is no entry less: the others would be applied, and --prune would remove this one's.
        ("budgets:\n  - {pool: true, limit: 5}\n  - team: x\n    limit:", "'limit' is empty", 4, 5),
        ("budgets:\n  - team:\n    limit: 5", "'team' is empty", 2, 5),
        ("budgets:\n  - principal: \"\"\n    limit: 5", "'principal' is empty", 2, 5),
        ("budgets:\n  - team: x\n    limit: 5\n    grace: ~", "'grace' is empty", 4, 5),
        ("budgets:\n  - team: x\n    limit: lots", "'limit' is dollars such as \"25.00\", not \"lots\"", 3, 5),
        ("budgets:\n  - team: x\n    limit: \"-1\"", "'limit' is dollars such as \"25.00\", not \"-1\"", 3, 5),
        ("budgets:\n  - team: x\n    tokens: 1.5", "'tokens' is a whole number of zero or more", 3, 5),
        (
            "budgets:\n  - team: x\n    limit: 1\n    period: 5w",
            "'period' is day, month, or a span such as 30d or 6h, not \"5w\"", 4, 5
        ),
        (
            "budgets:\n  - team: x\n    limit: 1\n    warning: 95\n    critical: 90",
            "thresholds have to rise: 0 < warning < critical < 100 %", 4, 5
        ),
        (
            "budgets:\n  - team: x\n    limit: 1\n    critical: 101", "'critical' is per cent of the limit, such as 70",
            4, 5
        ),
        ("budgets:\n  - team: x\n    limit: 1\n    mode: shout", "'mode' is observe or enforce, not \"shout\"", 4, 5),
        (
            "budgets:\n  - team: x\n    limit: 1\n    grace: 8d",
            "'grace' is a time such as 5m, at most seven days, not \"8d\"", 4, 5
        ),
        (
            "budgets:\n  - team: x\n    limit: 1\n    enforcement: deny",
            "'enforcement' belongs to a principal's own budget in dollars", 4, 5
        ),
        (
            "budgets:\n  - principal: ana\n    requests: 1\n    enforcement: deny",
            "'enforcement' belongs to a principal's own budget in dollars", 4, 5
        ),
        ("budgets:\n  - team: x\n    limt: 1\n    limit: 1", "'limt' is not known here", 3, 5),
        (
            "budgets:\n  - {team: x, limit: 1}\n  - {team: x, limit: 2}",
            "team:x has a budget of this unit and period already, in line 2", 3, 5
        ),
    ])
    func faultsHaveTheirPlace(_ text: String, _ message: String, _ line: Int, _ column: Int) throws {
        let (file, findings) = read(text)

        #expect(file == nil)
        let finding = try #require(findings.first)
        #expect(finding.message == message)
        #expect(finding.position == SourcePosition(line: line, column: column))
        #expect(finding.file == "budgets.yaml")
    }

    @Test func allFaultsAreToldAtOnce() {
        let (_, findings) = read("budgets:\n  - team: x\n  - limit: 1\n  - {pool: true, limit: x}\n")

        #expect(findings.map { $0.position?.line } == [2, 3, 4])
        #expect(findings.allSatisfy { $0.code == BudgetFileReader.code })
    }

    @Test func whatIsNoYAMLHasItsPlaceToo() {
        let (file, findings) = read("budgets: [")

        #expect(file == nil)
        #expect(findings.first?.position != nil)
    }

    /// "donnees" with an accent, as an editor writes it in Latin-1: no team has the name that a replaced letter would make.
    @Test func whatIsNoUTF8IsRefused() {
        let bytes = Array("budgets:\n  - {team: donn".utf8) + [0xE9] + Array("es, limit: 1}\n".utf8)
        let (file, findings) = BudgetFileReader.read(bytes: bytes, file: "budgets.yaml")

        #expect(file == nil)
        #expect(findings.map(\.message) == ["the file is not UTF-8 text"])
        #expect(BudgetFileReader.read(bytes: Array("budgets:\n  - {team: données, limit: 1}".utf8), file: nil).0 != nil)
    }

    /// Several budgets of one target are different ones when unit or period differ.
    @Test func oneTargetMayHaveSeveral() {
        let (file, findings) = read(
            "budgets:\n  - {team: x, limit: 1}\n  - {team: x, tokens: 1}\n  - {team: x, limit: 1, period: day}\n")

        #expect(findings == [])
        #expect(file?.entries.count == 3)
    }

    /// JSON is YAML: what is exported is a file already, of the same entries.
    @Test(arguments: 0..<40) func whatIsWrittenIsReadAgain(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let entries = (0..<20).map { number in Self.entry(number, &random) }
        let written: JSONValue = ["budgets": .array(entries.map(\.json))]
        let (file, findings) = read(written.jsonString)

        #expect(findings == [])
        let unplaced = file?.entries.map { entry in
            var entry = entry
            entry.line = nil
            return entry
        }
        #expect(unplaced == entries)
    }

    /// Of another target each, with names that YAML or JSON would take for something else.
    private static func entry(_ number: Int, _ random: inout SeededRandom) -> BudgetFile.Entry {
        let names = ["yes", "1e3", "a: b", "ñ \"x\" #", "null", "{curly}", "- dash", " space "]
        let name = "\(number)\(names.randomElement(using: &random) ?? "")"
        let periods: [PeriodRule] = [.calendarDay, .calendarMonth, .rolling(days: 30), .span(seconds: 5400)]
        let warning = Int.random(in: 1...500, using: &random)
        let isOwn = Bool.random(using: &random)
        let (money, count) = (
            Int64.random(in: 0...9_999_999_999_999, using: &random), Int64.random(in: 0...99_999, using: &random)
        )
        return BudgetFile.Entry(
            target: isOwn ? .principal(name) : .team(name),
            limit: isOwn
                ? .money(NanoDollars(rawValue: money)) : number.isMultiple(of: 2) ? .tokens(count) : .requests(count),
            period: periods.randomElement(using: &random),
            thresholds: Bool.random(using: &random)
                ? ThresholdsChange(warningPerMille: warning, criticalPerMille: warning + 1) : nil,
            mode: BudgetMode.allCases.randomElement(using: &random),
            enforcement: isOwn ? EnforcementMode.allCases.randomElement(using: &random) : nil,
            graceSeconds: Int.random(in: 0...Budget.maximumGraceSeconds, using: &random))
    }
}
