"""Large schemas of a business, put together from parts: catalogue, sales, stock, people, books."""

HEAD = """generator client {
  provider = "prisma-client-js"
}

datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")%s
}
"""

#: What an area of a business has tables for.
AREAS = {
    "sales": ["Order", "OrderLine", "Quote", "QuoteLine", "Refund", "Coupon", "Cart", "CartLine", "Payment", "Subscription"],
    "stock": ["Warehouse", "Shelf", "Movement", "Batch", "Supplier", "Purchase", "PurchaseLine", "Count", "Transfer", "Pallet"],
    "people": ["Employee", "Department", "Contract", "Shift", "Absence", "Payslip", "Skill", "Training", "Review", "Expense"],
    "books": ["Account", "Entry", "EntryLine", "Period", "Invoice", "InvoiceLine", "TaxRate", "Currency", "ExchangeRate", "Budget"],
    "service": ["Ticket", "Message", "Agent", "Queue", "Escalation", "Article", "Survey", "Answer", "Macro", "Holiday"],
}

#: Fields of many kinds; a table takes some of them by its number.
FIELDS = [
    "name String @db.VarChar(80)", "note String?", 'code String @unique @default(dbgenerated("upper(\'x\' || gen_random_uuid()::text)"))',
    "price Decimal @default(0.00) @db.Decimal(12, 2)", "rate Float @default(-0.25)", "amount BigInt @default(-9007199254740993)",
    "share Decimal @default(1.5) @db.Money", "isActive Boolean @default(true) @map(\"is_active\")", 'at DateTime @default("2024-02-29T23:59:59.5+05:30") @db.Timestamptz(3)',
    "createdAt DateTime @default(now()) @map(\"created_at\") @db.Timestamptz(6)", "day DateTime @default(dbgenerated(\"CURRENT_DATE\")) @db.Date",
    'opens DateTime @default("1970-01-01T08:00:00Z") @db.Time(0)', 'data Json @default("{\\"b\\": [1e3, -2.50], \\"a\\": null}")',
    "sizes Int[] @default([-1, 0, 1])", "rates Decimal[] @default([-0.5, 1.25]) @db.Decimal(6, 3)", 'days DateTime[] @default(["2024-01-01T00:00:00Z"]) @db.Timestamptz(0)',
    "state State @default(OPEN)", "states State[] @default([OPEN, CLOSED])", 'took Unsupported("interval") @default(dbgenerated("interval \'1 day\'"))',
    'address String @default("10.0.0.0/8") @db.Inet', "token String @default(uuid()) @db.Uuid", 'file Bytes @default("//79")', "place Int? @db.SmallInt",
    'words Unsupported("tsvector")?', 'tags String[] @default(["a b", "it\'s", "\\"q\\""])', "number Int? @default(autoincrement())", 'bits String @default("1010") @db.VarBit(9)',
    'label String @default("tab\\there \\\\ and more")', "updatedAt DateTime @updatedAt",
]


class Model:
    def __init__(self, name):
        self.name, self.fields, self.attributes = name, [], []

    def text(self):
        lines = [f"  {field}" for field in self.fields] + ([""] if self.attributes else []) + [f"  {attribute}" for attribute in self.attributes]
        return "model %s {\n%s\n}\n" % (self.name, "\n".join(lines))


def business(tables, schemas=()):
    """A schema of so many tables; in several schemas of the database if they are named."""
    models = []
    for number in range(tables):
        area = list(AREAS)[number // 10 % len(AREAS)]
        branch = number // (10 * len(AREAS))
        model = Model(AREAS[area][number % 10] + (f"{branch + 1}" if branch else ""))
        model.fields.append(["id Int @id @default(autoincrement())", "id BigInt @id @default(autoincrement())", 'id String @id @default(dbgenerated("gen_random_uuid()")) @db.Uuid',
                             "id String @id @default(cuid())"][number % 4])
        for step in range(3 + number % 6):
            field = FIELDS[(number * 5 + step * 7) % len(FIELDS)]
            if field.split()[0] not in [known.split()[0] for known in model.fields]:
                model.fields.append(field)
        names = [field.split()[0] for field in model.fields]
        if "price" in names and "name" in names:
            model.attributes.append("@@index([name, price(sort: Desc)])")
        if "data" in names:
            model.attributes.append("@@index([data(ops: JsonbPathOps)], type: Gin)")
        if "sizes" in names:
            model.attributes.append("@@index([sizes], type: Gin)")
        models.append(model)
    relate(models)
    for number, model in enumerate(models):
        if number % 3 == 0:
            model.attributes.append('@@map("%s")' % "".join("_" + letter.lower() if letter.isupper() else letter for letter in model.name).lstrip("_"))
        if schemas:
            model.attributes.append('@@schema("%s")' % schemas[number % len(schemas)])
    listed = "\n  schemas  = [%s]" % ", ".join(f'"{name}"' for name in schemas) if schemas else ""
    place = f'\n\n  @@schema("{schemas[0]}")' if schemas else ""
    enum = "enum State {\n  OPEN\n  HELD   @map(\"on hold\")\n  CLOSED%s\n}\n" % place
    return "\n".join([HEAD % listed, enum, *(model.text() for model in models)])


def kind(model):
    return model.fields[0].split()[1], " @db.Uuid" if "@db.Uuid" in model.fields[0] else ""


def relate(models):
    """Each table points to one before it; some to themselves, some twice, some to many, some by a key over two columns."""
    for number, model in enumerate(models[1:], 1):
        target = models[(number * 7 + 3) % number]
        type, native = kind(target)
        lower = target.name[0].lower() + target.name[1:]
        action = ["", ", onDelete: Cascade", ", onDelete: SetNull, onUpdate: NoAction", ", onDelete: Restrict"][number % 4]
        optional = "?" if "SetNull" in action or number % 5 == 0 else ""
        model.fields += [f"{lower}Id {type}{optional}{native}", f'{lower} {target.name}{optional} @relation("{model.name}{number}", fields: [{lower}Id], references: [id]{action})']
        unique = number % 11 == 0
        if unique:
            model.fields[-2] += " @unique"
        target.fields.append(f'of{model.name}{number} {model.name}{"?" if unique else "[]"} @relation("{model.name}{number}")')
        if number % 6 == 0:
            own, mark = kind(model)
            model.fields += [f"parentId {own}?{mark}", f'parent {model.name}? @relation("tree{number}", fields: [parentId], references: [id], onDelete: SetNull, onUpdate: NoAction)',
                             f'children {model.name}[] @relation("tree{number}")']
        if number % 7 == 0:
            other = models[number - 1]
            model.fields.append(f'many{number} {other.name}[] @relation("Many{number}")')
            other.fields.append(f'manyOf{number} {model.name}[] @relation("Many{number}")')
        if number % 9 == 0:
            other = models[number - 2]
            first = kind(other)
            other.fields.append(f"version{number} Int @default(1)")
            other.fields.append(f'versions{number} {model.name}[] @relation("Version{number}")')
            other.attributes.append(f"@@unique([id, version{number}])")
            model.fields += [f"other{number} {first[0]}?{first[1]}", f"otherVersion{number} Int?",
                             f'version{number} {other.name}? @relation("Version{number}", fields: [other{number}, otherVersion{number}], references: [id, version{number}], map: "v{number}")']
