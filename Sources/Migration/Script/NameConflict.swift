import Catalog

/// A name that a step gives to a table, an index, a key or a sequence, although something that stays has it.
struct NameConflict {
    /// The table that the step changes or creates.
    let table: ObjectName
    let name: ObjectName
    /// `the view`, ``an index of the table `t```.
    let holder: String

    var risk: Risk {
        Risk(
            kind: .nameTaken, table: table, part: nil,
            reason: """
                The name `\(name.name)` is given to a part of the table `\(table.name)`, but \(holder) has it and stays, so this will fail. \
                Rename one of them, or give the part another name by `map`.
                """,
            condition: .always)
    }

    /// Returns what has each name, of all that a step can only set free by name.
    ///
    /// Why not partitions and tables that inherit: what they have goes also by steps for other tables.
    static func holders(_ current: Database) -> [ObjectName: String] {
        var holders: [ObjectName: String] = [:]
        for view in current.views { holders[view.name] = "a view" }
        for sequence in current.sequences { holders[sequence.name] = "a sequence" }
        for table in current.tables where !table.isPartition && table.parents.isEmpty {
            holders[table.name] = "a table"
            for index in table.indexes { holders[ObjectName(index.name, in: table.name.schema)] = "an index of the table `\(table.name.name)`" }
            if let key = table.primaryKey { holders[ObjectName(key.name, in: table.name.schema)] = "the primary key of the table `\(table.name.name)`" }
        }
        return holders
    }
}
