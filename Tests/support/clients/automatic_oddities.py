"""What a database may have beside its schema, for the property test: tables whose writes reach others in ways that only the catalog tells."""

SCHEMA = """
model Audit {
  id   Int     @id @default(autoincrement())
  note String?
}

model ByExpression {
  id Int  @id
  n  Int?
}

model ByWhen {
  id Int  @id
  n  Int?
}

model ByCheck {
  id Int  @id
  n  Int?
}

model ByDefault {
  id Int  @id
  n  Int?
}

model Parent {
  id Int  @id
  n  Int?
}

model Parts {
  id Int  @id
  n  Int?
}

model Disguised {
  id Int  @id
  n  Int?
  @@map("a_table_whose_name_is_longer_than_the_sixty_three_bytes_that_a_database_keeps")
}

model Keeper {
  id   Int  @id
  code Int  @unique
  twin Int?
}

model Kept {
  id       Int  @id
  keeperId Int?
  code     Int?
}

model Behind {
  id     Int  @id
  hidden Int?
}

model Spelled {
  id     Int     @id
  folded String? @unique
  padded String? @unique
  uuid   String? @unique
  number Int?    @unique
  word   String? @unique
}
"""

TABLES = """
CREATE EXTENSION citext;
CREATE TABLE "Audit" (id serial PRIMARY KEY, note text);
CREATE FUNCTION audit(v int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "Audit" (note) VALUES (v::text); RETURN v; END $$;
CREATE FUNCTION audited(v int) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT public.audit(v) IS NOT NULL $$;
CREATE FUNCTION by_expression() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := audit(NEW.n); RETURN NEW; END $$;
CREATE FUNCTION idle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION twin() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.code := coalesce(NEW.twin, NEW.code); RETURN NEW; END $$;
CREATE TABLE "ByExpression" (id int PRIMARY KEY, n int);
CREATE TRIGGER t BEFORE INSERT OR UPDATE ON "ByExpression" FOR EACH ROW EXECUTE FUNCTION by_expression();
CREATE TABLE "ByWhen" (id int PRIMARY KEY, n int);
CREATE TRIGGER t AFTER INSERT OR UPDATE ON "ByWhen" FOR EACH ROW WHEN (audited(NEW.id)) EXECUTE FUNCTION idle();
CREATE TABLE "ByCheck" (id int PRIMARY KEY, n int CHECK (audited(n)));
CREATE TABLE "ByDefault" (id int PRIMARY KEY, n int DEFAULT audit(5));
CREATE TABLE "Parent" (id int PRIMARY KEY, n int);
CREATE TABLE child () INHERITS ("Parent");
CREATE TRIGGER t BEFORE UPDATE ON child FOR EACH ROW EXECUTE FUNCTION by_expression();
CREATE TABLE "Parts" (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
CREATE TABLE low PARTITION OF "Parts" FOR VALUES FROM (0) TO (3);
CREATE TABLE high PARTITION OF "Parts" FOR VALUES FROM (3) TO (99);
CREATE TRIGGER t BEFORE INSERT OR UPDATE ON low FOR EACH ROW EXECUTE FUNCTION by_expression();
CREATE TABLE "a_table_whose_name_is_longer_than_the_sixty_three_bytes_that_a_database_keeps" (id int PRIMARY KEY, n int);
CREATE TRIGGER accelerant_mine BEFORE INSERT OR UPDATE ON "a_table_whose_name_is_longer_than_the_sixty_three_bytes_that_a_database_keeps"
    FOR EACH ROW EXECUTE FUNCTION by_expression();
CREATE TABLE "Keeper" (id int PRIMARY KEY, code int NOT NULL UNIQUE, twin int);
CREATE TRIGGER t BEFORE UPDATE ON "Keeper" FOR EACH ROW EXECUTE FUNCTION twin();
CREATE TABLE "Kept" (id int PRIMARY KEY, "keeperId" int REFERENCES "Keeper" ON DELETE CASCADE ON UPDATE CASCADE,
    code int REFERENCES "Keeper" (code) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE hidden (id int PRIMARY KEY REFERENCES "Keeper" ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE "Behind" (id int PRIMARY KEY, hidden int REFERENCES hidden ON DELETE SET NULL ON UPDATE CASCADE);
CREATE DOMAIN folded AS citext;
CREATE DOMAIN padded AS char(6);
CREATE DOMAIN word AS varchar(9);
CREATE TABLE "Spelled" (id int PRIMARY KEY, folded folded UNIQUE, padded padded UNIQUE, uuid uuid UNIQUE, number numeric(9, 2) UNIQUE, word word UNIQUE);
"""

