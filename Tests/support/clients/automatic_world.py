"""A data model with every kind of relation and key, reads of it in every form, and writes at random: for tests of automatic invalidation."""

SCHEMA = """
datasource db { provider = "postgresql" }

model Author {
  id      Int      @id
  email   String   @unique
  name    String?
  age     Int      @default(0)
  bossId  Int?
  boss    Author?  @relation("Boss", fields: [bossId], references: [id], onDelete: SetNull, onUpdate: Cascade)
  staff   Author[] @relation("Boss")
  profile Profile?
  posts   Post[]
}

model Profile {
  id       Int    @id @default(autoincrement())
  bio      String
  authorId Int    @unique
  author   Author @relation(fields: [authorId], references: [id], onDelete: Cascade, onUpdate: Cascade)
}

model Post {
  id       Int       @id @default(autoincrement())
  slug     String    @unique
  title    String    @default("")
  views    Int       @default(0)
  authorId Int?
  author   Author?   @relation(fields: [authorId], references: [id], onDelete: SetNull, onUpdate: Cascade)
  comments Comment[]
  labels   Label[]
}

model Comment {
  postId Int
  number Int
  text   String
  post   Post   @relation(fields: [postId], references: [id], onDelete: Cascade, onUpdate: Cascade)

  @@id([postId, number])
  @@map("comments")
}

enum Hue {
  RED
  BLUE @map("light blue")
}

model Label {
  id    Int    @id @default(autoincrement())
  name  String @unique
  color Hue?
  posts Post[]

  @@unique([color, name])
}

model Token {
  id     String  @id @db.Uuid
  flag   Boolean
  number BigInt
  price  Decimal @unique
  note   String?

  @@unique([flag, number], name: "pair")
}

view Activity {
  authorId Int @unique
  posts    Int
}
"""

TABLES = """
CREATE TABLE "Author" (id integer PRIMARY KEY, email text NOT NULL UNIQUE, name text, age integer NOT NULL DEFAULT 0,
    "bossId" integer REFERENCES "Author" ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE "Profile" (id serial PRIMARY KEY, bio text NOT NULL,
    "authorId" integer NOT NULL UNIQUE REFERENCES "Author" ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE "Post" (id serial PRIMARY KEY, slug text NOT NULL UNIQUE, title text NOT NULL DEFAULT '', views integer NOT NULL DEFAULT 0,
    "authorId" integer REFERENCES "Author" ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE comments ("postId" integer REFERENCES "Post" ON DELETE CASCADE ON UPDATE CASCADE, number integer, text text NOT NULL,
    PRIMARY KEY ("postId", number));
CREATE TYPE "Hue" AS ENUM ('RED', 'light blue');
CREATE TABLE "Label" (id serial PRIMARY KEY, name text NOT NULL UNIQUE, color "Hue", UNIQUE (color, name));
CREATE TABLE "_LabelToPost" ("A" integer REFERENCES "Label" ON DELETE CASCADE ON UPDATE CASCADE,
    "B" integer REFERENCES "Post" ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY ("A", "B"));
CREATE TABLE "Token" (id uuid PRIMARY KEY, flag boolean NOT NULL, number bigint NOT NULL, price numeric NOT NULL UNIQUE, note text,
    UNIQUE (flag, number));
CREATE VIEW "Activity" AS SELECT a.id AS "authorId", count(p.id)::integer AS posts FROM "Author" a LEFT JOIN "Post" p ON p."authorId" = a.id
    GROUP BY a.id;
"""

EMPTY = 'TRUNCATE "Author", "Profile", "Post", comments, "Label", "_LabelToPost", "Token" RESTART IDENTITY CASCADE'

IDS = (1, 2, 3, 4)
EMAILS = ("a@x", "b@x", "c@x", "d@x")
SLUGS = ("p", "q", "r", "s")
NAMES = ("red", "Red", "blue")
UUIDS = ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
BY_ID = {"orderBy": {"id": "asc"}}


