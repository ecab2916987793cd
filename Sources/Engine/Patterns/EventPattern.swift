package import JSONModel

package struct EventPattern: Sendable, Hashable {
    package var document: JSONValue
}
