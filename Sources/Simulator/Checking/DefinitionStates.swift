package import JSONModel

/// Every state of a definition by its name, those inside branches and processors too.
package func statesByName(_ definition: JSONValue) -> [String: JSONValue] {
    var found: [String: JSONValue] = [:]
    guard let states = definition["States"]?.objectValue else { return found }
    for (name, state) in states {
        found[name] = state
        let inner =
            (state["Branches"]?.arrayValue ?? []) + [state["ItemProcessor"], state["Iterator"]].compactMap(\.self)
        for flow in inner { found.merge(statesByName(flow)) { first, _ in first } }
    }
    return found
}
