"""Reports about texts: patterns, letters, keys of JSON, and what looks like SQL."""
from report import report

NOTES = """
model Note {
  id   Int     @id
  text String  @unique
  data Json?
  tags String[]
}
"""
ODD = ["100%", "100 percent", "a_b", "axb", "back\\slash", "back\\\\slash", "line\nend", "quo'te", 'quo"te', "\\%", "%", "_", "\\", "[a-z]", "*", "?", "(", "tab\t."]


def found(play, **condition):
    return sorted(row["text"] for row in play("Note.findMany", where=condition))


@report("npgsql/npgsql#250", "Backslashes in a pattern are not escaped.", first="right", models=NOTES)
def test_what_looks_like_a_pattern_is_text(play):
    play("Note.createMany", data=[{"id": number, "text": text} for number, text in enumerate(ODD)])
    for mode in ("default", "insensitive"):
        for part in [*ODD, "%e", "\\\\", "_b", "e\n", "'", '"']:
            assert found(play, text={"contains": part, "mode": mode}) == sorted(text for text in ODD if part in text), part
            assert found(play, text={"startsWith": part, "mode": mode}) == sorted(text for text in ODD if text.startswith(part)), part
            assert found(play, text={"endsWith": part, "mode": mode}) == sorted(text for text in ODD if text.endswith(part)), part
            assert found(play, NOT={"text": {"contains": part, "mode": mode}}) == sorted(text for text in ODD if part not in text), part
        for text in ODD:
            assert found(play, text={"equals": text, "mode": mode}) == [text]
            assert found(play, text={"in": [text], "mode": mode}) == [text]


@report("twentyhq/twenty#25489", "A wildcard stands for no line end and for half of a letter beyond the basic plane.", first="right", models=NOTES)
def test_letters_beyond_the_basic_plane_and_line_ends(play):
    texts = ["a\U0001F600b", "a\nb", "a\u0301b", "\u00e1b", "\U00010400", "\u202eabc", "\ufeffbom", "zero\u200bwidth"]
    play("Note.createMany", data=[{"id": number, "text": text, "tags": [text], "data": {text: text}} for number, text in enumerate(texts)])
    for number, text in enumerate(texts):
        assert play("Note.findUnique", where={"text": text}) == {"id": number, "text": text, "data": {text: text}, "tags": [text]}
        assert found(play, text={"contains": text[-2:]}) == sorted(other for other in texts if text[-2:] in other)
        assert found(play, tags={"has": text}) == [text]
        assert found(play, data={"path": [text], "equals": text}) == [text]


@report("VirtusLab/beholder#56", "Text with an escape character is not found without regard to case.", first="right", models=NOTES)
def test_case_is_ignored_and_nothing_else(play):
    play("Note.createMany", data=[{"id": 1, "text": "C:\\Dir_A"}, {"id": 2, "text": "c:\\dirxa"}, {"id": 3, "text": "C:/Dir_A"}])
    assert found(play, text={"contains": "c:\\DIR_a", "mode": "insensitive"}) == ["C:\\Dir_A"]
    assert found(play, text={"equals": "c:\\dir_a", "mode": "insensitive"}) == ["C:\\Dir_A"]
    assert found(play, text={"in": ["c:\\dir_a", "C:/DIR_A"], "mode": "insensitive"}) == ["C:/Dir_A", "C:\\Dir_A"]
    assert found(play, text={"not": "c:\\dir_a", "mode": "insensitive"}) == ["C:/Dir_A", "c:\\dirxa"]


@report("rancher/lasso#94", "Percent signs and underscores of a filter match anything.", first="right", models=NOTES)
def test_the_same_inside_of_json_and_of_relations(play):
    play("Note.createMany", data=[{"id": 1, "text": "1", "data": {"v": "50%"}}, {"id": 2, "text": "2", "data": {"v": "505"}}, {"id": 3, "text": "3", "data": {"v": "a\\b"}}])
    assert found(play, data={"path": ["v"], "string_contains": "0%"}) == ["1"]
    assert found(play, data={"path": ["v"], "string_starts_with": "5_"}) == []
    assert found(play, data={"path": ["v"], "string_ends_with": "\\b"}) == ["3"]
    assert found(play, data={"path": ["v"], "string_contains": "0%", "mode": "insensitive"}) == ["1"]


KEYS = ["a.b", "a b", "@type", "$", "", "0", "-1", "a\"b", "a'b", "a,b", "{a}", "[0]", "a\\b", "\u00e4", "null", "NULL", "a\nb", "\U0001F600", "%", "a->b", "#>>"]


