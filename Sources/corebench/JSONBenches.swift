import Foundation
import JSONModel

/// JSON read and written, beside Foundation.
func jsonBenches() throws -> [Bench] {
    try [("2 KB", Documents.small), ("200 KB", Documents.large)].flatMap { size, document in
        let bytes = document.jsonBytes
        let data = Data(bytes)
        let object = try JSONSerialization.jsonObject(with: data)
        let (parse, write) = ("Foundation: JSON parse, \(size)", "Foundation: JSON write, \(size)")
        return [
            Bench(parse, .bytes(bytes.count)) { keep(try JSONSerialization.jsonObject(with: data)) },
            Bench("JSON parse, \(size)", .bytes(bytes.count), beside: parse) { keep(try JSONValue(parsing: bytes)) },
            Bench(write, .bytes(bytes.count)) { keep(try JSONSerialization.data(withJSONObject: object)) },
            Bench("JSON write, \(size)", .bytes(bytes.count), beside: write) { keep(document.jsonBytes) },
        ]
    }
}