def reads():
    """Every read that the tests keep in the cache."""
    made = []

    def add(model, operation, **args):
        made.append({"model": model, "operation": operation, "args": args})

    for id in IDS:
        add("Author", "findUnique", where={"id": id})
        add("Author", "findUnique", where={"id": id}, include={"profile": True})
        add("Author", "findUnique", where={"id": id}, include={"boss": True, "staff": BY_ID})
        add("Author", "findUnique", where={"id": id, "age": {"gt": 1}}, select={"name": True, "_count": {"select": {"posts": True}}})
        add("Author", "findUnique", where={"id": id}, select={"posts": {**BY_ID, "include": {"labels": BY_ID}}})
        add("Author", "findFirst", where={"id": id, "profile": {"is": {"bio": {"contains": "a"}}}})
        add("Profile", "findUnique", where={"authorId": id}, select={"bio": True})
        add("Post", "findUnique", where={"id": id})
        add("Post", "findUnique", where={"id": id}, include={"author": True, "comments": {"orderBy": {"number": "asc"}}})
        add("Post", "count", where={"id": id, "labels": {"some": {}}})
        add("Comment", "findUnique", where={"postId_number": {"postId": id, "number": 1}})
        add("Activity", "findUnique", where={"authorId": id})
    for email in EMAILS:
        add("Author", "findUnique", where={"email": email})
        add("Author", "findUniqueOrThrow", where={"email": email})
        add("Author", "aggregate", where={"email": email}, _sum={"age": True}, _count=True)
        add("Author", "groupBy", by=["name"], where={"email": email}, _max={"age": True}, orderBy={"name": "asc"})
    for slug in SLUGS:
        add("Post", "findUnique", where={"slug": slug}, select={"views": True, "title": True})
        add("Post", "findFirst", where={"slug": slug, "OR": [{"views": {"gt": 0}}, {"comments": {"some": {}}}]})
        add("Post", "findMany", where={"slug": slug}, select={"id": True, "_count": {"select": {"labels": True, "comments": True}}})
    for name in NAMES:
        add("Label", "findUnique", where={"name": name})
        for color in ("RED", "BLUE"):
            add("Label", "findUnique", where={"color_name": {"color": color, "name": name}}, select={"id": True, "posts": BY_ID})
    for uuid in UUIDS:
        add("Token", "findUnique", where={"id": uuid})
        add("Token", "findUnique", where={"id": uuid.upper()}, select={"note": True})
    for flag in (True, False):
        add("Token", "findUnique", where={"pair": {"flag": flag, "number": "7"}})
    add("Token", "findUnique", where={"price": "1.0"})
    add("Token", "findUnique", where={"price": "1.00"}, select={"note": True})
    add("Author", "findMany", **BY_ID)
    add("Author", "findMany", where={"posts": {"some": {"views": {"gt": 1}}}}, **BY_ID)
    add("Author", "findMany", where={"posts": {"none": {"labels": {"some": {"color": "RED"}}}}}, select={"id": True}, **BY_ID)
    add("Author", "findMany", where={"boss": {"is": {"name": "red"}}}, select={"email": True}, **BY_ID)
    add("Author", "findMany", where={"staff": {"every": {"age": {"lt": 2}}}}, select={"email": True}, **BY_ID)
    add("Author", "findMany", where={"profile": None}, select={"email": True}, **BY_ID)
    add("Author", "findMany", orderBy=[{"posts": {"_count": "desc"}}, {"id": "asc"}], take=2)
    add("Author", "findMany", cursor={"id": 2}, take=2, **BY_ID)
    add("Author", "findMany", cursor={"id": 2}, where={"email": "a@x"}, **BY_ID)
    add("Author", "findFirst", where={"NOT": {"id": 1}}, **BY_ID)
    add("Author", "count")
    add("Author", "count", where={"posts": {"some": {"comments": {"some": {}}}}})
    add("Author", "groupBy", by=["age"], _count=True, orderBy={"age": "asc"})
    add("Post", "findMany", orderBy=[{"author": {"name": "asc"}}, {"id": "asc"}], select={"slug": True})
    add("Post", "findMany", include={"author": {"include": {"profile": True}}, "labels": BY_ID}, **BY_ID)
    add("Post", "findMany", orderBy=[{"labels": {"_count": "asc"}}, {"id": "asc"}], select={"slug": True})
    add("Post", "aggregate", _sum={"views": True}, _avg={"views": True}, where={"author": {"is": {"age": {"gt": 0}}}})
    add("Post", "groupBy", by=["authorId"], _sum={"views": True}, orderBy={"authorId": "asc"}, having={"views": {"_sum": {"gt": 0}}})
    add("Comment", "findMany", orderBy=[{"postId": "asc"}, {"number": "asc"}], include={"post": {"select": {"author": {"select": {"name": True}}}}})
    add("Label", "findMany", select={"name": True, "_count": {"select": {"posts": True}}}, **BY_ID)
    add("Label", "findMany", where={"posts": {"every": {"author": {"isNot": None}}}}, **BY_ID)
    add("Token", "findMany", **BY_ID)
    add("Activity", "findMany", orderBy={"authorId": "asc"})
    return made


