import Budgets
package import WallTime
import Words

/// Looks into the ledger, in one transaction that only reads.
package typealias LedgerReader<Transaction> =
    @Sendable (_ body: @escaping @Sendable (Transaction) throws -> [RadarFinding]) async throws -> [RadarFinding]

extension BudgetLedger {
    /// Regions in which principals of the account have called Bedrock since then, as CloudTrail tells; of all accounts
    /// where Steward's own is not known. Whoever calls chooses the Region.
    package func regionsInUse(of account: String?, since: Instant) throws -> [String] {
        let seen = try sightings(SightingQuery(endpoint: "bedrock", since: since, limit: 10_000))
        let own = seen.filter { account == nil || $0.principal.account == account }
        // What a record says becomes part of a host's name.
        return Set(own.map(\.region)).filter { $0.wholeMatch(of: /[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}/) != nil }.sorted()
    }
}

/// The probes over what Steward knows itself. Those over AWS are the composition root's.
extension RadarProbe {
    /// How far back the radar looks for traffic.
    package static var span: Duration { .seconds(7 * 86_400) }

    /// Findings of a kind that are listed one by one; the rest is counted.
    static let listed = 50
    /// How many of a kind are looked at to count them.
    package static let counted = 1000

    /// The first findings of a kind, and how many more there are.
    static func firstOnes(_ findings: [RadarFinding]) -> [RadarFinding] {
        guard let first = findings.first, findings.count > listed else { return findings }
        let more = findings.count - listed
        let number = SpanishNumber.text("\(more)")
        // What was looked for may have been cut there.
        let isAll = findings.count < counted
        return findings.prefix(listed) + [
            RadarFinding(
                first.kind, first.severity, subject: "more",
                isAll
                    ? Wording("\(first.kind.rawValue): and \(more) more", es: "\(first.kind.rawValue): y \(number) más")
                    : Wording(
                        "\(first.kind.rawValue): and at least \(more) more",
                        es: "\(first.kind.rawValue): y al menos \(number) más"),
                advice: first.advice)
        ]
    }

    /// Models without a price, and principals with only the budget that everybody gets.
    package static func ledger<Transaction: BudgetLedger>(read: @escaping LedgerReader<Transaction>) -> RadarProbe {
        RadarProbe(Wording("the ledger", es: "el libro de cuentas")) { now in
            try await read { transaction in
                let models = try transaction.unpricedModels(since: now - span, limit: counted)
                let principals = try transaction.withoutOwnBudget(limit: counted)
                return firstOnes(models.map(finding)) + firstOnes(principals.map(finding))
            }
        }
    }

    private static func finding(_ model: UnpricedModel) -> RadarFinding {
        RadarFinding(
            .unpricedModel, .warning, subject: model.model,
            Wording(
                "\(model.model) was used \(model.uses) times in a week without a known price: $\(model.amount) were "
                    + "charged at safe rates",
                es: "\(model.model) se ha usado \(SpanishNumber.times(model.uses)) en una semana sin precio "
                    + "conocido: se han cobrado \(SpanishNumber.dollars(model.amount.description)) a tarifas seguras"),
            advice: Wording(
                "give it a price, or load the price list anew",
                es: "póngale un precio, o cargue de nuevo la lista de precios"))
    }

    private static func finding(_ account: BudgetAccount) -> RadarFinding {
        RadarFinding(
            .noOwnBudget, .info, subject: account.principal.id.description,
            Wording(
                "\(account.principal.id.name) was found by its spending ($\(account.standing.spending.total)) and has only "
                    + "the budget that everybody gets",
                es: "\(account.principal.id.name) se ha descubierto por su gasto "
                    + "(\(SpanishNumber.dollars(account.standing.spending.total.description))) y solo tiene el "
                    + "presupuesto que se da a todos"),
            advice: Wording(
                "workflowctl budget set \(account.principal.id.description) --limit AMOUNT",
                es: "workflowctl budget set \(account.principal.id.description) --limit IMPORTE"))
    }

    /// Traffic on endpoints that write no invocation logs. `counts` is the join with the ingestion of CloudTrail: calls
    /// since an instant, `CreateInference` of bedrock-mantle among them.
    package static func unloggedCalls(
        _ counts: @escaping @Sendable (_ since: Instant) async throws -> [UnloggedCalls]
    ) -> RadarProbe {
        RadarProbe(
            Wording(
                "endpoints without invocation logs", es: "los puntos de enlace sin registro de invocaciones")
        ) { now in
            let findings = try await counts(now - span).filter { $0.calls > 0 }.map { found in
                let service = found.endpoint.split(separator: ".").first ?? ""
                return RadarFinding(
                    .unloggedCalls, .critical, subject: found.principal,
                    Wording(
                        "\(found.principal) called \(found.endpoint) \(found.calls) times in a week, which no invocation "
                            + "log shows and no budget counts",
                        es:
                            "\(found.principal) ha llamado a \(found.endpoint) "
                            + "\(SpanishNumber.times(found.calls)) en una semana, sin que lo muestre ningún "
                            + "registro de invocaciones ni lo cuente ningún presupuesto"),
                    advice: Wording(
                        "deny \(service):* to those with a budget, or watch CloudWatch's metrics of it",
                        es: "deniegue \(service):* a quienes tienen presupuesto, o vigile sus métricas de CloudWatch"))
            }
            return firstOnes(findings)
        }
    }

    /// Ingest sources that fell silent while others see traffic. `sources` is the join with the ingestion's own ledger.
    package static func silentSources(
        _ sources: @escaping @Sendable (_ now: Instant) async throws -> [SilentSource]
    ) -> RadarProbe {
        RadarProbe(Wording("ingest sources", es: "las fuentes de datos de uso")) { now in
            try await sources(now).map { source in
                let (name, since) = (source.source.origin.name, source.since.iso8601)
                let busy = source.busy.joined(separator: ", ")
                return RadarFinding(
                    .silentSource, .critical, subject: name,
                    Wording(
                        "\(name) has brought nothing since \(since), and \(busy) did",
                        es: "\(name) no ha traído nada desde \(since), y \(busy) sí"),
                    advice: Wording(
                        "look at its subscription, rule or queue: what it does not bring is not charged",
                        es: "mire su suscripción, su regla o su cola: lo que no trae no se cobra"))
            }
        }
    }
}
