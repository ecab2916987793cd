import JSONModel

/// The documents that the benches work on: the same in every run.
enum Documents {
    /// What a state gets from EventBridge and a task: 2 KB.
    static let small = document(records: 4)
    /// A page of records: 200 KB.
    static let large = document(records: 520)

    private static func document(records: Int) -> JSONValue {
        [
            "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "Model invocation",
            "source": "aws.bedrock", "account": "123456789012", "time": "2026-11-26T10:00:00Z", "region": "eu-west-1",
            "resources": ["arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-4"],
            "detail": ["page": 1, "isLast": true, "next": .null, "records": .array((0..<records).map(record))],
        ]
    }

    private static func record(_ number: Int) -> JSONValue {
        [
            "requestId": .string("3f1b2c4d-0000-4000-8000-\(100_000_000_000 + number)"),
            "timestamp": .string("2026-11-26T10:\(10 + number % 50):\(10 + number % 45).123Z"),
            "identity": ["arn": .string("arn:aws:iam::123456789012:user/bedrock-key-\(number % 37)")],
            "operation": .string(number % 3 == 0 ? "Converse" : "InvokeModel"),
            "input": ["tokens": .int(Int64(1000 + number * 7)), "cached": .int(Int64(number % 11))],
            "output": ["tokens": .int(Int64(200 + number * 3)), "text": .string("Grüße, \"Welt\" №\(number)\n")],
            "price": .double(Double(number) * 0.000_123 + 0.5), "isBatch": .bool(number % 5 == 0),
        ]
    }
}
