extension WriteCompiler {
    /// Returns a row if what is inserted into the model's table may be stored in others: it is a view or a foreign table, others inherit
    /// from it, or a rule writes something instead.
    ///
    /// A partitioned table stores all that its triggers let in, so it is not among them.
    package mutating func redirection(of model: Int) -> Plan.Statement {
        let table = table(of: model)
        let text: SQLText = """
            SELECT 1 FROM pg_catalog.pg_class AS c \
            WHERE c.oid OPERATOR(pg_catalog.=) \(literal: table)::pg_catalog.regclass \
            AND (c.relkind OPERATOR(pg_catalog.=) 'v' OR c.relkind OPERATOR(pg_catalog.=) 'f' \
            OR c.relkind OPERATOR(pg_catalog.=) 'r' \
            AND EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent OPERATOR(pg_catalog.=) c.oid) \
            OR EXISTS (SELECT FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class OPERATOR(pg_catalog.=) c.oid \
            AND r.ev_type OPERATOR(pg_catalog.=) '3' AND r.is_instead))
            """
        return text.statement()
    }
}
