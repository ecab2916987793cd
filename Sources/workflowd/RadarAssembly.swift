import AWSClient
import AWSTasks
import Budgets
import Enforcement
import SQLiteStore
import WallTime
import Words

/// The bypass radar with everything that it looks at.
extension Daemon {
    static func radar(
        _ configuration: DaemonConfiguration, _ settings: CurrentSettings, _ aws: AWSClient, _ store: SQLiteStore,
        since startedAt: Instant
    ) -> Radar {
        let regions = configuration.access.regions.isEmpty ? [aws.configuration.region] : configuration.access.regions
        let ledger: LedgerReader<SQLiteTransaction> = { body in try await store.survey { try body($0) } }
        return Radar(probes: [
            invocationLogging(AccountCheck(client: aws), regions) { now in
                let account = settings.value.policy.account
                return try await store.read { (transaction: SQLiteTransaction) in
                    try transaction.regionsInUse(of: account, since: now - RadarProbe.span)
                }
            },
            .ownIdentity(settings.value.ownIdentity),
            permissions(
                AccountCheck(client: aws),
                niceToHave: configuration.access.suspensionTags == nil ? [] : AccountCheck.tagActions),
            .ledger(read: ledger),
            .declinedSuspensions(read: ledger),
            .sharedAgentRoles(read: ledger),
            .unattributedBatchJobs(read: ledger),
            .unchargedBatchJobs(read: ledger),
            .unloggedCalls { since in
                let query = SightingQuery(endpoint: "bedrock-mantle", since: since, limit: RadarProbe.counted)
                return try await store.read { (transaction: SQLiteTransaction) in
                    try transaction.sightings(query).map {
                        UnloggedCalls(principal: $0.principal.description, endpoint: $0.endpoint, calls: $0.count)
                    }
                }
            },
            .silentSources { now in
                let sources = try await store.read { (transaction: SQLiteTransaction) in
                    try transaction.ingestSources()
                }
                return settings.value.ingestWatch.silent(sources, watchingSince: startedAt, now: now)
            },
        ])
    }

    /// - Parameter inUse: regions in which Bedrock was called lately: where nobody expects it, logging may be off.
    private static func invocationLogging(
        _ check: AccountCheck, _ regions: [String], inUse: @escaping @Sendable (_ now: Instant) async throws -> [String]
    ) -> RadarProbe {
        RadarProbe(Wording("invocation logging", es: "el registro de invocaciones")) { now in
            let others = try await inUse(now).filter { !regions.contains($0) }
            var findings: [RadarFinding] = []
            for region in regions + others {
                switch await check.invocationLogging(in: region) {
                case .on: continue
                case .off:
                    findings.append(
                        RadarFinding(
                            .loggingOff, .critical, subject: region,
                            Wording(
                                "Bedrock's invocation logging is off in \(region): what is used there is not charged",
                                es:
                                    "el registro de invocaciones de Bedrock está apagado en \(region): lo que se usa allí "
                                    + "no se cobra"),
                            advice: Wording(
                                "turn it on in the Bedrock settings of \(region), to CloudWatch Logs or S3",
                                es: "enciéndalo en la configuración de Bedrock de \(region), hacia CloudWatch Logs o S3"
                            )))
                case .refused(let reason):
                    findings.append(
                        unknownLogging(
                            in: region, reason,
                            advice: Wording(
                                "allow bedrock:GetModelInvocationLoggingConfiguration",
                                es: "permita bedrock:GetModelInvocationLoggingConfiguration")))
                case .unknown(let reason): findings.append(unknownLogging(in: region, reason, advice: reaching))
                }
            }
            return findings
        }
    }

    private static func unknownLogging(in region: String, _ reason: String, advice: Wording) -> RadarFinding {
        RadarFinding(
            .unknown, .warning, subject: region,
            Wording(
                "whether Bedrock's invocation logging is on in \(region) is not known: \(reason)",
                es: "no se sabe si el registro de invocaciones de Bedrock está encendido en \(region): \(reason)"),
            advice: advice)
    }

    /// Where AWS gave no answer of use, no permission helps.
    private static var reaching: Wording {
        Wording(
            "check Steward's credentials and that it reaches AWS, and look again",
            es: "compruebe las credenciales de Steward y que llega a AWS, y vuelva a mirar")
    }

    private static func permissions(_ check: AccountCheck, niceToHave: [String]) -> RadarProbe {
        RadarProbe(Wording("Steward's permissions", es: "los permisos de Steward")) { _ in
            switch await check.missingPermissions(of: niceToHave) {
            case .missing(let actions, let identity):
                actions.map { action in
                    RadarFinding(
                        .missingPermission, niceToHave.contains(action) ? .warning : .critical, subject: action,
                        Wording(
                            "\(identity) may not \(action) on all resources",
                            es: "\(identity) no puede hacer \(action) sobre todos los recursos"),
                        advice: Wording(
                            "allow it to Steward (docs/access.md has the whole policy)",
                            es: "permítaselo a Steward (docs/access.md tiene la política entera)"))
                }
            case .refused(let reason):
                [
                    unknownPermissions(
                        reason,
                        advice: Wording(
                            "allow iam:SimulatePrincipalPolicy on Steward's own identity",
                            es: "permita iam:SimulatePrincipalPolicy sobre la identidad del propio Steward"))
                ]
            case .unknown(let reason): [unknownPermissions(reason, advice: reaching)]
            }
        }
    }

    private static func unknownPermissions(_ reason: String, advice: Wording) -> RadarFinding {
        RadarFinding(
            .unknown, .info, subject: "permissions",
            Wording(
                "IAM does not say which permissions Steward has: \(reason)",
                es: "IAM no dice qué permisos tiene Steward: \(reason)"),
            advice: advice)
    }
}