EMPTY = """TRUNCATE "Audit", "ByExpression", "ByWhen", "ByCheck", "ByDefault", "Parent", "Parts", "Keeper", "Kept", hidden, "Behind", "Spelled",
    "a_table_whose_name_is_longer_than_the_sixty_three_bytes_that_a_database_keeps" RESTART IDENTITY CASCADE;
    INSERT INTO child VALUES (11, 0)"""

IDS = (1, 2, 3)
NUMBERED = ("ByExpression", "ByWhen", "ByCheck", "ByDefault", "Parent", "Parts", "Disguised")
WORDS = ("anna", "ANNA", "Anna  ")
UUIDS = ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")
BY_ID = {"orderBy": {"id": "asc"}}


def reads():
    made = []

    def add(model, operation, **args):
        made.append({"model": model, "operation": operation, "args": args})

    add("Audit", "count")
    for model in NUMBERED:
        add(model, "findMany", **BY_ID)
        add(model, "findUnique", where={"id": 1})
    for id in IDS:
        for model in ("Keeper", "Kept", "Behind", "Spelled"):
            add(model, "findUnique", where={"id": id})
        add("Keeper", "findUnique", where={"code": id})
    for model in ("Keeper", "Kept", "Behind", "Spelled"):
        add(model, "findMany", **BY_ID)
    for word in WORDS:
        for field in ("folded", "padded", "word"):
            add("Spelled", "findUnique", where={field: word}, select={"id": True})
    for uuid in UUIDS:
        add("Spelled", "findUnique", where={"uuid": uuid}, select={"id": True})
    for number in IDS:
        add("Spelled", "findUnique", where={"number": number}, select={"id": True})
    return made


def write(random):
    """One write through the library."""
    id, other, model = random.choice(IDS), random.choice(IDS), random.choice(NUMBERED)
    spelled = {"folded": random.choice(WORDS), "padded": random.choice(WORDS), "uuid": random.choice(UUIDS), "number": other, "word": random.choice(WORDS)}
    field = random.choice(tuple(spelled))
    return random.choice([
        lambda: (model, "create", {"data": {"id": id, **({} if model == "ByDefault" else {"n": other})}}),
        lambda: (model, "update", {"where": {"id": id}, "data": {"n": {"increment": 1}}}),
        lambda: (model, "updateMany", {"data": {"n": other}}),
        lambda: (model, "delete", {"where": {"id": id}}),
        lambda: ("Keeper", "create", {"data": {"id": id, "code": other}}),
        lambda: ("Keeper", "update", {"where": {"id": id}, "data": {"twin": other}}),
        lambda: ("Keeper", "update", {"where": {"id": id}, "data": {"id": other}}),
        lambda: ("Keeper", "delete", {"where": {"id": id}}),
        lambda: ("Keeper", "deleteMany", {"where": {"code": other}}),
        lambda: ("Kept", "create", {"data": {"id": id, "keeperId": other, "code": other}}),
        lambda: ("Behind", "create", {"data": {"id": id, "hidden": other}}),
        lambda: ("Spelled", "createMany", {"data": [{"id": id, field: spelled[field]}], "skipDuplicates": True}),
        lambda: ("Spelled", "create", {"data": {"id": id, **spelled}}),
        lambda: ("Spelled", "updateMany", {"where": {field: spelled[field]}, "data": {field: None}}),
        lambda: ("Spelled", "deleteMany", {"where": {"id": id}}),
    ])()


def foreign(random):
    """One write by somebody else, as SQL."""
    id, other, model = random.choice(IDS), random.choice(IDS), random.choice(NUMBERED[:-1])
    return random.choice([
        f'INSERT INTO "{model}" (id) VALUES ({id}) ON CONFLICT DO NOTHING', f'UPDATE "{model}" SET n = {other}', f'TRUNCATE "{model}"',
        f'INSERT INTO "Keeper" VALUES ({id}, {other}) ON CONFLICT DO NOTHING', 'INSERT INTO hidden SELECT id FROM "Keeper" ON CONFLICT DO NOTHING',
        f'DELETE FROM "Keeper" WHERE id = {id}', f'UPDATE "Keeper" SET twin = {other + 10} WHERE id = {id}', f'DELETE FROM hidden WHERE id = {id}',
        'INSERT INTO "Behind" SELECT 3, min(id) FROM hidden ON CONFLICT DO NOTHING',
        f"INSERT INTO \"Spelled\" (id, folded) VALUES ({id}, 'anna') ON CONFLICT DO NOTHING", f'DELETE FROM "Spelled" WHERE id = {id}',
        f'INSERT INTO low VALUES (2, {other}) ON CONFLICT DO NOTHING', 'DELETE FROM child', f'INSERT INTO child VALUES (12, {other})',
        f'UPDATE "Author" SET age = age + 1 WHERE id = {id}', f'DELETE FROM "Post" WHERE id = {id}', 'UPDATE "Label" SET color = NULL',
    ])
