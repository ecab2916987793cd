import Foundation
import JSONModel

/// `eval --stdin`: a request a line in, an answer a line out, each flushed.
struct EvaluationLines {
    /// Bytes of a request.
    private static let lineLimit = 16 << 20
    /// Evaluations that may go on in vain before the process ends instead of slowing down.
    private static let abandonedLimit = 4

    let evaluator: any Evaluator
    private var abandoned = 0

    init(evaluator: any Evaluator) { self.evaluator = evaluator }

    /// Answers until there is no more input.
    mutating func run() throws {
        var input = LineInput(limit: Self.lineLimit)
        while let line = input.next() {
            switch line {
            case .complete(let bytes):
                if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
                write(answer(bytes), to: Self.id(in: bytes))
            case .tooLong(let start):
                let message = "a request may have \(Self.lineLimit) bytes; this line has more"
                write(.failure(EvaluationCode.tooLarge, message), to: Self.id(in: start))
            }
            guard abandoned < Self.abandonedLimit else {
                throw Failure(
                    .error, "\(abandoned) evaluations have not ended in their time", hint: "Start eval again.")
            }
        }
    }

    private mutating func answer(_ bytes: [UInt8]) -> JSONObject {
        let request: JSONValue
        do {
            request = try JSONValue(parsing: bytes)
        } catch {
            return .failure(EvaluationCode.invalidRequest, error.description)
        }
        guard let object = request.objectValue else {
            return .failure(
                EvaluationCode.invalidRequest, "a request has to be a JSON object; this is of type \(request.typeName)")
        }
        if let answer = EvaluationThread.answer(object, with: evaluator) { return answer }
        abandoned += 1
        return .failure(EvaluationCode.timeLimit, "no answer within the time limit; see 'timelimit'")
    }

    private func write(_ answer: JSONObject, to id: JSONValue?) {
        var line: JSONObject = [:]
        line["id"] = id ?? .null
        for (name, value) in answer { line[name] = value }
        StandardOutput.write(JSONValue.object(line).jsonBytes + [0x0A])
    }

    /// The request's id, also of one that can't be read to its end: then if it stands first.
    private static func id(in bytes: [UInt8]) -> JSONValue? {
        let readable: JSONValue?
        do { readable = try JSONValue(parsing: bytes) } catch { readable = nil }
        if let readable { return readable["id"] }
        let text = String(decoding: bytes.prefix(1 << 10), as: UTF8.self)
        guard let match = text.prefixMatch(of: /\s*\{\s*"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9]+)\s*,/) else {
            return nil
        }
        do { return try JSONValue(parsing: String(match.1)) } catch { return nil }
    }
}
