"""`$schema`: all that a code generator needs of a data model."""
import time

from capi import Client

SCHEMA = """
datasource db {
  provider     = "postgresql"
  schemas      = ["app", "audit"]
  relationMode = "prisma"
}
/// Who writes.
/// And reads.
model User {
  /// Its number.
  id     Int      @id(map: "user_key") @default(autoincrement())
  email  String   @unique @db.VarChar(40) /// unique, of course
  name   String?  @map("full_name")
  role   Role     @default(ADMIN)
  token  String   @default(uuid(7)) @db.Uuid
  made   DateTime @default(now()) @db.Timestamptz(3)
  seen   DateTime @updatedAt
  n      Int      @default(-5)
  big    BigInt   @default(9223372036854775807)
  rate   Float    @default(1.50)
  ok     Boolean  @default(true)
  data   Json     @default("{\\"a\\": 1}")
  tags   String[] @default(["a", "b"])
  where  Unsupported("circle")?
  code   String   @default(dbgenerated("code()"))
  short  String   @default(nanoid(9))
  hidden String?  @ignore

  posts  Post[]
  groups Group[]

  // The next one is no documentation.
  @@unique([name, role], name: "call", map: "call_key")
  @@unique([n, big])
  @@index([made(sort: Desc), data(ops: raw("jsonb_ops"))], type: Brin, map: "made_idx")
  @@map("users")
  @@schema("app")
}
model Post {
  region   String
  number   Int
  authorId Int?
  author   User?  @relation("Written", fields: [authorId], references: [id], onDelete: SetNull, map: "written_by")
  @@id([region, number])
  @@schema("audit")
}
model Group {
  id    Int    @id
  users User[]
  @@schema("app")
}
view Total {
  n Int
  @@schema("app")
}
model Gone {
  id Int
  @@ignore
  @@schema("app")
}
/// What one may do.
enum Role {
  /// All.
  ADMIN @map("admin")
  USER
  @@map("roles")
  @@schema("app")
}
""".replace("posts  Post[]", 'posts  Post[] @relation("Written")').replace('data(ops: raw("jsonb_ops"))', "n")


def described(schema=SCHEMA):
    with Client({"schema": schema, "datasourceUrl": "postgresql://localhost:1/db"}) as client:
        return client.data({"operation": "$schema"})


def test_fields():
    fields = described()["models"]["User"]["fields"]
    plain = {"list": False, "required": True, "relation": False}
    assert fields["id"] == {"type": "Int", **plain, "kind": "scalar", "documentation": "Its number.", "dbName": "id", "isId": True, "hasDefaultValue": True,
                            "default": {"name": "autoincrement", "arguments": []}, "isGenerated": True}
    assert fields["email"] == {"type": "String", **plain, "kind": "scalar", "documentation": "unique, of course", "dbName": "email", "isUnique": True,
                               "hasDefaultValue": False, "nativeType": {"name": "VarChar", "arguments": [40]}}
    assert fields["name"]["dbName"] == "full_name" and not fields["name"]["required"]
    assert (fields["role"]["kind"], fields["role"]["type"], fields["role"]["default"]) == ("enum", "Role", "ADMIN")
    assert fields["token"]["default"] == {"name": "uuid", "arguments": [7]} and fields["token"]["nativeType"] == {"name": "Uuid"}
    assert fields["made"]["default"] == {"name": "now", "arguments": []} and "isUpdatedAt" not in fields["made"]
    assert fields["seen"]["isUpdatedAt"] and fields["seen"]["hasDefaultValue"] and "default" not in fields["seen"]
    assert [fields[name]["default"] for name in ("n", "big", "rate", "ok", "data", "tags")] == [-5, "9223372036854775807", 1.5, True, {"a": 1}, ["a", "b"]]
    assert (fields["where"]["kind"], fields["where"]["type"], fields["where"]["required"]) == ("unsupported", "circle", False)
    assert fields["code"]["default"] == {"name": "dbgenerated", "arguments": ["code()"]} and fields["code"]["isGenerated"]
    assert fields["short"]["default"] == {"name": "nanoid", "arguments": [9]}
    assert "hidden" not in fields and list(fields) == [
        "id", "email", "name", "role", "token", "made", "seen", "n", "big", "rate", "ok", "data", "tags", "where", "code", "short", "posts", "groups"]


