"""Reports about upserts, empty lists and actions of relations of object mappers."""
from capi import Client, OpenError
from report import Refusal, report

CARDS = """
model Card {
  id      String   @id @default(uuid())
  slot    Int
  name    String
  isBack  Boolean
  note    String   @default("")
  made    DateTime @default(now())
  touched DateTime @updatedAt
  @@unique([slot, name, isBack])
}
"""
KEY = {"slot_name_isBack": {"slot": 0, "name": "", "isBack": False}}
NEW = {"slot": 0, "name": "", "isBack": False}


@report("sequelize/sequelize#12453", "An upsert by a key of zero, an empty text or false does not find its record.", first="right", models=CARDS)
def test_an_upsert_by_a_key_of_zero_and_nothing(play):
    for note in ("a", "b"):
        play("Card.upsert", where=KEY, create={**NEW, "note": "new"}, update={"note": note})
    assert play("Card.findMany", select={"slot": True, "name": True, "isBack": True, "note": True}) == [{**NEW, "note": "b"}]
    assert play("Card.update", where=KEY, data={"slot": 1}, select={"slot": True}) == {"slot": 1}


@report("sequelize/sequelize#4940", "An upsert that finds its record changes the time of its creation.", first="right", models=CARDS)
def test_an_upsert_keeps_the_time_of_creation(play):
    play("Card.create", data=NEW)
    play.sql.execute("UPDATE \"Card\" SET made = '2001-01-01', touched = '2001-01-01'")
    told = play("Card.upsert", where=KEY, create=NEW, update={"note": "x"})
    assert told["made"] == "2001-01-01T00:00:00.000Z" and told["touched"] != told["made"]


@report("elixir-ecto/ecto#3091", "An upsert returns the values that it would have inserted instead of those that are stored.", first="right", models=CARDS)
def test_an_upsert_tells_what_is_stored(play):
    first = play("Card.upsert", where=KEY, create={**NEW, "note": "one"}, update={})
    again = play("Card.upsert", where=KEY, create={**NEW, "note": "two"}, update={})
    assert again == first == play("Card.findFirst")


@report("elixir-ecto/ecto#2181", "An upsert changes the key of the record that it finds.", first="right", models=CARDS)
def test_an_upsert_leaves_the_key(play):
    keys = {play("Card.upsert", where=KEY, create=NEW, update={"note": str(number)})["id"] for number in range(3)}
    assert len(keys) == 1 and play.rows('SELECT id, note FROM "Card"') == [[keys.pop(), "2"]]


@report("blockscout/blockscout#285", "A bulk insert that skips what is there fails on a record that comes twice in it.", first="right", models=CARDS)
def test_a_record_that_comes_twice_in_a_bulk_insert(play):
    rows = [{**NEW, "note": note} for note in ("a", "b")] + [{**NEW, "slot": 1}]
    assert play("Card.createMany", data=rows, skipDuplicates=True) == {"count": 2}
    told = play("Card.createManyAndReturn", data=[*rows, {**NEW, "slot": 2}], skipDuplicates=True, select={"slot": True})
    assert told == [{"slot": 2}]
    assert play.refused("Card.createMany", "P2002", data=[{**NEW, "slot": 3}] * 2) and play("Card.count") == 3


@report("prisma/prisma1#4324", "A filter with an empty list finds everything.", first="right", models=CARDS)
def test_nothing_is_changed_or_deleted_by_an_empty_list(play):
    play("Card.createMany", data=[{**NEW, "slot": number} for number in range(3)])
    for where in ({"id": {"in": []}}, {"OR": []}, {"AND": [{"slot": {"in": []}}, {}]}, {"NOT": {"slot": {"notIn": []}}}, {"OR": [{"name": {"in": []}}]}):
        assert play("Card.updateMany", where=where, data={"note": "hit"}) == {"count": 0}, where
        assert play("Card.deleteMany", where=where) == {"count": 0}, where
    for where in ({"id": {"notIn": []}}, {"NOT": []}, {"NOT": {"OR": []}}, {"AND": []}):
        assert play("Card.count", where=where) == 3, where


TREE = """
model Node {
  id       Int    @id
  parentId Int?
  parent   Node?  @relation("tree", fields: [parentId], references: [id], onDelete: Cascade, onUpdate: Cascade)
  children Node[] @relation("tree")
  @@index([parentId])
}
"""


@report("prisma/orm#17649", "A cascade that the client emulates never ends along a model's relation to itself.", first="right",
        models="model Nothing {\n  id Int @id\n}")