class Writes:
    """Writes at random. Many fail, which is as good."""

    def __init__(self, random):
        self.random = random

    def next(self):
        return self.random.choice(self.kinds)(self)

    def one(self, values):
        return self.random.choice(values)

    def author(self, **more):
        return {"id": self.one(IDS), "email": self.one(EMAILS), "name": self.one(NAMES + (None,)), "age": self.random.randrange(4), **more}

    def post(self, **more):
        return {"slug": self.one(SLUGS), "views": self.random.randrange(4), **more}

    def label(self):
        return {"name": self.one(NAMES), "color": self.one(("RED", "BLUE", None))}

    def token(self):
        return {
            "id": self.one(UUIDS + (UUIDS[0].upper(),)), "flag": self.one((True, False)), "number": self.one((7, 8)),
            "price": self.one(("1", "1.0", "1.00", "2")), "note": self.one(NAMES)}

    def any_author(self):
        return self.one(({"id": self.one(IDS)}, {"email": self.one(EMAILS)}))

    def any_post(self):
        return self.one(({"id": self.one(IDS)}, {"slug": self.one(SLUGS)}))

    def any_token(self):
        return self.one(({"id": self.one(UUIDS)}, {"price": self.one(("1", "2"))}, {"pair": {"flag": self.one((True, False)), "number": 7}}))

    @staticmethod
    def write(model, operation, **args):
        return {"model": model, "operation": operation, "args": args}

    def author_change(self):
        return self.one((
            {"name": self.one(NAMES)}, {"age": {"increment": 1}}, {"email": self.one(EMAILS)}, {"id": self.one(IDS)},
            {"bossId": self.one(IDS + (None,))}, {"id": self.one(IDS), "email": self.one(EMAILS)}))

    def post_change(self):
        return self.one((
            {"views": {"increment": 1}}, {"slug": self.one(SLUGS)}, {"authorId": self.one(IDS + (None,))}, {"id": self.one(IDS)},
            {"title": self.one(NAMES)}))

    kinds = (
        lambda self: self.write("Author", "create", data=self.author()),
        lambda self: self.write("Author", "create", data=self.author(profile={"create": {"bio": "new"}})),
        lambda self: self.write("Author", "create", data=self.author(posts={"connectOrCreate": {"where": self.any_post(), "create": self.post()}})),
        lambda self: self.write("Author", "createMany", data=[self.author(), self.author()], skipDuplicates=True),
        lambda self: self.write("Author", "createManyAndReturn", data=[self.author()], skipDuplicates=True),
        lambda self: self.write("Author", "update", where=self.any_author(), data=self.author_change()),
        lambda self: self.write("Author", "update", where=self.any_author(), data=self.author_change(), select={"age": True}),
        lambda self: self.write("Author", "update", where=self.any_author(), data=self.author_change(), include={"posts": True}),
        lambda self: self.write("Author", "update", where=self.any_author(), data={"posts": {self.one(("connect", "disconnect", "delete")): self.any_post()}}),
        lambda self: self.write("Author", "update", where=self.any_author(), data={"posts": {"create": self.post(labels={"connectOrCreate": {"where": {"name": "red"}, "create": {"name": "red"}}})}}),
        lambda self: self.write("Author", "update", where=self.any_author(), data={"posts": {"updateMany": {"where": {}, "data": {"views": {"increment": 1}}}}}),
        lambda self: self.write("Author", "update", where=self.any_author(), data={"profile": {"upsert": {"create": {"bio": "a"}, "update": {"bio": "b"}}}}),
        lambda self: self.write("Author", "update", where=self.any_author(), data={"staff": {"connect": self.any_author()}}),
        lambda self: self.write("Author", "updateMany", where={"age": {"gt": 1}}, data={"age": {"decrement": 1}}),
        lambda self: self.write("Author", "updateMany", where={"id": self.one(IDS)}, data=self.author_change()),
        lambda self: self.write("Author", "updateManyAndReturn", where={"age": self.random.randrange(4)}, data={"name": self.one(NAMES)}),
        lambda self: self.write("Author", "upsert", where=self.any_author(), create=self.author(), update=self.author_change()),
        lambda self: (lambda new: self.write("Author", "upsert", where={"id": new["id"]}, create=new, update=self.author_change()))(self.author()),
        lambda self: (lambda new: self.write("Author", "upsert", where={"email": new["email"]}, create=new, update={"age": {"increment": 1}}))(self.author()),
        lambda self: self.write("Author", "delete", where=self.any_author()),
        lambda self: self.write("Author", "deleteMany", where={"id": self.one(IDS)}),
        lambda self: self.write("Author", "deleteMany", where={"age": 3}),
        lambda self: self.write("Profile", "create", data={"bio": "a", "authorId": self.one(IDS)}),
        lambda self: self.write("Profile", "update", where={"authorId": self.one(IDS)}, data={"authorId": self.one(IDS)}),
        lambda self: self.write("Profile", "updateMany", data={"bio": self.one(("a", "b"))}),
        lambda self: self.write("Post", "create", data=self.post()),
        lambda self: self.write("Post", "create", data=self.post(authorId=self.one(IDS), comments={"create": {"number": 1, "text": "t"}})),
        lambda self: self.write("Post", "createMany", data=[self.post(), self.post(authorId=self.one(IDS))], skipDuplicates=True),
        lambda self: self.write("Post", "update", where=self.any_post(), data=self.post_change()),
        lambda self: self.write("Post", "update", where=self.any_post(), data={"labels": {"connectOrCreate": {"where": {"name": self.one(NAMES)}, "create": {"name": self.one(NAMES)}}}}),
        lambda self: self.write("Post", "update", where=self.any_post(), data={"labels": {"set": []}}),
        lambda self: self.write("Post", "update", where=self.any_post(), data={"author": self.one(({"disconnect": True}, {"create": self.author()}, {"connect": self.any_author()}, {"delete": True}))}),
        lambda self: self.write("Post", "upsert", where=self.any_post(), create=self.post(), update=self.post_change()),
        lambda self: self.write("Post", "delete", where=self.any_post()),
        lambda self: self.write("Post", "deleteMany", where={"views": {"gt": 2}}, limit=1),
        lambda self: self.write("Comment", "create", data={"postId": self.one(IDS), "number": 1, "text": "c"}),
        lambda self: self.write("Comment", "update", where={"postId_number": {"postId": self.one(IDS), "number": 1}}, data=self.one(({"number": 2}, {"text": "d"}, {"postId": self.one(IDS)}))),
        lambda self: self.write("Comment", "delete", where={"postId_number": {"postId": self.one(IDS), "number": self.one((1, 2))}}),
        lambda self: self.write("Label", "create", data=self.label()),
        lambda self: self.write("Label", "update", where={"name": self.one(NAMES)}, data=self.label()),
        lambda self: self.write("Label", "upsert", where={"name": self.one(NAMES)}, create=self.label(), update={"color": self.one(("RED", None))}),
        lambda self: self.write("Label", "deleteMany", where={"name": self.one(NAMES)}),
        lambda self: self.write("Token", "create", data=self.token()),
        lambda self: self.write("Token", "update", where=self.any_token(), data=self.one(({"note": self.one(NAMES)}, {"flag": {"set": True}}, {"number": {"increment": 1}}, {"price": self.one(("1.0", "2"))}))),
        lambda self: self.write("Token", "delete", where=self.any_token()),
        lambda self: {"operation": "$transaction", "args": {"requests": [self.write("Author", "updateMany", where={"id": self.one(IDS)}, data={"age": {"increment": 1}}), self.write("Post", "deleteMany", where={"slug": self.one(SLUGS)})]}},
        lambda self: {"operation": "$transaction", "args": {"requests": [self.write("Author", "deleteMany"), self.write("Profile", "create", data={"bio": "x", "authorId": 99})]}},
        lambda self: {"operation": "$executeRaw", "args": {"query": "UPDATE \"Author\" SET age = age + 1 WHERE id = $1", "parameters": [self.one(IDS)], "touches": [self.one(("Author", "public.Author"))]}},
        lambda self: {"operation": "$executeRaw", "args": {"query": "DELETE FROM \"Post\" WHERE slug = $1", "parameters": [self.one(SLUGS)], "touches": ["Post"]}},
        lambda self: {"operation": "$executeRaw", "args": {"query": "UPDATE \"Label\" SET color = NULL"}},
        lambda self: {"operation": "$queryRaw", "args": {"query": "WITH gone AS (DELETE FROM comments RETURNING 1) SELECT count(*) FROM gone"}},
    )
