import AWSClient
import Budgets
import Enforcement
import JSONModel
import Logging
import WallTime

/// Reads a queue of SQS by long polling. A message is deleted only after what it holds is durable; until then it comes
/// back by itself.
struct QueueSource: Sendable {
    let settings: QueueSettings
    let origin: IngestOrigin
    let client: AWSClient
    let desk: IngestDesk
    let clock: WallClock
    let logger: Logger
    let stopping: Stopping

    /// What SQS gives at most in one answer.
    private static let batch: Int64 = 10
    /// Of a message that becomes a dead letter: SQS's own limit.
    private static let keptBytes = 1 << 20

    private struct Message: Sendable {
        var id: String
        var receipt: String
        var body: String
        var receives: Int

        init?(_ json: JSONValue) {
            guard let receipt = json["ReceiptHandle"]?.stringValue else { return nil }
            self.receipt = receipt
            id = json["MessageId"]?.stringValue ?? "without id"
            body = json["Body"]?.stringValue ?? ""
            receives = json["Attributes"]?["ApproximateReceiveCount"]?.stringValue.flatMap { Int($0) } ?? 1
        }
    }

    /// One request, and what became of its messages.
    /// - Throws: `AWSError` when SQS does not answer; what the store throws.
    func poll() async throws {
        let answer = try await client.call(
            "sqs", "ReceiveMessage",
            [
                "QueueUrl": .string(settings.url), "MaxNumberOfMessages": .int(Self.batch),
                "WaitTimeSeconds": .int(Int64(settings.waitSeconds)),
                "VisibilityTimeout": .int(Int64(settings.visibilitySeconds)),
                "AttributeNames": ["ApproximateReceiveCount"],
            ])
        let messages = (answer["Messages"]?.arrayValue ?? []).compactMap(Message.init)
        guard !messages.isEmpty else { return }
        // What was received is brought to its end, so that a shutdown leaves no message hidden for nothing.
        try await stopping.finishing { try await settle(messages) }
        // Each object that a message names has left a note of how far it was read.
        try await desk.forgetCursors(origin.name, clock.now() - ObjectIngest.memory)
    }

    private func settle(_ messages: [Message]) async throws {
        var settled: [Message] = []
        var failure: (any Error)?
        await withTaskGroup(of: (Message, Result<Bool, any Error>).self) { group in
            for message in messages {
                group.addTask {
                    do {
                        let isDone = try await handle(message)
                        return (message, .success(isDone))
                    } catch {
                        return (message, .failure(error))
                    }
                }
            }
            for await (message, result) in group {
                switch result {
                case .success(true): settled.append(message)
                case .success(false): break
                case .failure(let error): failure = error
                }
            }
        }
        try await delete(settled)
        if let failure { throw failure }
    }

    /// - Returns: whether the message has done its work and can go. Otherwise it comes again.
    /// - Throws: what has nothing to do with the message: the store refuses, or AWS does not answer.
    private func handle(_ message: Message) async throws -> Bool {
        do {
            switch QueueMessage(message.body, source: origin.name) {
            case .records(let records): try await desk.meter(records, origin, nil)
            case .objects(let names, let unreadable):
                try await whileHidden(message) { try await ingest(names) }
                if !unreadable.isEmpty { try await desk.meter(unreadable.map(UsageRecord.unreadable), origin, nil) }
            }
            return true
        } catch let error as AWSError where Self.isOfMessage(error) {
            return try await failed(message, error)
        }
    }

    /// Whether an error has to do with the message, and not with an AWS that does not answer.
    private static func isOfMessage(_ error: AWSError) -> Bool { !error.isRetryable && !error.isOfSurroundings }

    private func ingest(_ names: [ObjectIngest.Name]) async throws {
        let objects = ObjectIngest(
            client: client, desk: desk, origin: origin, clock: clock, isStopping: { stopping.isStopping },
            reads: settings.objects)
        var failure: AWSError?
        for name in names {
            // What can't be read holds up no other object of the same message.
            do { try await objects.ingest(name) } catch let error as AWSError where Self.isOfMessage(error) {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// A message that can't be handled is tried as often as it may be received, and then kept for a person.
    private func failed(_ message: Message, _ error: AWSError) async throws -> Bool {
        logger.warning(
            "a message could not be handled",
            metadata: [
                "source": "\(origin.name)", "message": "\(message.id)", "receives": "\(message.receives)",
                "error": "\(error)",
            ])
        try await desk.noteTrouble("\(error)", origin)
        guard message.receives >= settings.maximumReceives else { return false }
        try await desk.refuse(
            Array(message.body.utf8.prefix(Self.keptBytes)),
            "message \(message.id) could not be handled in \(message.receives) tries: \(error)", origin)
        return true
    }

    /// Keeps the message hidden from others for as long as `work` takes. When that fails, others may work on it as well,
    /// which does no harm: only what `work` throws counts.
    private func whileHidden(_ message: Message, _ work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return true
            }
            group.addTask {
                await keepHidden(message)
                return false
            }
            defer { group.cancelAll() }
            while let isDone = try await group.next(), !isDone {}
        }
    }

    /// Extends the message's timeout until the task is cancelled, or SQS no longer lets it.
    private func keepHidden(_ message: Message) async {
        do {
            while true {
                try await clock.pause(for: .milliseconds(settings.visibilitySeconds * 500))
                _ = try await client.call(
                    "sqs", "ChangeMessageVisibility",
                    [
                        "QueueUrl": .string(settings.url), "ReceiptHandle": .string(message.receipt),
                        "VisibilityTimeout": .int(Int64(settings.visibilitySeconds)),
                    ])
            }
        } catch {
            // Cancelled, the work is done, and nothing needs to be hidden any more.
            if Task.isCancelled { return }
            logger.warning(
                "a message could not be kept hidden",
                metadata: ["source": "\(origin.name)", "message": "\(message.id)", "error": "\(error)"])
        }
    }

    private func delete(_ messages: [Message]) async throws {
        guard !messages.isEmpty else { return }
        let entries = messages.enumerated().map { index, message -> JSONValue in
            ["Id": .string("m\(index)"), "ReceiptHandle": .string(message.receipt)]
        }
        let answer = try await client.call(
            "sqs", "DeleteMessageBatch", ["QueueUrl": .string(settings.url), "Entries": .array(entries)])
        let failed = answer["Failed"]?.arrayValue?.count ?? 0
        if failed > 0 {
            // They come again, and change nothing then.
            logger.warning(
                "messages could not be deleted", metadata: ["source": "\(origin.name)", "count": "\(failed)"])
        }
    }
}
