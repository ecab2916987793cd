/// What costs are told apart by, beside who caused them and with which model.
package enum CostTag: String, Sendable, Hashable, CaseIterable { case team, purpose, tier }

/// Whose, for what and in which tier a principal's costs are; nil where nothing says.
package struct CostTags: Sendable, Hashable {
    package var team: String?
    package var purpose: String?
    package var tier: String?

    package init(team: String? = nil, purpose: String? = nil, tier: String? = nil) {
        self.team = team
        self.purpose = purpose
        self.tier = tier
    }

    package subscript(tag: CostTag) -> String? {
        switch tag {
        case .team: team
        case .purpose: purpose
        case .tier: tier
        }
    }
}

/// What the uses of all principals with one value of a tag add up to.
package struct TaggedSums: Sendable, Hashable {
    package var tag: CostTag
    /// Empty for those that have none.
    package var value: String
    package var sums: UsageSums

    package init(tag: CostTag, value: String, sums: UsageSums) {
        self.tag = tag
        self.value = value
        self.sums = sums
    }
}

/// Adds up by tags what a batch recorded, so that it costs as many rows as there are different values.
package struct TaggedRollup: Sendable {
    private struct Key: Hashable {
        let tag: CostTag
        let value: String
    }

    private var sums: [CostTags: UsageSums] = [:]

    package init(_ hours: [UsageHour]) {
        for hour in hours { sums[hour.tags, default: UsageSums()].add(hour.sums) }
    }

    /// By tag and value, so that a batch always does the same.
    package var rows: [TaggedSums] {
        var rows: [Key: UsageSums] = [:]
        for (tags, sums) in self.sums {
            for tag in CostTag.allCases { rows[Key(tag: tag, value: tags[tag] ?? ""), default: UsageSums()].add(sums) }
        }
        return rows.map { TaggedSums(tag: $0.key.tag, value: $0.key.value, sums: $0.value) }
            .sorted { ($0.tag.rawValue, $0.value) < ($1.tag.rawValue, $1.value) }
    }
}

extension [TaggedSums] {
    /// The first `limit` values of each tag, and all others of it together as `other`. Given in the order in which the
    /// values first appeared: as none ever leaves its place, no sum that is shown, that of `other` included, goes down.
    package func bounded(_ limit: Int) -> [TaggedSums] {
        var shown: [TaggedSums] = []
        for tag in CostTag.allCases {
            let rows = filter { $0.tag == tag }
            var kept = Array(rows.prefix(Swift.max(0, limit)))
            let rest = rows.dropFirst(kept.count)
            if !rest.isEmpty {
                let other = rest.reduce(into: UsageSums()) { $0.add($1.sums) }
                // A value may be called so itself: a name is shown once.
                if let place = kept.firstIndex(where: { $0.value == "other" }) {
                    kept[place].sums.add(other)
                } else {
                    kept.append(TaggedSums(tag: tag, value: "other", sums: other))
                }
            }
            shown += kept
        }
        return shown
    }
}
