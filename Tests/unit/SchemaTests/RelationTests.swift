import Schema
import Testing

@Suite("Relations") struct RelationTests {
    @Test("one to many: the key on one side, its mirror image on the other")
    func oneToMany() throws {
        let schema = try SchemaText.parse(
            """
            model User {
              id Int @id
              posts Post[]
            }
            model Post {
              id Int @id
              authorId Int?
              author User? @relation(fields: [authorId], references: [id])
            }
            """)
        let author = try schema.relation("Post", "author")
        #expect(author.name == "PostToUser")
        #expect(author.model == 0 && author.oppositeField == 1)
        #expect(author.link == .references(fields: [1], target: [0]))
        #expect(author.onDelete == .setNull && author.onUpdate == .cascade)
        let posts = try schema.relation("User", "posts")
        #expect(posts.name == "PostToUser" && posts.model == 1 && posts.oppositeField == 2)
        #expect(posts.link == .referenced(fields: [0], by: [1]))
        #expect(posts.onDelete == .setNull)
    }

    @Test("actions: Restrict when a column is required, else SetNull; what is given holds")
    func actions() throws {
        func actions(_ type: String, _ extra: String = "") throws -> [Relation.Action] {
            let schema = try SchemaText.parse(
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int\(type)\n a A\(type) @relation(fields: [aId], references: [id]\(extra))\n}"
            )
            let relation = try schema.relation("B", "a")
            return [relation.onDelete, relation.onUpdate]
        }
        #expect(try actions("") == [.restrict, .cascade])
        #expect(try actions("?") == [.setNull, .cascade])
        #expect(try actions("", ", onDelete: Cascade, onUpdate: NoAction") == [.cascade, .noAction])
        #expect(try actions("?", ", onDelete: SetDefault, onUpdate: Restrict") == [.setDefault, .restrict])
    }

    @Test("one to one, and a key that is the identifier too")
    func oneToOne() throws {
        let schema = try SchemaText.parse(
            """
            model User {
              id Int @id
              profile Profile?
            }
            model Profile {
              userId Int @id
              user User @relation(fields: [userId], references: [id])
            }
            """)
        #expect(try schema.relation("Profile", "user").link == .references(fields: [0], target: [0]))
        #expect(try schema.relation("User", "profile").link == .referenced(fields: [0], by: [0]))
    }

    @Test("composite keys, referenced in another order than the key has")
    func compositeKeys() throws {
        let schema = try SchemaText.parse(
            """
            model Region {
              country String
              code Int
              cities City[]
              @@id([country, code])
            }
            model City {
              id Int @id
              regionCode Int
              regionCountry String
              region Region @relation(fields: [regionCode, regionCountry], references: [code, country])
            }
            """)
        #expect(try schema.relation("City", "region").link == .references(fields: [1, 2], target: [1, 0]))
        #expect(try schema.relation("Region", "cities").link == .referenced(fields: [1, 0], by: [1, 2]))
    }

    @Test("an optional relation over a composite key of which one column is required restricts")
    func partlyRequired() throws {
        let schema = try SchemaText.parse(
            """
            model R {
              a Int
              b Int
              cs C[]
              @@id([a, b])
            }
            model C {
              id Int @id
              a Int
              b Int?
              r R? @relation(fields: [a, b], references: [a, b])
            }
            """)
        #expect(try schema.relation("C", "r").onDelete == .restrict)
    }

    @Test("many to many: the model first by name is A, the table bears both names")
    func manyToMany() throws {
        let schema = try SchemaText.parse(
            """
            model Post {
              key String @id
              tags Tag[]
              @@map("posts")
            }
            model Category {
              name String
              id Int @id
              tags Tag[]
            }
            model Tag {
              id Int @id
              posts Post[]
              categories Category[]
            }
            """)
        guard case .joinTable(let tags) = try schema.relation("Post", "tags").link,
            case .joinTable(let posts) = try schema.relation("Tag", "posts").link
        else {
            Issue.record("no join table")
            return
        }
        #expect(tags.tableName == "_PostToTag" && tags.tableSchema == nil)
        #expect(tags.thisColumn == "A" && tags.otherColumn == "B")
        #expect(tags.thisField == 0 && tags.otherField == 0)
        #expect(posts.tableName == "_PostToTag" && posts.thisColumn == "B" && posts.otherColumn == "A")
        guard case .joinTable(let categories) = try schema.relation("Tag", "categories").link else {
            Issue.record("no join table")
            return
        }
        #expect(categories.tableName == "_CategoryToTag" && categories.thisColumn == "B")
        #expect(categories.thisField == 0 && categories.otherField == 1)
    }

    @Test("many to many within one model: the field first by name is A, wherever it stands")
    func selfManyToMany() throws {
        let schema = try SchemaText.parse(
            "model P {\n id Int @id\n following P[] @relation(\"Follows\")\n followers P[] @relation(\"Follows\")\n}")
        guard case .joinTable(let followers) = try schema.relation("P", "followers").link,
            case .joinTable(let following) = try schema.relation("P", "following").link
        else {
            Issue.record("no join table")
            return
        }
        #expect(followers.tableName == "_Follows")
        #expect(followers.thisColumn == "A" && followers.otherColumn == "B")
        #expect(following.thisColumn == "B" && following.otherColumn == "A")
        #expect(try schema.relation("P", "followers").oppositeField == 1)
    }

    @Test("self relations one to many and one to one")
    func selfRelations() throws {
        let schema = try SchemaText.parse(
            """
            model F {
              id Int @id
              parentId Int?
              nextId Int? @unique
              parent F? @relation("Tree", fields: [parentId], references: [id])
              children F[] @relation("Tree")
              next F? @relation("Chain", fields: [nextId], references: [id])
              previous F? @relation("Chain")
            }
            """)
        #expect(try schema.relation("F", "parent").link == .references(fields: [1], target: [0]))
        #expect(try schema.relation("F", "children").link == .referenced(fields: [0], by: [1]))
        #expect(try schema.relation("F", "previous").link == .referenced(fields: [0], by: [2]))
    }

    @Test("several relations between two models are told apart by name")
    func severalRelations() throws {
        let schema = try SchemaText.parse(
            """
            model User {
              id Int @id
              written Post[] @relation(name: "Author")
              edited Post[] @relation("Editor")
            }
            model Post {
              id Int @id
              authorId Int
              editorId Int
              author User @relation("Author", fields: [authorId], references: [id])
              editor User @relation(fields: [editorId], references: [id], name: "Editor")
            }
            """)
        #expect(try schema.relation("User", "written").link == .referenced(fields: [0], by: [1]))
        #expect(try schema.relation("User", "edited").link == .referenced(fields: [0], by: [2]))
    }

    @Test("schemas: each model in its own, a join table with the model that is A")
    func schemas() throws {
        let schema = try SchemaText.parse(
            """
            datasource db {
              provider = "postgresql"
              schemas = ["app", "audit"]
            }
            model Zoo {
              id Int @id
              animals Animal[]
              @@schema("app")
            }
            model Animal {
              id Int @id
              kind Kind
              zoos Zoo[]
              @@schema("audit")
            }
            enum Kind {
              CAT
              @@schema("app")
            }
            """)
        #expect(schema.datasource?.schemas == ["app", "audit"])
        #expect(schema.models.map(\.tableSchema) == ["app", "audit"])
        #expect(schema.enums[0].typeSchema == "app")
        guard case .joinTable(let table) = try schema.relation("Zoo", "animals").link else {
            Issue.record("no join table")
            return
        }
        #expect(table.tableName == "_AnimalToZoo" && table.tableSchema == "audit" && table.thisColumn == "B")
    }

    @Test(
        "wrong relations, each with its place",
        arguments: [
            // Missing and ambiguous opposites.
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n}",
                [
                    "3:2: the relation field \"A.bs\" has no opposite field in \"B\"; expected a further field of type A, A? or A[] in \"B\" without a relation name"
                ]
            ),
            (
                "model A {\n id Int @id\n x A?\n}",
                [
                    "3:2: the relation field \"A.x\" has no opposite field in \"A\"; expected a further field of type A, A? or A[] in \"A\" without a relation name"
                ]
            ),
            (
                "model A {\n id Int @id\n x A[]\n y A[]\n}",
                [
                    "4:2: \"A.x\" and \"A.y\" may be one self relation or two; expected the same name on both, as @relation(\"Name\"), if they are one"
                ]
            ),
            (
                "model A {\n id Int @id\n x A[] @relation(\"N\")\n y A[] @relation(\"N\")\n z A[] @relation(\"N\")\n}",
                [
                    "4:2: \"A.x\" and \"A.y\" both lead to \"A\" with the relation name \"N\"; expected a name of its own for each relation, as @relation(\"Name\")",
                    "5:2: \"A.x\" and \"A.z\" both lead to \"A\" with the relation name \"N\"; expected a name of its own for each relation, as @relation(\"Name\")",
                ]
            ),
            (
                "model A {\n id Int @id\n x B[]\n y B[]\n}\nmodel B {\n id Int @id\n a A[]\n}",
                [
                    "4:2: \"A.x\" and \"A.y\" both lead to \"B\" without a relation name; expected a name of its own for each relation, as @relation(\"Name\")"
                ]
            ),
            // Which side holds the key.
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n a A\n}",
                [
                    "7:2: the relation \"B.a\" has no fields and no references; expected @relation(fields: […], references: […])"
                ]
            ),
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(fields: [aId])\n}",
                ["8:2: the relation \"B.a\" has no references; expected @relation(fields: […], references: […])"]
            ),
            (
                "model A {\n id Int @id\n bId Int\n bs B[] @relation(fields: [bId], references: [id])\n}\nmodel B {\n id Int @id\n a A\n}",
                [
                    "4:2: \"A.bs\" has fields, references, but its column is on the other side; expected them on \"B.a\" alone"
                ]
            ),
            (
                "model A {\n id Int @id\n b B?\n}\nmodel B {\n id Int @id\n a A?\n}",
                [
                    "3:2: neither \"A.b\" nor \"B.a\" has fields and references; expected @relation(fields: […], references: […]) on one of them"
                ]
            ),
            (
                "model A {\n id Int @id\n bId Int @unique\n b B @relation(fields: [bId], references: [id])\n}\nmodel B {\n id Int @id\n aId Int @unique\n a A @relation(fields: [aId], references: [id])\n}",
                [
                    "9:2: \"A.b\" and \"B.a\" both have fields or references; expected them on one side of a one-to-one relation"
                ]
            ),
            (
                "model A {\n id Int @id\n b B\n}\nmodel B {\n id Int @id\n aId Int @unique\n a A @relation(fields: [aId], references: [id])\n}",
                [
                    "3:2: \"A.b\" is required, but its record is on the other side and may be missing; expected the type B?"
                ]
            ),
            (
                "model A {\n id Int @id\n b B? @relation(onDelete: Cascade)\n}\nmodel B {\n id Int @id\n aId Int @unique\n a A @relation(fields: [aId], references: [id])\n}",
                ["3:2: \"A.b\" has onDelete, but its column is on the other side; expected them on \"B.a\" alone"]
            ),
            // The columns.
            (
                "model A {\n id Int @id\n b B?\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(fields: [aId], references: [id])\n}",
                [
                    "8:2: the one-to-one relation \"B.a\" is over aId, which is no unique key; expected @unique on aId, or a list on the other side"
                ]
            ),
            (
                "model A {\n id Int @id\n n Int\n bs B[]\n}\nmodel B {\n id Int @id\n aN Int\n a A @relation(fields: [aN], references: [n])\n}",
                ["9:2: \"B.a\" refers to n of \"A\", which is no unique key; expected @id or @unique on n"]
            ),
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId String\n a A @relation(fields: [aId], references: [id])\n}",
                ["8:2: \"aId\" is String, \"id\" of \"A\" is Int; expected the same type on both sides of \"B.a\""]
            ),
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int?\n a A @relation(fields: [aId], references: [id])\n}",
                ["8:2: \"B.a\" is required, but aId may be null; expected the type A?, or required fields"]
            ),
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(fields: [aid, id], references: [id])\n}",
                ["8:25: fields: \"B\" has no field \"aid\"; expected a scalar field of \"B\"; did you mean \"aId\"?"]
            ),
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(fields: [aId, id], references: [id])\n}",
                ["8:2: \"B.a\" has 2 fields and 1 references; expected as many of both"]
            ),
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(fields: [a], references: [id])\n}",
                ["8:25: fields: \"a\" is a relation; expected a scalar field of \"B\""]
            ),
            // Many to many.
            (
                "model A {\n id Int @unique\n bs B[]\n}\nmodel B {\n id Int @id\n as A[]\n}",
                [
                    "7:2: \"B.as\" is many-to-many, but \"A\" has no @id; expected an @id on one field, or a model of its own in between"
                ]
            ),
            (
                "model A {\n id Int @id\n bs B[] @relation(onDelete: Cascade)\n}\nmodel B {\n id Int @id\n as A[]\n}",
                [
                    "3:2: the many-to-many relation \"A.bs\" has fields, references or actions; expected none, or a model of its own in between"
                ]
            ),
            // The attribute itself.
            (
                "model A {\n id Int @id @relation(\"x\")\n}",
                ["2:13: @relation on a field of type Int; expected a model as the type"]
            ),
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(fields: [aId], references: [id], onDelete: Cascad)\n}",
                [
                    "8:59: onDelete: unknown action \"Cascad\"; expected one of: Cascade, Restrict, NoAction, SetNull, SetDefault; did you mean \"Cascade\"?"
                ]
            ),
            (
                "model A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(\"\", field: [aId], references: [id])\n}",
                [
                    "8:16: the name of a relation: an empty string or one with U+0000; expected a name",
                    "8:20: @relation has no argument \"field\"; expected one of: name, fields, references, onDelete, onUpdate, map; did you mean \"fields\"?",
                ]
            ),
            (
                "model A {\n id Int @id\n b B[]\n @@ignore\n}\nmodel B {\n id Int @id\n aId Int\n a A @relation(fields: [aId], references: [id])\n}",
                ["9:2: \"a\" leads to \"A\", which is ignored; expected @ignore on the field"]
            ),
            (
                "model A {\n id Int @id\n b B[] @default(1) @map(\"x\") @unique\n}\nmodel B {\n id Int @id\n as A[]\n}",
                [
                    "3:8: @default on a relation field; expected it on a field that has a column",
                    "3:20: @map on a relation field, which has no column; expected it on a field that has a column",
                    "3:30: @unique on a relation field; expected it on a field that has a column",
                ]
            ),
        ])
    func wrongRelations(text: String, expected: [String]) {
        #expect(SchemaText.errors(text) == expected)
    }

    @Test("relationMode = \"prisma\" knows three actions")
    func relationMode() throws {
        let text =
            "datasource db {\n provider = \"postgresql\"\n relationMode = \"prisma\"\n}\nmodel A {\n id Int @id\n bs B[]\n}\nmodel B {\n id Int @id\n aId Int?\n a A? @relation(fields: [aId], references: [id], onDelete: SetNull)\n}"
        #expect(try SchemaText.parse(text).datasource?.relationMode == .prisma)
        #expect(
            SchemaText.errors(text.replacing("SetNull", with: "NoAction")) == [
                "12:60: onDelete: NoAction is not available with relationMode = \"prisma\"; expected one of: Cascade, Restrict, SetNull"
            ])
    }
}
