import Engine
import Enforcement
import Hummingbird
import JSONModel
import WallTime

extension AdminAPI {
    func addRadarRoutes(to api: RouterGroup<APIContext>, _ radar: Radar) {
        api.get("radar") { _, _ in
            let now = WallClock.system.now()
            return JSONAnswer(Radar.json(await radar.look(at: now), at: now))
        }
    }
}
