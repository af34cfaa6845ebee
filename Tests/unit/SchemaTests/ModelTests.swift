import Schema
import Testing

@Suite("Models, fields, keys and enums") struct ModelTests {
    @Test("every scalar type, required, optional and as a list")
    func scalars() throws {
        for scalar in ScalarType.allCases {
            let schema = try SchemaText.parse(
                "model M {\n id Int @id\n a \(scalar.rawValue)\n b \(scalar.rawValue)?\n c \(scalar.rawValue)[]\n}")
            for (name, arity) in [("a", Arity.required), ("b", .optional), ("c", .list)] {
                let field = try schema.field("M", name)
                #expect(field.arity == arity)
                guard case .scalar(scalar) = field.type else {
                    Issue.record("\(field.type)")
                    continue
                }
            }
        }
    }

    @Test("models keep the order of the text, and know where their fields are")
    func order() throws {
        let schema = try SchemaText.parse(
            """
            model Zebra {
              id Int @id
              name String? @map("full_name")
              @@map("zebras")
            }
            view Ant {
              id Int
              legs Int
              @@map("ants")
            }
            """)
        #expect(schema.models.map(\.name) == ["Zebra", "Ant"])
        #expect(schema.models.map(\.tableName) == ["zebras", "ants"])
        #expect(schema.models.map(\.isView) == [false, true])
        #expect(schema.models.map(\.index) == [0, 1])
        #expect(schema.model(named: "Ant")?.primaryKey == nil)
        #expect(try schema.field("Zebra", "name").columnName == "full_name")
        #expect(try schema.field("Zebra", "id").columnName == "id")
        #expect(try schema.field("Ant", "legs").index == 1)
        #expect(schema.model(named: "Cat") == nil)
    }

    @Test("identifiers and unique keys, of one field and of several, with and without names")
    func keys() throws {
        let schema = try SchemaText.parse(
            """
            model Seat {
              row    Int
              number Int
              hall   String @unique(map: "seat_hall", sort: Desc)
              code   String?
              note   String?
              @@id([row, number], map: "seat_key")
              @@unique([hall, code], name: "place")
              @@unique([code, note])
              @@unique([code])
              @@index([note(ops: raw("text_pattern_ops")), code(sort: Desc)], type: BTree, map: "seat_note")
              @@index(fields: [code], type: Hash, map: "seat_code")
            }
            """)
        let model = try #require(schema.model(named: "Seat"))
        #expect(model.primaryKey?.name == "row_number")
        #expect(model.primaryKey?.fields == [0, 1])
        #expect(model.uniqueKeys.map(\.name) == ["hall", "place", "code_note", "code"])
        #expect(model.uniqueKeys.map(\.fields) == [[2], [2, 3], [3, 4], [3]])
        #expect(model.selectors.map(\.isCompound) == [true, false, true, true, false])
        let indexes = model.indexes.filter { $0.kind == .normal }
        #expect(indexes.map { $0.columns.map(\.field) } == [[4, 3], [3]])
        #expect(indexes.map(\.constraintName) == ["seat_note", "seat_code"] && indexes.map(\.type) == [.bTree, .hash])
        #expect(indexes[0].columns.map(\.isDescending) == [false, true] && indexes[0].columns[0].operatorClass == "text_pattern_ops")
        #expect(model.fields.map(\.isUnique) == [false, false, true, true, false])
        #expect(model.fields.map(\.isID) == [false, false, false, false, false])
    }

    @Test("a compound identifier may have a name of its own")
    func namedIdentifier() throws {
        let schema = try SchemaText.parse("model B {\n a Int\n b Int\n @@id([a, b], name: \"pair\")\n}")
        #expect(schema.model(named: "B")?.primaryKey?.name == "pair")
    }

    @Test("@id @unique on one field is one key")
    func doubledKey() throws {
        let schema = try SchemaText.parse("model B {\n a String @id @default(cuid()) @unique\n}")
        let model = try #require(schema.model(named: "B"))
        #expect(model.selectors.map(\.name) == ["a"])
        #expect(model.fields[0].isID && !model.fields[0].isUnique)
    }

