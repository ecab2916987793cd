/// The candidate that a writer most likely meant by `word`, or nil when none is near: at most a third of the letters
/// differ, and case does not count. Words that are longer than any name, and candidates beyond a number that no one
/// reads, are not compared, so that a hostile document costs little.
package func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    let length = word.count
    guard length <= 100 else { return nil }
    let limit = max(1, length / 3)
    var best: (distance: Int, candidate: String)?
    for candidate in candidates.prefix(500) where abs(candidate.utf8.count - word.utf8.count) <= 4 * limit {
        let distance = editDistance(word.lowercased(), candidate.lowercased())
        if distance <= limit, distance < best?.distance ?? Int.max { best = (distance, candidate) }
    }
    return best?.candidate
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var rows = [Array(0...right.count)]
    for i in 1...left.count {
        var row = [i]
        for j in 1...right.count {
            let replaced = rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
            var distance = min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced)
            if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                distance = min(distance, rows[i - 2][j - 2] + 1)
            }
            row.append(distance)
        }
        rows.append(row)
    }
    return rows[left.count][right.count]
}