def test_a_cascade_over_one_model_ends_or_is_refused(play):
    head = 'datasource db {\n  provider = "postgresql"\n  relationMode = "prisma"\n}\n'
    play.sql.execute('CREATE TABLE "Node" (id int PRIMARY KEY, "parentId" int)')
    try:
        client = Client({"schema": head + TREE, "datasourceUrl": play.server.url(play.name)})
    except OpenError as error:
        assert "NoAction" in error.reply.error_text
        return
    try:
        play.sql.execute('INSERT INTO "Node" SELECT n, nullif(n - 1, 0) FROM generate_series(1, 40) n; INSERT INTO "Node" VALUES (101, 102), (102, 101)')
        assert client.query({"model": "Node", "operation": "delete", "args": {"where": {"id": 1}, "select": {"id": True}}}).data == {"id": 1}
        assert play.rows('SELECT count(*) FROM "Node"') == [["2"]]
        reply = client.query({"model": "Node", "operation": "delete", "args": {"where": {"id": 101}, "select": {"id": True}}})
        assert reply.code == "P2029" or play.rows('SELECT count(*) FROM "Node"') == [["0"]]
    finally:
        client.close()


LOANS = """
model Loan {
  id    Int        @id
  items LoanItem[]
}
model LoanItem {
  id       Int     @id
  category String?
  loanId   Int
  loan     Loan    @relation(fields: [loanId], references: [id], onDelete: Cascade)
}
"""


@report("prisma/prisma1#3587", "Deleting by a condition on children fails, because the children are deleted first.", first="right", models=LOANS,
        datasource='  relationMode = "prisma"\n')
def test_parents_that_are_chosen_by_their_children_go_with_them(play):
    play("Loan.createMany", data=[{"id": 1}, {"id": 2}, {"id": 3}])
    play("LoanItem.createMany", data=[{"id": 1, "loanId": 1, "category": "x"}, {"id": 2, "loanId": 1}, {"id": 3, "loanId": 2, "category": "y"}, {"id": 4, "loanId": 3}])
    assert play("Loan.deleteMany", where={"items": {"some": {"category": None}}}) == {"count": 2}
    assert play.rows('SELECT id FROM "Loan"') == [["2"]] and play.rows('SELECT id FROM "LoanItem"') == [["3"]]


@report("prisma/orm#27137", "Of several records with the same related one, only the first gets it.", first="right", models=LOANS)
def test_each_record_gets_the_one_it_shares_with_others(play):
    play("Loan.create", data={"id": 1, "items": {"create": [{"id": number} for number in (1, 2, 3)]}})
    found = play("LoanItem.findMany", orderBy={"id": "asc"}, select={"loan": {"select": {"id": True, "_count": {"select": {"items": True}}, "items": {"select": {"loan": True}}}}})
    whole = {"loan": {"id": 1, "_count": {"items": 3}, "items": [{"loan": {"id": 1}}] * 3}}
    assert found == [whole] * 3
    told = play("LoanItem.update", where={"id": 2}, data={"category": "z"}, select={"loan": {"select": {"items": {"select": {"category": True}, "orderBy": {"id": "asc"}}}}})
    assert told == {"loan": {"items": [{"category": None}, {"category": "z"}, {"category": None}]}}


@report("prisma/orm#7304", "Counting a relation of an included record crashes the engine.", first="right", models=LOANS)
def test_counts_on_every_level(play):
    play("Loan.create", data={"id": 1, "items": {"create": [{"id": 1}, {"id": 2}]}})
    count = {"_count": {"select": {"items": {"where": {"id": {"gt": 1}}}}}}
    found = play("Loan.findFirst", select={**count, "items": {"take": 1, "orderBy": {"id": "desc"}, "select": {"loan": {"select": {**count, "items": {"skip": 1, "select": {"id": True}, "orderBy": {"id": "asc"}}}}}}})
    assert found == {"_count": {"items": 1}, "items": [{"loan": {"_count": {"items": 1}, "items": [{"id": 2}]}}]}


@report("prisma/orm#15712", "Disconnecting a required parent is refused, but part of the write is kept.", first="right", models=LOANS)
def test_a_record_that_needs_its_parent_is_not_disconnected(play):
    play("Loan.create", data={"id": 1, "items": {"create": [{"id": 1}]}})
    for change in ({"disconnect": [{"id": 1}]}, {"set": []}, {"disconnect": {"id": 1}, "create": {"id": 2}}):
        try:
            play("Loan.update", where={"id": 1}, data={"id": 5, "items": change})
        except Refusal as refusal:
            assert refusal.code in ("P2014", "P2009", "P2003"), refusal
        else:
            raise AssertionError(change)
        assert play.rows('SELECT id, "loanId" FROM "LoanItem"') == [["1", "1"]]
