import Schema
import Testing

@Suite("Large schemas") struct LargeSchemaTests {
    @Test("a thousand models, each with a relation to the next one")
    func thousandModels() throws {
        let count = 1000
        var text = ""
        for i in 0..<count {
            text += """
                /// Model \(i)
                model Model\(i) {
                  id        Int      @id @default(autoincrement())
                  title     String   @db.VarChar(120) @map("title_\(i)")
                  slug      String   @unique
                  price     Decimal  @default(0) @db.Decimal(10, 2)
                  active    Boolean  @default(true) // active?
                  createdAt DateTime @default(now())
                  nextId    Int?
                  next      Model\((i + 1) % count)? @relation("r\(i)", fields: [nextId], references: [id], onDelete: Cascade)
                  previous  Model\((i + count - 1) % count)[] @relation("r\((i + count - 1) % count)")
                  data      Json?

                  @@index([title, createdAt(sort: Desc)])
                  @@map("model_\(i)")
                }

                """
        }
        let schema = try SchemaText.parse(text)
        #expect(schema.models.count == count)
        #expect(schema.models.allSatisfy { $0.fields.count == 10 })
        #expect(try schema.relation("Model999", "next").model == 0)
        #expect(try schema.relation("Model0", "previous").link == .referenced(fields: [0], by: [6]))
        #expect(schema.canonicalDescription.contains("10:title_1000") == false)
        let mistakes = SchemaText.errors(text.replacing("active    Boolean", with: "active    Bool"))
        #expect(mistakes.count == count)
    }

    @Test("one model with thousands of fields, keys and relations")
    func wideModel() throws {
        let count = 3000
        let fields = (0..<count).map {
            "f\($0) Int @unique\n w\($0) Wide? @relation(\"r\($0)\", fields: [f\($0)], references: [f\(($0 + 1) % count)])\n b\($0) Wide? @relation(\"r\($0)\")"
        }
        let schema = try SchemaText.parse("model Wide {\n id Int @id\n \(fields.joined(separator: "\n "))\n}")
        #expect(schema.models[0].fields.count == 3 * count + 1)
        #expect(schema.models[0].uniqueKeys.count == count)
    }
}