@report("PostgREST/postgrest#3054", "A key of JSON with a sign in it cannot be asked for.", first="right", models=NOTES)
def test_any_key_is_a_key_of_a_path(play):
    for depth in (1, 3):
        any_key_is_found(play, depth)
        play("Note.deleteMany")


def any_key_is_found(play, depth):
    def nested(key, value):
        for _ in range(depth):
            value = {key: value}
        return value
    play("Note.createMany", data=[{"id": number, "text": str(number), "data": nested(key, number)} for number, key in enumerate(KEYS)])
    for number, key in enumerate(KEYS):
        assert found(play, data={"path": [key] * depth, "equals": number}) == [str(number)], key
        assert found(play, data={"path": [key] * depth, "gte": number}) == [str(number)], key
        assert found(play, data={"path": [key] * depth, "not": number + 1}) == [str(number)], key


@report("hasura/graphql-engine#3892", "A path takes letters only.", first="right", models=NOTES)
def test_a_number_in_a_path_is_a_place_of_a_list_and_a_key_of_an_object(play):
    play("Note.createMany", data=[{"id": 1, "text": "list", "data": [10, 20]}, {"id": 2, "text": "object", "data": {"1": 20}}, {"id": 3, "text": "text", "data": "20"}])
    assert found(play, data={"path": ["1"], "equals": 20}) == ["list", "object"]
    assert found(play, data={"path": ["-1"], "equals": 20}) == ["list"]
    assert found(play, data={"path": ["2"], "equals": 20}) == []
    assert found(play, data={"path": [], "equals": "20"}) == ["text"]


@report("apache/druid#18423", "A quote in a path ends the text of the statement.", first="right", models=NOTES)
def test_sql_in_a_key_is_a_key(play):
    evil = "a'); DROP TABLE \"Note\"; --"
    play("Note.create", data={"id": 1, "text": evil, "data": {evil: {evil: [evil]}}})
    assert found(play, data={"path": [evil, evil], "array_contains": [evil]}) == [evil]
    assert found(play, data={"path": [evil, evil, "0"], "string_contains": "DROP"}) == [evil]


@report("cockroachdb/cockroach#2119", "Names that differ in composition or in a dot are folded into one.", first="right", models=NOTES)
def test_composed_and_decomposed_letters_are_two_texts(play):
    play("Note.createMany", data=[{"id": 1, "text": "\u00e9"}, {"id": 2, "text": "e\u0301"}, {"id": 3, "text": "\u0130"}, {"id": 4, "text": "i\u0307"}, {"id": 5, "text": "\u212a"}, {"id": 6, "text": "k"}])
    assert play("Note.findUnique", where={"text": "e\u0301"})["id"] == 2
    assert [row["id"] for row in play("Note.findMany", where={"text": {"in": ["\u00e9", "k"]}}, orderBy={"id": "asc"})] == [1, 6]
    assert play("Note.upsert", where={"text": "i\u0307"}, create={"id": 9, "text": "i\u0307"}, update={})["id"] == 4


@report("Kinto/kinto#3485", "Filters cannot name a key that holds a dot.", first="right", models=NOTES)
def test_lists_of_json_are_searched_as_a_whole(play):
    play("Note.createMany", data=[
        {"id": 1, "text": "1", "data": {"a.b": [1, {"c": 2}]}}, {"id": 2, "text": "2", "data": {"a": {"b": [1]}}}, {"id": 3, "text": "3", "data": {"a.b": []}}])
    assert found(play, data={"path": ["a.b"], "array_contains": 1}) == ["1"]
    assert found(play, data={"path": ["a.b"], "array_contains": [{"c": 2}]}) == ["1"]
    assert found(play, data={"path": ["a.b"], "array_starts_with": 1}) == ["1"]
    assert found(play, data={"path": ["a.b"], "array_ends_with": {"c": 2}}) == ["1"]
    assert found(play, data={"path": ["a", "b"], "array_contains": 1}) == ["2"]


@report("GetLuna/Luna#1660", "Underscores of a search are wildcards.", first="right", models=NOTES)
def test_an_empty_text_is_part_of_each(play):
    play("Note.createMany", data=[{"id": 1, "text": ""}, {"id": 2, "text": "_"}, {"id": 3, "text": "x"}])
    assert found(play, text={"contains": ""}) == ["", "_", "x"] == found(play, text={"startsWith": ""})
    assert found(play, text={"contains": "_"}) == ["_"] == found(play, text={"startsWith": "_", "endsWith": "_"})
    assert found(play, text={"equals": ""}) == [""] == found(play, text={"equals": "", "mode": "insensitive"})
