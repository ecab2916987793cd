import JSONModel

extension StateReader {
    /// The fields of a distributed Map.
    func checkDistributedFields() {}
}