def test_relations():
    models = described()["models"]
    assert models["Post"]["fields"]["author"] == {
        "type": "User", "list": False, "required": False, "relation": True, "kind": "object", "relationName": "Written", "relationField": "posts",
        "relationFromFields": ["authorId"], "relationToFields": ["id"], "relationOnDelete": "SetNull", "relationOnUpdate": "Cascade", "dbName": "written_by"}
    assert models["Post"]["fields"]["authorId"]["isForeignKey"] and "isForeignKey" not in models["Post"]["fields"]["number"]
    posts = models["User"]["fields"]["posts"]
    assert posts == {"type": "Post", "list": True, "required": False, "relation": True, "kind": "object", "relationName": "Written", "relationField": "author",
                     "relationFromFields": [], "relationToFields": []}
    assert models["User"]["fields"]["groups"]["joinTable"] == {"dbName": "_GroupToUser", "schema": "app", "column": "B", "otherColumn": "A"}


def test_models_and_keys():
    answer = described()
    user, post = answer["models"]["User"], answer["models"]["Post"]
    assert (user["dbName"], user["schema"], user["documentation"]) == ("users", "app", "Who writes.\nAnd reads.")
    assert user["primaryKey"] == {"name": "id", "fields": ["id"], "dbName": "user_key"}
    assert user["uniques"] == [
        {"name": "email", "fields": ["email"], "dbName": "users_email_key"}, {"name": "call", "fields": ["name", "role"], "dbName": "call_key"},
        {"name": "n_big", "fields": ["n", "big"], "dbName": "users_n_big_key"}]
    assert user["indexes"][-1] == {"kind": "normal", "dbName": "made_idx", "type": "Brin", "fields": [{"name": "made", "sort": "Desc"}, {"name": "n"}]}
    assert [index["kind"] for index in user["indexes"]] == ["id", "unique", "unique", "unique", "normal"] and user["indexes"][2]["name"] == "call"
    assert post["primaryKey"] == {"name": "region_number", "fields": ["region", "number"], "dbName": "Post_pkey"}
    assert answer["models"]["Total"]["isView"] and "primaryKey" not in answer["models"]["Total"]
    assert list(answer["models"]) == ["User", "Post", "Group", "Total"]
    assert answer["datasource"] == {"name": "db", "provider": "postgresql", "relationMode": "prisma", "schemas": ["app", "audit"]}


def test_enums():
    answer = described()
    assert answer["enums"] == {"Role": ["ADMIN", "USER"]}
    assert answer["enumTypes"] == {"Role": {
        "values": [{"name": "ADMIN", "dbName": "admin", "documentation": "All."}, {"name": "USER", "dbName": "USER"}], "dbName": "roles", "schema": "app",
        "documentation": "What one may do."}}


def test_the_digest_tells_schemas_apart_and_comments_do_not_matter():
    digest = described()["digest"]
    assert len(digest) == 64 and described(SCHEMA.replace("/// All.", "// all"))["digest"] == digest
    assert described(SCHEMA.replace("nanoid(9)", "nanoid(8)"))["digest"] != digest


def test_a_schema_without_a_datasource():
    answer = described('model A {\n  id Int @id\n}\n')
    assert answer["datasource"] == {"provider": "postgresql", "relationMode": "foreignKeys"} and answer["enums"] == answer["enumTypes"] == {}


def test_a_large_model_takes_milliseconds():
    models = "".join(
        f"model M{n} {{\n  id Int @id\n" + "".join(f"  f{i} String? @db.VarChar({i + 1}) /// field {i}\n" for i in range(24))
        + f"  nextId Int?\n  next M{(n + 1) % 130}? @relation(\"r{n}\", fields: [nextId], references: [id])\n  former M{(n - 1) % 130}[] @relation(\"r{(n - 1) % 130}\")\n"
        + "  @@unique([f1, f2])\n  @@index([f3])\n}\n" for n in range(130))
    with Client({"schema": 'datasource db {\n  provider = "postgresql"\n}\n' + models, "datasourceUrl": "postgresql://localhost:1/db"}) as client:
        times = []
        for _ in range(5):
            start = time.process_time()
            status, reply = client.live({"operation": "$schema"})
            times.append(time.process_time() - start)
            assert status == 0
            reply.free()
    # Processor time: some 5 ms, and a hundred times as much where a step looks at all models for each of them.
    assert min(times) < 0.5, times
