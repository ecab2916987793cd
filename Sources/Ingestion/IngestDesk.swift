package import Budgets
package import Engine
package import Enforcement
package import WallTime

/// What a source may ask of Steward. Each call is one transaction, and returns once it is durable.
package struct IngestDesk: Sendable {
    /// Meters records; a cursor says how far the item was read with them.
    package var meter: @Sendable ([UsageRecord], IngestOrigin, IngestCursor?) async throws -> Void
    /// Keeps what can't be handled as a dead letter.
    package var refuse: @Sendable ([UInt8], _ reason: String, IngestOrigin) async throws -> Void
    package var cursor: @Sendable (_ source: String, _ item: String) async throws -> IngestCursor?
    package var saveCursor: @Sendable (IngestCursor) async throws -> Void
    package var forgetCursors: @Sendable (_ source: String, _ movedBefore: Instant) async throws -> Void
    package var noteTrouble: @Sendable (String, IngestOrigin) async throws -> Void

    package init(
        meter: @escaping @Sendable ([UsageRecord], IngestOrigin, IngestCursor?) async throws -> Void,
        refuse: @escaping @Sendable ([UInt8], _ reason: String, IngestOrigin) async throws -> Void,
        cursor: @escaping @Sendable (_ source: String, _ item: String) async throws -> IngestCursor?,
        saveCursor: @escaping @Sendable (IngestCursor) async throws -> Void,
        forgetCursors: @escaping @Sendable (_ source: String, _ movedBefore: Instant) async throws -> Void,
        noteTrouble: @escaping @Sendable (String, IngestOrigin) async throws -> Void
    ) {
        self.meter = meter
        self.refuse = refuse
        self.cursor = cursor
        self.saveCursor = saveCursor
        self.forgetCursors = forgetCursors
        self.noteTrouble = noteTrouble
    }

    /// - Parameter wake: told when something may have been put into the outbox.
    package init<Store: ExecutionStore>(
        _ service: EnforcementService<Store>, wake: @escaping @Sendable () -> Void
    ) where Store.Transaction: BudgetLedger {
        self.init(
            meter: { records, origin, cursor in
                // A dead letter names the object or file: what is damaged in one is not what is damaged in another.
                let text = cursor.map { "\(origin.name): \($0.item)" }
                _ = try await service.meter(records, from: origin, reading: text, cursor: cursor)
                wake()
            },
            refuse: { _ = try await service.refuse($0, $1, from: $2) },
            cursor: { try await service.ingestCursor($0, item: $1) },
            saveCursor: { try await service.saveIngestCursor($0) },
            forgetCursors: { try await service.forgetIngestCursors(of: $0, movedBefore: $1) },
            noteTrouble: { try await service.noteTrouble($0, with: $1) })
    }
}
