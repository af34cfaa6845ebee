"""Reports about bytes, and about texts that hold what a text cannot."""
import base64

from report import report

BLOBS = """
model Blob {
  id    Int     @id
  data  Bytes?
  list  Bytes[]
  key   Bytes?  @unique
  text  String?
  json  Json?
}
"""
VALUES = [b"", b"\x00", b"\x00\x00\x01", b"\\", b"\\x41", b"\\000", b"'", b"\xde\xad\xbe\xef", bytes(range(256)), b"A" * 100_000, b"\xff\xfe\xfd", b"\\\\", b"\n\r\t"]


def code(value):
    return base64.b64encode(value).decode()


@report("hdbc/hdbc-postgresql#1", "Bytes end at the first zero.", first="right", models=BLOBS)
def test_bytes_are_what_they_were(play):
    for number, value in enumerate(VALUES):
        made = play("Blob.create", data={"id": number, "data": code(value), "list": [code(value), code(b"")], "key": code(value)})
        assert made["data"] == code(value) and made["list"] == [code(value), ""], value
        assert play.sql.value(f"SELECT 'x' || encode(data, 'hex') FROM \"Blob\" WHERE id = {number}") == "x" + value.hex()
        assert play("Blob.findUnique", where={"key": code(value)}, select={"id": True}) == {"id": number}
        assert play("Blob.count", where={"data": {"in": [code(value)]}}) == 1
        assert play("Blob.update", where={"key": code(value)}, data={"data": code(value)})["id"] == number


@report("serenedb/serenedb#608", "Bytes that are sent as they are get read as an escaped text.", first="right", models=BLOBS)
def test_bytes_that_look_like_an_escaped_text(play):
    play("Blob.createMany", data=[{"id": 1, "key": code(b"\\x41")}, {"id": 2, "key": code(b"A")}, {"id": 3, "key": code(b"\\101")}])
    assert [play("Blob.findUnique", where={"key": code(value)})["id"] for value in (b"\\x41", b"A", b"\\101")] == [1, 2, 3]
    assert play("Blob.findMany", where={"key": {"not": code(b"A")}}, orderBy={"id": "asc"}, select={"id": True}) == [{"id": 1}, {"id": 3}]


@report("ged/ruby-pg#73", "With another output format of bytes the text of the format is taken for them.", first="right", models=BLOBS, url={"options": "-c bytea_output=escape"})
def test_the_output_format_of_the_session_changes_nothing(play):
    play("Blob.create", data={"id": 1, "data": code(bytes(range(256))), "list": [code(b"\\x00")]})
    assert play("Blob.findMany", select={"data": True, "list": True}) == [{"data": code(bytes(range(256))), "list": [code(b"\\x00")]}]
    raw = play("$queryRaw", query='SELECT data FROM "Blob"')
    assert raw[0]["data"] in (code(bytes(range(256))), {"type": "bytes", "value": code(bytes(range(256)))}), str(raw)[:80]


@report("brianc/node-pg-types#67", "NULL in a list of bytes is read as bytes.", first="right", models=BLOBS)
def test_null_in_a_list_of_bytes(play):
    play.sql.execute("INSERT INTO \"Blob\" (id, list) VALUES (1, ARRAY['\\x41'::bytea, NULL, ''])")
    assert play("Blob.findUnique", where={"id": 1}, select={"list": True})["list"] in ([code(b"A"), None, ""], [code(b"A"), ""])


@report("knex/knex#3379", "A text with a zero byte breaks the statement.", first="right", models=BLOBS)
def test_a_zero_in_a_text_is_refused_with_its_place(play):
    for data in ({"text": "a\0b"}, {"json": {"a": "x\0y"}}, {"json": {"a\0": 1}}):
        refusal = play.refused("Blob.create", data={"id": 1, **data})
        assert refusal.status in ("INVALID_REQUEST", "DATABASE"), (data, refusal)
    for where in ({"text": "a\0b"}, {"text": {"contains": "\0"}}):
        reply = play.reply("Blob.findMany", where=where)
        assert reply.status in ("INVALID_REQUEST", "DATABASE") or reply.data == [], reply
    assert play("Blob.count") == 0
    play("Blob.create", data={"id": 1, "text": "\\0 \\u0000", "json": {"a": "\\u0000"}})
    assert play("Blob.findUnique", where={"id": 1}, select={"text": True, "json": True}) == {"text": "\\0 \\u0000", "json": {"a": "\\u0000"}}


@report("certtools/intelmq#2223", "One value with a zero byte loses the whole batch.", first="right", models=BLOBS)
def test_a_batch_with_one_bad_value_is_refused_as_a_whole(play):
    play.refused("Blob.createMany", data=[{"id": 1, "text": "good"}, {"id": 2, "text": "b\0d"}])
    play.refused("Blob.createMany", data=[{"id": 1, "data": code(b"good")}, {"id": 2, "data": "no base64!"}])
    assert play("Blob.count") == 0
