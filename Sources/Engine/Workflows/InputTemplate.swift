package import JSONModel

package struct InputTemplate: Sendable, Hashable {
    package var document: JSONValue
}
