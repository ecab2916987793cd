import Budgets
import Words

extension PriceDoubt {
    /// What people read of it, as the end of a sentence.
    var wording: Wording {
        switch self {
        case .everythingIsFree: Wording("all prices are zero", es: "todos los precios son cero")
        case .of(let price, let fault):
            Wording(
                "\(price.wording.english) \(fault.wording.english)",
                es: "\(price.wording.spanish) \(fault.wording.spanish)")
        }
    }
}

extension PriceDoubt.Price {
    fileprivate var wording: Wording {
        switch self {
        case .input: Wording("input", es: "el precio de entrada")
        case .output: Wording("output", es: "el precio de salida")
        case .cacheRead: Wording("cache read", es: "el precio de lectura de la caché")
        case .cacheWrite: Wording("cache write", es: "el precio de escritura en la caché")
        case .cacheWriteOfAnHour:
            Wording("1-hour cache write", es: "el precio de escritura en la caché por una hora")
        case .image: Wording("image", es: "el precio por imagen")
        case .request: Wording("request", es: "el precio por petición")
        }
    }
}

extension PriceDoubt.Fault {
    fileprivate var wording: Wording {
        switch self {
        case .negative: Wording("is negative", es: "es negativo")
        case .tooHigh:
            Wording("is higher than any price of today", es: "es más alto que cualquier precio de hoy")
        case .becameZero: Wording("has become zero", es: "ha pasado a ser cero")
        case .moved(let factor):
            Wording(
                "has moved by more than a factor of \(factor)", es: "ha cambiado en más de un factor de \(factor)")
        }
    }
}