    @Test("a unique key over some of the rows selects nothing, nor does one with a field no query may name")
    func partialKeys() throws {
        let schema = try SchemaText.parse(
            """
            model B {
              id Int @id
              a  Int @unique(where: raw("a > 0"))
              b  Int
              c  Int @ignore
              d  Unsupported("circle")?
              @@unique([a, b], where: { b: 1 })
              @@unique([b, c])
              @@unique([b, d])
            }
            """)
        let model = try #require(schema.model(named: "B"))
        #expect(model.selectors.map(\.name) == ["id"])
        #expect(model.fields.map(\.isQueryable) == [true, true, true, false, false])
        #expect(!model.fields[1].isUnique)
        guard case .unsupported("circle") = model.fields[4].type else {
            Issue.record("\(model.fields[4].type)")
            return
        }
    }

    @Test("@updatedAt, @ignore and @@ignore")
    func ignored() throws {
        let schema = try SchemaText.parse(
            """
            model Hidden {
              id Int @id
              shown Shown[]
              @@ignore
            }
            model Shown {
              id Int @id
              hiddenId Int
              hidden Hidden @relation(fields: [hiddenId], references: [id]) @ignore
              at DateTime @updatedAt
              secret String @ignore
              friends Shown[] @relation("Friends")
              friendOf Shown[] @relation("Friends")
            }
            """)
        #expect(schema.models.map(\.name) == ["Shown"])
        #expect(schema.model(named: "Shown")?.index == 0 && schema.model(named: "Hidden") == nil)
        let model = schema.models[0]
        #expect(model.fields.map(\.name) == ["id", "hiddenId", "at", "secret", "friends", "friendOf"])
        #expect(model.fields.map(\.index) == [0, 1, 2, 3, 4, 5])
        #expect(try schema.field("Shown", "at").isUpdatedAt)
        #expect(try !schema.field("Shown", "secret").isQueryable)
        #expect(try schema.relation("Shown", "friends").oppositeField == 5)
        #expect(try schema.relation("Shown", "friends").model == 0)
    }

    @Test("enums with names of the database")
    func enums() throws {
        let schema = try SchemaText.parse(
            """
            model M {
              id Int @id
              role Role @default(GUEST)
              all Role[] @default([ADMIN, GUEST])
            }
            enum Role {
              ADMIN @map("the boss")
              GUEST
              @@map("role_type")
            }
            """)
        let role = try #require(schema.enums.first)
        #expect(role.name == "Role" && role.typeName == "role_type" && role.typeSchema == nil)
        #expect(role.values.map(\.name) == ["ADMIN", "GUEST"])
        #expect(role.values.map(\.databaseName) == ["the boss", "GUEST"])
        #expect(try schema.field("M", "role").defaultValue == .literal("GUEST"))
        #expect(try schema.field("M", "all").defaultValue == .list(["ADMIN", "GUEST"]))
        guard case .enumeration(0) = try schema.field("M", "role").type else {
            Issue.record("no enum")
            return
        }
    }

    @Test("comments of all kinds, blank lines, tabs, CRLF and a byte order mark change nothing")
    func comments() throws {
        let schema = try SchemaText.parse(
            "\u{FEFF}// first\r\nmodel M { // the model\r\n\t/// the key\r\n\tid Int @id // it\r\n\r\n/* a block\r\n} of text */ name\tString /* here too */ @default(\"// no comment\")\r\n}\r\n"
        )
        #expect(schema.models[0].fields.map(\.name) == ["id", "name"])
        #expect(try schema.field("M", "name").defaultValue == .literal("// no comment"))
    }

    @Test("arguments over several lines, in any order")
    func multilineArguments() throws {
        let schema = try SchemaText.parse(
            """
            model A {
              x Int
              y Int
              b B? @relation(
                references: [
                  x,
                  y // the second
                ],
                fields: [x, y]
              )
              @@id(
                map: "a_key",
                fields: [x, y]
              )
            }
            model B {
              x Int
              y Int
              a A?
              @@unique([x,
                y])
              @@id([x, y])
            }
            """)
        #expect(try schema.relation("A", "b").link == .references(fields: [0, 1], target: [0, 1]))
    }
}
