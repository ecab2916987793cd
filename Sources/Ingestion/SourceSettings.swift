package import Enforcement
package import WallTime

/// A source that Steward reads by itself.
package struct SourceSettings: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        case queue(QueueSettings)
        case bucket(BucketSettings)
        case directory(DirectorySettings)
    }

    package var name: String
    package var place: Place

    package init(name: String, place: Place) {
        self.name = name
        self.place = place
    }

    package var origin: IngestOrigin {
        switch place {
        case .queue(let queue): IngestOrigin(name: name, kind: .sqs, detail: queue.url)
        case .bucket(let bucket): IngestOrigin(name: name, kind: .s3, detail: "s3://\(bucket.bucket)/\(bucket.prefix)")
        case .directory(let directory): IngestOrigin(name: name, kind: .directory, detail: directory.path)
        }
    }
}

/// Which objects of a source are read. Where those who spend may write, as to a bucket of batch jobs' output, only
/// manifests should be: anything else in it could be a log or a trail that they have written themselves.
package enum ReadObjects: String, Sendable, Hashable, CaseIterable {
    case all
    case manifests
}

/// An SQS queue with events of EventBridge, or with notifications of S3, perhaps through SNS.
package struct QueueSettings: Sendable, Hashable {
    package var url: String
    /// Nil takes the one in the queue's URL, else AWS's own setting.
    package var region: String?
    /// How long a message that was received stays hidden; extended while its object is being read.
    package var visibilitySeconds = 120
    /// How long one request waits for messages.
    package var waitSeconds = 20
    /// After so many receipts, a message that can't be handled becomes a dead letter.
    package var maximumReceives = 5
    /// Of those that messages name.
    package var objects = ReadObjects.all

    package init(url: String) { self.url = url }

    /// `https://sqs.eu-west-1.amazonaws.com/111122223333/name`, or the older `https://eu-west-1.queue.amazonaws.com/…`.
    var regionOfURL: String? {
        let host = url.split(separator: "/").dropFirst().first ?? ""
        let labels = host.split(separator: ".")
        guard host.contains(".amazonaws.com"), labels.count >= 4 else { return nil }
        if labels[0] == "sqs" { return String(labels[1]) }
        return labels[1] == "queue" ? String(labels[0]) : nil
    }
}

/// Objects below a prefix of a bucket.
package struct BucketSettings: Sendable, Hashable {
    package var bucket: String
    package var prefix: String
    package var region: String?
    /// How often the bucket is listed.
    package var every: Duration = .seconds(60)
    /// Of objects in folders by date, those before that day are not read at first; nil for 31 days ago.
    package var from: CivilDate?
    package var objects = ReadObjects.all

    package init(bucket: String, prefix: String) {
        self.bucket = bucket
        self.prefix = prefix
    }
}

/// Files below a directory of this machine.
package struct DirectorySettings: Sendable, Hashable {
    package var path: String
    package var every: Duration = .seconds(10)

    package init(path: String) { self.path = path }
}
