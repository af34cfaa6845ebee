import Schema
import Testing

@Suite("Mistakes of keys and indexes") struct KeyMistakeTests {
    @Test(
        "one mistake in a key, one error",
        arguments: [
            (
                "model A {\n x Int\n}",
                [
                    "1:7: the model \"A\" has nothing that identifies a record; expected @id or @unique on a required field, or @@id or @@unique over required fields"
                ]
            ),
            (
                "model A {\n x Int? @unique\n}",
                [
                    "1:7: the model \"A\" has nothing that identifies a record; expected @id or @unique on a required field, or @@id or @@unique over required fields"
                ]
            ),
            ("model A {\n x Int? @id\n}", ["2:9: the identifier uses \"x\" of type Int?; expected a required field"]),
            (
                "model A {\n x Int @id\n y Int\n @@id([x, y])\n}",
                ["4:2: a second identifier of \"A\"; expected one @id, or one @@id over several fields"]
            ),
            (
                "model A {\n id Int @id\n @@unique([])\n}",
                ["3:11: the list of fields of @@unique is empty; expected at least one field"]
            ),
            ("model A {\n id Int @id\n @@unique\n}", ["3:2: @@unique without fields; expected @@unique([…])"]),
            (
                "model A {\n id Int @id\n @@unique([ID])\n}",
                ["3:12: @@unique: \"A\" has no field \"ID\"; expected a scalar field of \"A\"; did you mean \"id\"?"]
            ),
            (
                "model A {\n id Int @id\n @@index([id, id])\n}",
                ["3:15: @@index: the field \"id\" is named twice; expected it once"]
            ),
            (
                "model A {\n id Int @id\n b Int\n @@unique([id, b], name: \"b\")\n}",
                ["4:26: the name \"b\" of @@unique is a field's name; expected another name"]
            ),
            (
                "model A {\n a Int\n b Int\n a_b Int @id\n @@unique([a, b])\n}",
                ["5:2: the key is called \"a_b\", as a field is; expected another name by name:"]
            ),
            (
                "model A {\n id Int @id\n b Int\n @@unique([id, b], name: \"x\", map: \"m\")\n @@unique([b, id], name: \"x\")\n}",
                ["5:2: a second key named \"x\"; expected another name by name:"]
            ),
            (
                "model A {\n id Int @id\n @@index([id])\n @@index([id])\n}",
                ["4:2: the constraint name \"A_id_idx\" is in use in \"A\" already; expected another name by map:"]
            ),
            (
                "model A {\n id Int @id\n @@index([id], type: Btree)\n}",
                [
                    "3:22: unknown index type \"Btree\"; expected one of: BTree, Hash, Gist, Gin, SpGist, Brin; did you mean \"BTree\"?"
                ]
            ),
            (
                "model A {\n id Int @id\n @@index([id(sort: desc, length: 5)])\n}",
                [
                    "3:20: sort: \"desc\"; expected Asc or Desc",
                    "3:34: length in @@index; expected none: PostgreSQL indexes whole values",
                ]
            ),
            (
                "model A {\n id Int @id\n @@unique([id(ops: X)])\n}",
                ["3:20: ops in @@unique; expected it in @@index only"]
            ),
            (
                "model A {\n id Int @id(sort: Desc)\n}",
                ["2:19: sort in @id; expected none: PostgreSQL sorts unique keys and indexes only"]
            ),
            (
                "model A {\n id Int @id\n @@unique([id], where: 5)\n}",
                ["3:24: where of @@unique: the number 5; expected raw(\"…\") or { field: value }"]
            ),
        ])
    func keys(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }
}
