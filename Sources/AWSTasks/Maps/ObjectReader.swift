import AWSClient
import Interpreter
import JSONModel

/// Reads objects of S3 piece by piece, so that a large one is never in memory as a whole and need not be read to its end.
struct ObjectReader: Sendable {
    /// The first piece of an object, and what is needed to go on.
    struct Beginning: Sendable {
        let location: ObjectLocation
        let bytes: [UInt8]
        /// Of the whole object, in bytes.
        let size: Int
        fileprivate let parameters: JSONObject
        fileprivate let eTag: JSONValue?
    }

    let client: AWSClient
    /// Bytes that are asked for at a time.
    var pieceBytes = 8 << 20

    /// - Parameter parameters: those of GetObject.
    func begin(_ parameters: JSONObject) async throws(TaskFailure) -> Beginning {
        let location = ObjectLocation(
            bucket: parameters["Bucket"]?.stringValue ?? "", key: parameters["Key"]?.stringValue ?? "")
        // A part that the definition asks for is read as it is.
        let isPart = parameters["Range"] != nil || parameters["PartNumber"] != nil
        var request = parameters
        if !isPart { request["Range"] = .string("bytes=0-\(pieceBytes - 1)") }
        do {
            let answer = try await client.callS3("GetObject", request)
            let total = isPart ? nil : answer.members["ContentRange"]?.stringValue?.split(separator: "/").last
            return Beginning(
                location: location, bytes: answer.body, size: total.flatMap { Int($0) } ?? answer.body.count,
                parameters: parameters, eTag: answer.members["ETag"])
        } catch  where error.code == "InvalidRange" && !isPart {
            // No byte of an empty object can be asked for.
            return Beginning(location: location, bytes: [], size: 0, parameters: parameters, eTag: nil)
        } catch {
            throw .itemReader(error, "reading \(location)")
        }
    }

    /// The first pieces of several objects, read side by side.
    func begin(_ requests: [JSONObject]) async throws(TaskFailure) -> [Beginning] {
        let results = await withTaskGroup(of: (Int, Result<Beginning, TaskFailure>).self) { group in
            for (index, parameters) in requests.enumerated() {
                group.addTask {
                    do throws(TaskFailure) {
                        let beginning = try await begin(parameters)
                        return (index, .success(beginning))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var beginnings: [Beginning] = []
        for (_, result) in results.sorted(by: { $0.0 < $1.0 }) { beginnings.append(try result.get()) }
        return beginnings
    }

    /// The piece from `offset` on, of the same version of the object.
    func piece(of beginning: Beginning, from offset: Int) async throws(TaskFailure) -> [UInt8] {
        var request = beginning.parameters
        request["Range"] = .string("bytes=\(offset)-\(min(offset + pieceBytes, beginning.size) - 1)")
        request["IfMatch"] = beginning.eTag
        let bytes: [UInt8]
        do {
            bytes = try await client.callS3("GetObject", request).body
        } catch  where error.code == "PreconditionFailed" {
            throw beginning.fault("it was changed while it was read. Run the Map again.")
        } catch {
            throw .itemReader(error, "reading \(beginning.location)")
        }
        guard !bytes.isEmpty else { throw beginning.fault("S3 sent nothing for the rest of the object.") }
        return bytes
    }
}

extension ObjectReader.Beginning {
    fileprivate func fault(_ message: String) -> TaskFailure {
        .itemReader(.refused(message), in: "\(location)")
    }
}
