import Engine
import Enforcement
import Hummingbird
import JSONModel
import WallTime

extension AdminAPI {
    func addRadarRoutes(to api: Routes, _ radar: Radar) {
        let (engine, identity) = (engine, enforcement.settings.ownIdentity)
        api.get("radar") { _, _ in
            let now = engine.now
            var report = Radar.json(await radar.look(at: now), at: now).objectValue ?? [:]
            report["identity"] = identity.json
            return JSONAnswer(.object(report))
        }
    }
}
