"""Reports about pages, orders and what is joined to them."""
from report import report

BLOG = """
model Post {
  id       Int       @id
  title    String?
  rank     Int       @default(0)
  authorId Int?
  author   Author?   @relation(fields: [authorId], references: [id])
  comments Comment[]
}
model Comment {
  id     Int    @id
  text   String @default("")
  order  Int    @default(0)
  postId Int
  post   Post   @relation(fields: [postId], references: [id])
}
model Author {
  id    Int     @id
  name  String?
  posts Post[]
}
"""


def fill(play, posts=10, comments=3):
    play("Author.createMany", data=[{"id": 1, "name": "b"}, {"id": 2, "name": "a"}])
    play("Post.createMany", data=[{"id": n, "title": f"t{n % 3}", "rank": n % 2, "authorId": 1 + n % 2} for n in range(1, posts + 1)])
    play("Comment.createMany", data=[
        {"id": 10 * post + n, "order": n, "text": f"c{n}", "postId": post} for post in range(1, posts + 1) for n in range(comments)])


def ids(rows):
    return [row["id"] for row in rows]


@report("typeorm/typeorm#4742", "With joined children a page holds fewer records than it should.", first="right", models=BLOG)
def test_a_page_counts_records_and_not_joined_rows(play):
    fill(play)
    page = play("Post.findMany", orderBy={"id": "asc"}, take=4, skip=2, include={"comments": True, "author": True})
    assert ids(page) == [3, 4, 5, 6] and all(len(post["comments"]) == 3 for post in page)


@report("typeorm/typeorm#6294", "An order by a joined column breaks the limit.", first="right", models=BLOG)
def test_a_page_in_the_order_of_a_related_record_is_whole(play):
    fill(play)
    page = play("Post.findMany", orderBy=[{"author": {"name": "asc"}}, {"id": "desc"}], take=6, select={"id": True})
    assert ids(page) == [9, 7, 5, 3, 1, 10]


@report("typeorm/typeorm#12877", "Pages in the order of a to-many relation leave records out, and no other page has them.", first="right", models=BLOG)
def test_pages_in_the_order_of_a_count_hold_every_record_once(play):
    fill(play)
    play("Comment.deleteMany", where={"postId": {"in": [2, 4]}})
    seen = []
    for page in range(5):
        seen += ids(play("Post.findMany", orderBy=[{"comments": {"_count": "asc"}}, {"id": "asc"}], take=2, skip=2 * page, include={"comments": True}))
    assert seen == [2, 4, 1, 3, 5, 6, 7, 8, 9, 10]


@report("typeorm/typeorm#10654", "Ordered by a child's column, a page of ten records has seven.", first="right", models=BLOG)
def test_ordered_children_do_not_change_the_page_of_parents(play):
    fill(play, comments=4)
    page = play("Post.findMany", orderBy={"id": "asc"}, take=10, include={"comments": {"orderBy": {"order": "desc"}, "take": 2}})
    assert ids(page) == list(range(1, 11)) and all([c["order"] for c in post["comments"]] == [3, 2] for post in page)


@report("typeorm/typeorm#10690", "A filter on a related record and a page give the wrong rows together.", first="right", models=BLOG)
def test_a_page_behind_a_relation_filter_is_cut_after_filtering(play):
    fill(play)
    where = {"author": {"is": {"name": "a"}}, "comments": {"some": {"order": {"gte": 1}}}}
    assert ids(play("Post.findMany", where=where, orderBy={"id": "asc"}, take=2, skip=1)) == [3, 5]
    assert play("Post.count", where=where) == 5


@report("typeorm/typeorm#5670", "A page in an order fails as soon as something is joined.", first="right", models=BLOG)
def test_pages_on_two_levels_at_once(play):
    fill(play)
    found = play("Author.findMany", orderBy={"name": "asc"}, take=1, skip=1, select={
        "id": True, "posts": {"orderBy": [{"title": "asc"}, {"id": "asc"}], "skip": 1, "take": 2, "select": {
            "id": True, "comments": {"orderBy": {"id": "desc"}, "take": 1, "select": {"id": True}}}}})
    everything = sorted((post["title"], post["id"]) for post in play("Post.findMany", where={"authorId": 1}))
    expected = [{"id": number, "comments": [{"id": 10 * number + 2}]} for _, number in everything[1:3]]
    assert found == [{"id": 1, "posts": expected}]


@report("typeorm/typeorm#8014", "An order by a column that is not selected breaks the page.", first="right", models=BLOG)
def test_an_order_by_what_is_not_selected(play):
    fill(play)
    page = play("Post.findMany", select={"id": True}, orderBy=[{"title": "desc"}, {"id": "asc"}], skip=3, take=3)
    assert page == [{"id": number} for number in (1, 4, 7)]


@report("prisma/orm#27094", "With a cursor the page is cut in memory, and the whole table is read.", first="right", models=BLOG)
def test_a_page_behind_a_cursor_is_limited_by_the_server(play):
    fill(play, posts=300, comments=0)
    client = play.open(log=["query"])
    rows = client.data({"model": "Post", "operation": "findMany", "args": {"cursor": {"id": 50}, "skip": 1, "take": 3, "orderBy": [{"rank": "asc"}, {"id": "asc"}]}})
    assert ids(rows) == [52, 54, 56]
    events = client.data({"operation": "$log.take"})["events"]
    assert max(event.get("rows") or 0 for event in events) <= 3


@report("prisma/orm#28614", "A cursor below a relation gives an empty list where the same cursor on top gives records.", first="right", models=BLOG)
def test_a_cursor_below_a_relation_gives_what_it_gives_on_top(play):
    fill(play)
    top = play("Comment.findMany", where={"postId": 3}, cursor={"id": 31}, orderBy={"id": "asc"}, take=2, select={"id": True})
    below = play("Post.findUnique", where={"id": 3}, select={"comments": {"cursor": {"id": 31}, "orderBy": {"id": "asc"}, "take": 2, "select": {"id": True}}})
    assert below["comments"] == top == [{"id": 31}, {"id": 32}]


@report("prisma/orm#9275", "More than 32 767 parents cannot be joined with their related records.", first="right", models=BLOG)
def test_very_many_parents_have_their_related_records(play):
    play.sql.execute("INSERT INTO \"Author\" SELECT n, n::text FROM generate_series(1, 40000) n; INSERT INTO \"Post\" SELECT n, NULL, 0, n FROM generate_series(1, 40000) n")
    found = play("Author.findMany", select={"posts": {"select": {"id": True}}}, orderBy={"id": "asc"})
    assert len(found) == 40000 and found[39999] == {"posts": [{"id": 40000}]}


@report("prisma/orm#14499", "The limit of an included list is lost below findUnique.", first="right", models=BLOG)
def test_an_included_list_is_limited_below_a_single_record(play):
    fill(play)
    found = play("Post.findUniqueOrThrow", where={"id": 2}, include={"comments": {"take": 2, "orderBy": {"order": "desc"}}})
    assert [comment["order"] for comment in found["comments"]] == [2, 1]


@report("prisma/orm#1785", "Deeper includes fail with more than one item for a single relation.", first="right", models=BLOG)
def test_a_to_one_relation_of_many_parents_is_one_record_each(play):
    fill(play)
    found = play("Comment.findMany", include={"post": {"include": {"author": {"include": {"posts": {"select": {"id": True}}}}}}}, orderBy={"id": "asc"})
    assert len(found) == 30 and all(len(c["post"]["author"]["posts"]) == 5 for c in found)
