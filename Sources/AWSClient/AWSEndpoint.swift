/// Where a service is called, and which region its signatures name.
package struct AWSEndpoint: Sendable, Equatable {
    /// Scheme, host, port and, for an override, the beginning of the path; without a slash at the end.
    package let url: String
    package let signingRegion: String

    /// AWS's own endpoint of a service.
    init(of service: AWSService, in region: String) {
        let partition = Partition(of: region)
        switch service.name {
        case "iam":
            url = "https://\(partition.iamHost)"
            signingRegion = partition.globalRegion
        case "ce", "budgets", "organizations":
            signingRegion = partition.globalRegion
            url =
                service.name == "budgets"
                ? "https://budgets.\(partition.suffix)"
                : "https://\(service.hostPrefix).\(partition.globalRegion).\(partition.suffix)"
        case "pricing":
            signingRegion = partition.pricingRegion(nearest: region)
            url = "https://\(service.hostPrefix).\(signingRegion).\(partition.suffix)"
        default:
            signingRegion = region
            url = "https://\(service.hostPrefix).\(region).\(partition.suffix)"
        }
    }

    /// An endpoint that the configuration names: `url` replaces AWS's own, the signature stays as it was.
    init(of service: AWSService, in region: String, replacedBy url: String) {
        self.url = url
        signingRegion = AWSEndpoint(of: service, in: region).signingRegion
    }
}

/// A group of regions with accounts, hosts and global services of its own.
private enum Partition {
    case aws, china, usGovernment

    init(of region: String) {
        self = region.hasPrefix("cn-") ? .china : region.hasPrefix("us-gov-") ? .usGovernment : .aws
    }

    var suffix: String { self == .china ? "amazonaws.com.cn" : "amazonaws.com" }

    /// The region that global services sign with.
    var globalRegion: String {
        switch self {
        case .aws: "us-east-1"
        case .china: "cn-north-1"
        case .usGovernment: "us-gov-west-1"
        }
    }

    var iamHost: String {
        switch self {
        case .aws: "iam.amazonaws.com"
        case .china: "iam.cn-north-1.amazonaws.com.cn"
        case .usGovernment: "iam.us-gov.amazonaws.com"
        }
    }

    /// The Price List is served from few regions and knows the prices of all.
    func pricingRegion(nearest region: String) -> String {
        if self == .china { return "cn-northwest-1" }
        switch region.prefix(3) {
        case "eu-", "me-", "af-", "il-": return "eu-central-1"
        case "ap-": return "ap-south-1"
        default: return "us-east-1"
        }
    }
}
