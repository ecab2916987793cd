import Budgets
import Enforcement
import JSONModel
import WallTime

extension Rendering {
    func price(_ price: StoredPrice) -> JSONObject {
        var object: JSONObject = ["number": .int(price.id.rawValue), "status": .string(price.status.rawValue)]
        for (name, value) in price.row.json { object[name] = value }
        object["problem"] = .optional(price.problem)
        object["recordedAt"] = .string(price.recordedAt.iso8601)
        object["recordedBy"] = .string(price.recordedBy)
        object["confirmedAt"] = .string(price.confirmedAt.iso8601)
        return object
    }

    func documented(_ row: PriceRow) -> JSONObject {
        var object: JSONObject = ["number": .null, "status": .string(PriceStatus.inForce.rawValue)]
        for (name, value) in row.json { object[name] = value }
        return object
    }

    func rates(_ rates: Rates) -> JSONObject {
        func text(_ price: TokenPrice?) -> JSONValue { .optional(price?.dollarsPerMillion) }
        return [
            "input": text(rates.input), "output": text(rates.output), "cacheRead": text(rates.cacheRead),
            "cacheWrite5m": text(rates.cacheWrite5m), "cacheWrite1h": text(rates.cacheWrite1h),
            "image": .optional(rates.image?.description), "request": .optional(rates.request?.description),
        ]
    }

    func modelName(_ name: ModelName, _ book: PriceBook) -> JSONObject {
        let isPriced = !book.listing(of: ModelID(name.name)).rows.isEmpty
        return [
            "name": .string(name.name), "model": .optional(name.model), "source": .optional(name.source),
            "priced": .bool(isPriced), "firstSeenAt": .string(name.firstSeenAt.iso8601),
            "checkedAt": .optional(name.checkedAt?.iso8601), "problem": .optional(name.problem),
        ]
    }

    /// - Throws: `MoneyError.overflow`.
    func repricing(_ report: RepricingReport) throws -> JSONObject {
        var lines: [JSONValue] = []
        for (principal, line) in report.lines.sorted(by: { $0.key < $1.key }) {
            lines.append(.object(try self.line(principal.description, line)))
        }
        return [
            "looked": .int(Int64(report.looked)), "unpriceable": .int(Int64(report.unpriceable)),
            "principals": .array(lines),
            "total": .object(try line("total", report.total)),
        ]
    }

    private func line(_ name: String, _ line: RepricingReport.Line) throws -> JSONObject {
        var object: JSONObject = ["principal": .string(name)]
        for (member, value) in line.json { object[member] = value }
        object["difference"] = .string(try line.after.subtracting(line.before).description)
        return object
    }
}
