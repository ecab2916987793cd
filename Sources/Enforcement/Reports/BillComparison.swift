import Budgets
package import Engine
import Interpreter
import JSONModel
import WallTime

/// The step `compare-bill`: what Cost Explorer says of a day against what the ledger has charged for it. Tells people when
/// the two differ by more than a tenth; a bill that isn't there is no difference.
package enum BillComparison {
    /// A difference of this part of the bill is tolerated: a tenth.
    static let tolerance: Int64 = 10
    /// Below this on both sides nobody has to look.
    static let least = NanoDollars(rawValue: NanoDollars.perDollar)
    /// Under which the audit log keeps what was compared.
    private static let subject = "bedrock-bill"
    private static let action = "bill.compared"

    /// What was last compared; nil when nothing was.
    package static func last(_ transaction: some ExecutionTransaction) throws -> LedgerGauges.Bill? {
        guard let entry = try transaction.auditEntries(subject: subject, limit: 1).first, entry.action == action,
            let day = entry.detail["date"]?.stringValue.flatMap({ Instant(iso8601: $0 + "T00:00:00Z") }),
            let billed = entry.detail["billed"]?.stringValue.flatMap({ NanoDollars(dollars: $0) }),
            let charged = entry.detail["charged"]?.stringValue.flatMap({ NanoDollars(dollars: $0) })
        else { return nil }
        return LedgerGauges.Bill(day: day, billed: billed, charged: charged)
    }

    package static func step<Transaction: ExecutionTransaction & BudgetLedger>(
        _ settings: CurrentSettings
    ) -> Step<Transaction> {
        Step(record: { work, _, input, _ in
            try failingTask { try compare(input, Desk(work, settings)) }
        })
    }

    static func compare<Transaction>(_ input: JSONValue, _ desk: Desk<Transaction>) throws -> JSONValue {
        let date = try RequestReader(json: input).text("date")
        guard date.utf8.count == 10, let start = Instant(iso8601: date + "T00:00:00Z") else {
            throw InvalidRequest(member: "date", problem: "has to be a day such as 2026-11-20")
        }
        let bill: Bill
        switch Bill.read(input["bill"] ?? .null) {
        case .success(let read): bill = read
        case .failure(let reason): return ["compared": false, "date": .string(date), "reason": .string(reason.text)]
        }
        let query = UsageQuery(from: start.hour, to: start.hour + 24, limit: 1)
        guard let charged = try desk.transaction.usageGroups(query).first?.sums.cost ?? bill.total.zeroIfAny else {
            return ["compared": false, "date": .string(date), "reason": "there is nothing on either side"]
        }
        let difference = NanoDollars(rawValue: abs(bill.total.rawValue - charged.rawValue))
        let perMille = difference.perMille(of: bill.total)
        let isDrift = difference.rawValue > bill.total.rawValue / tolerance && max(bill.total, charged) >= least
        // Cost Explorer answers for whoever asks; what was charged is of all accounts that logs were read of.
        let account = desk.settings.ownIdentity.principal?.id.account
        var result: JSONObject = [
            "compared": true, "date": .string(date), "account": .optional(account),
            "billed": .string(bill.total.description),
            "charged": .string(charged.description), "percent": .int(Int64(clamping: perMille / 10)),
            "drift": .bool(isDrift),
            "services": .array(bill.services.map { ["name": .string($0.name), "cost": .string($0.cost.description)] }),
        ]
        try desk.audit(
            action, by: "steward:cost-reconciliation", subject: subject,
            [
                "date": .string(date), "billed": .string(bill.total.description),
                "charged": .string(charged.description), "drift": .bool(isDrift),
            ])
        if isDrift {
            let id = "cost-drift/\(date)"
            try desk.tell(Notice(id: id, kind: .costDrift, principal: nil, data: .object(result), at: desk.now))
            result["noticeId"] = .string(id)
        }
        return .object(result)
    }
}

/// The part of a day's bill that is Bedrock's.
private struct Bill {
    struct Missing: Error { let text: String }

    var services: [(name: String, cost: NanoDollars)] = []
    var total = NanoDollars.zero

    /// Cost Explorer groups by service. Models of the AWS Marketplace are services of their own, such as "Claude Haiku 4.5
    /// (Amazon Bedrock Edition)".
    static func read(_ json: JSONValue) -> Result<Bill, Missing> {
        guard let groups = json["ResultsByTime"]?[0]?["Groups"]?.arrayValue, !groups.isEmpty else {
            return .failure(Missing(text: "Cost Explorer has no costs of that day"))
        }
        guard json["NextPageToken"]?.stringValue == nil else {
            return .failure(Missing(text: "Cost Explorer answered in several pages"))
        }
        var bill = Bill()
        for group in groups {
            guard let name = group["Keys"]?[0]?.stringValue, name.contains("Bedrock") else { continue }
            let cost = group["Metrics"]?["UnblendedCost"]
            guard cost?["Unit"] == "USD", let amount = cost?["Amount"]?.stringValue.flatMap(dollars) else {
                return .failure(Missing(text: "the cost of \(name) is no amount in USD"))
            }
            let (sum, overflow) = bill.total.rawValue.addingReportingOverflow(amount.rawValue)
            guard !overflow else { return .failure(Missing(text: "the costs do not add up to an amount")) }
            bill.total = NanoDollars(rawValue: sum)
            bill.services.append((name, amount))
        }
        return .success(bill)
    }

    /// Cost Explorer writes more places than money has here: what is below a billionth of a dollar is cut off.
    private static func dollars(_ text: String) -> NanoDollars? {
        guard let point = text.firstIndex(of: ".") else { return NanoDollars(dollars: text) }
        return NanoDollars(dollars: String(text[..<point]) + "." + text[text.index(after: point)...].prefix(9))
    }
}

extension NanoDollars {
    /// Nothing was charged although something was billed: that can be compared.
    fileprivate var zeroIfAny: NanoDollars? { rawValue > 0 ? .zero : nil }
}
