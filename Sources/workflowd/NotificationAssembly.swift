import Enforcement
import Notifications
import StatesAPI
import WallTime

/// What people can do with the channels while the daemon runs.
extension Daemon {
    static func notifications(
        _ settings: NotificationSettings, _ channels: [Channel], clock: WallClock
    ) -> NotificationDesk {
        let views = settings.channels.map { channel in
            NotificationDesk.ChannelView(
                name: channel.name, type: channel.kind.typeName, takes: channel.takenNames,
                topics: Set(Notice.Kind.allCases.filter(channel.takes).map(\.topic)))
        }
        return NotificationDesk(channels: views) { name, actor in
            guard let channel = channels.first(where: { $0.name == name }) else { return "there is no such channel" }
            do throws(DeliveryError) {
                try await channel.sendTest(by: actor, at: clock.now())
                return nil
            } catch {
                return error.description
            }
        }
    }
}
