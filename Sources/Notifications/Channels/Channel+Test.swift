import Enforcement
import JSONModel
package import WallTime

extension Channel {
    /// Sends a message that says it is a test, at once: past the outbox and whatever is muted. PagerDuty gets an incident
    /// that is resolved in the same breath.
    /// - Parameter actor: who asks for it, such as `operator:ana`.
    /// - Throws: `DeliveryError` with what the other side said.
    package func sendTest(by actor: String, at now: Instant) async throws(DeliveryError) {
        let notice = Notice(
            id: "test/\(name)/\(now.milliseconds)", kind: .test, principal: nil,
            data: ["channel": .string(name), "by": .string(actor)], at: now)
        do {
            try await deliver(Delivery(notice, style: style))
        } catch let error as DeliveryError {
            throw error
        } catch {
            throw DeliveryError(code: "Steward.NotDelivered", message: "\(error)", isPermanent: false)
        }
    }
}
