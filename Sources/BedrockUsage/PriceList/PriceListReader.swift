package import Budgets
import JSONModel
import WallTime

/// Reads products of AWS's Price List (`GetProducts`, format `aws_v1`) into rows of a price book.
///
/// Facts, 2026-11: a product is one class of tokens of one model in one Region. `AmazonBedrock` names the model and the
/// class in attributes; `AmazonBedrockFoundationModels` names the model in `servicename` and the rest in `usagetype`.
package struct PriceListReader {
    /// What holds where the list says nothing: the lengths of long contexts, classes that are free.
    private let documented: PriceBook
    private var offers: [PriceOffer] = []
    private var reading = PriceListReading()
    private var unmapped: Set<PriceListReading.Unmapped> = []
    /// Of which a product does not read: what is left of them is no price.
    private var incomplete: Set<PriceGroup.Key> = []

    package init(documented: PriceBook = .standard) { self.documented = documented }

    /// Takes in one product: one element of `PriceList`, which is a text that holds JSON.
    package mutating func take(_ product: String, of service: PriceListService) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: product)
        } catch {
            reading.unreadable.append("\(service.rawValue): a product is no JSON: \(error)")
            return
        }
        let attributes = json["product"]?["attributes"] ?? .null
        let sku = json["product"]?["sku"]?.stringValue ?? "without SKU"
        switch PriceListProduct(attributes, service) {
        case .excluded: reading.excluded += 1
        case .unmapped(let name): unmapped.insert(.init(service: service.rawValue, product: name))
        case .tokens(let tokens):
            do throws(PriceListError) {
                offers.append(try Self.offer(tokens, sku, json["terms"]?["OnDemand"] ?? .null))
            } catch {
                reading.unreadable.append("\(service.rawValue), SKU \(sku): \(error)")
                incomplete.insert(PriceGroup.Key(model: tokens.model, region: tokens.region, isGlobal: tokens.isGlobal))
            }
        }
    }

    private static func offer(
        _ tokens: PriceListProduct.Tokens, _ sku: String, _ terms: JSONValue
    ) throws(PriceListError) -> PriceOffer {
        guard let term = terms.onlyMember else {
            throw .malformed("it has not exactly one on-demand term")
        }
        guard let effective = term["effectiveDate"]?.stringValue, let from = Instant(iso8601: effective) else {
            throw .malformed("its effective date does not read")
        }
        guard let dimension = term["priceDimensions"]?.onlyMember else {
            throw .malformed("its price depends on the amount, which is not understood")
        }
        guard let text = dimension["pricePerUnit"]?["USD"]?.stringValue else { throw .malformed("it has no USD price") }
        guard let price = price(text, unit: dimension["unit"]?.stringValue ?? "") else {
            throw .malformed(
                "\(text) USD for \"\(dimension["unit"]?.stringValue ?? "")\" is no price of tokens that is understood")
        }
        return PriceOffer(
            model: tokens.model, region: tokens.region, isGlobal: tokens.isGlobal, isLongContext: tokens.isLongContext,
            tier: tokens.tier, tokenClass: tokens.tokenClass, effectiveFrom: from.milliseconds, price: price, sku: sku)
    }

    /// The price of a token, exactly. Units that are sold on the marketplace are a million tokens.
    private static func price(_ text: String, unit: String) -> TokenPrice? {
        switch unit.lowercased().filter({ $0 != " " }) {
        case "1ktokens", "1000tokens":
            // Moving the point three places: $0.0008 for a thousand is $0.8 for a million.
            return TokenPrice(dollarsPerMillion: moved(text))
        case "1mtokens", "units", "1000000tokens": return TokenPrice(dollarsPerMillion: text)
        default: return nil
        }
    }

    /// A decimal number times a thousand; what is none stays none.
    private static func moved(_ text: String) -> String {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return text }
        let fraction = (parts.count == 2 ? String(parts[1]) : "") + "000"
        return "\(parts[0])\(fraction.prefix(3)).\(fraction.dropFirst(3))0"
    }

    /// What all products that were taken in say together.
    package consuming func result() -> PriceListReading {
        var reading = reading
        reading.unmapped = unmapped.sorted { ($0.service, $0.product) < ($1.service, $1.product) }
        let groups = Dictionary(grouping: offers) {
            PriceGroup.Key(model: $0.model, region: $0.region, isGlobal: $0.isGlobal)
        }
        for (key, offers) in groups.sorted(by: { $0.key < $1.key }) where !incomplete.contains(key) {
            do throws(PriceListError) {
                reading.rows.append(try PriceGroup(key: key, offers: offers, documented: documented).row())
            } catch {
                reading.unreadable.append("\(key): \(error)")
            }
        }
        return reading
    }
}

extension JSONValue {
    /// The one member of an object; nil when it has more or none.
    fileprivate var onlyMember: JSONValue? {
        guard let object = objectValue, object.count == 1 else { return nil }
        for (_, value) in object { return value }
        return nil
    }
}

/// Why a product, or a model's products together, are no price.
enum PriceListError: Error, Equatable, CustomStringConvertible {
    case malformed(String)

    var description: String {
        switch self {
        case .malformed(let problem): problem
        }
    }
}
