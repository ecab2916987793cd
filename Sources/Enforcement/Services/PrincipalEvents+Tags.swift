import Budgets
import Engine
import JSONModel
import WallTime

/// Tags of principals change, perhaps behind Steward's back.
extension TrailBatch {
    mutating func retag(
        _ event: PrincipalEvent, setting set: [String: String], removing removed: [String]
    ) throws {
        let settings = desk.settings.trail
        let set = set.filter { !settings.suspensionTags.contains($0.key) }
        let removed = removed.filter { !settings.suspensionTags.contains($0) }
        guard !set.isEmpty || !removed.isEmpty, try concerns(event), try !isOvertaken(event) else { return }
        let id = event.principal.id
        let isVouchedFor = isTrusted(event.actor)
        // Anybody may put a tag on a user: what may be spent follows only the tags of its creation and of the trusted.
        let tier = isVouchedFor ? settings.tierLimit(set) : nil
        try provision(event.principal, since: event.at, tags: set, tier: tier, by: actor(event))
        try giveTier(tier, event)
        guard var record = try desk.transaction.principal(id) else { return }
        var trail = try desk.transaction.trail(of: id) ?? PrincipalTrail(principal: id)
        // A change that was overtaken by a later one says nothing of how things are.
        guard trail.taggedAt.map({ $0 <= event.at }) ?? true else { return }
        let before = record.tags
        record.tags.merge(set) { $1 }
        for key in removed { record.tags[key] = nil }
        let isRogue = trail.rogueSince.map { $0 < event.at } ?? false
        let tampered =
            isVouchedFor ? [] : Self.tampered(before, record.tags, team: record.team, isRogue: isRogue, settings)
        // Nobody but the trusted moves anybody out of a team, in one step or in several: tags that were tampered with
        // stay with the record, and the next change must not make them good.
        if isVouchedFor {
            if settings.isAboutTeam(set.keys) || settings.isAboutTeam(removed) {
                record.team = settings.team(of: record.team, named: before, now: record.tags)
            }
        } else if tampered.isEmpty, record.team == nil {
            record.team = settings.team(record.tags)
        }
        trail.taggedAt = event.at
        // The mark was there before the key, or is put there by somebody trusted.
        if tampered.isEmpty, isVouchedFor || !isRogue, settings.isProvisioned(set) { trail.rogueSince = nil }
        try desk.save(record)
        try desk.transaction.saveTrail(trail)
        try audit("principal.tagged", event, ["before": Self.json(before), "after": Self.json(record.tags)])
        guard !tampered.isEmpty else { return }
        counts["tag-tampering", default: 0] += 1
        try desk.tell(
            Notice(
                id: "tag-tampering/\(event.id)", kind: .tagTampering, principal: id,
                data: facts(
                    event,
                    [
                        "tags": .array(
                            tampered.map {
                                [
                                    "key": .string($0), "before": .optional(before[$0]),
                                    "after": .optional(record.tags[$0]),
                                ]
                            })
                    ]), at: desk.now))
    }

    /// Budget tags that had a value and lost it, new ones that name another team than the one that there is, and the
    /// mark of a provisioned key that one gets afterwards. A user that is made first and tagged next is no such case.
    private static func tampered(
        _ before: [String: String], _ after: [String: String], team: String?, isRogue: Bool, _ settings: TrailSettings
    ) -> [String] {
        let changed = before.keys.filter { settings.isBudgetTag($0) && before[$0] != after[$0] }
        let forged = after.keys.filter { key in
            before[key] == nil && (isRogue || !before.isEmpty) && settings.isProvisioned([key: ""])
        }
        let isMoved = team != nil && settings.team(after) != team
        let moving = after.keys.filter { isMoved && before[$0] == nil && settings.isAboutTeam([$0]) }
        return (changed + forged + moving).sorted()
    }
}
