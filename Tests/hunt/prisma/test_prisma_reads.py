"""Reports about reads of Prisma Client."""
from report import report

PARTS = """
model A {
  a1 String
  a2 String
  bs B[]
  @@unique([a1, a2])
}
model B {
  b1 String
  b2 String
  b3 String? @unique
  a1 String
  a2 String
  a  A       @relation(fields: [a1, a2], references: [a1, a2])
  cs C[]
  @@unique([b1, b2])
}
model C {
  c  String @unique
  b1 String
  b2 String
  b  B      @relation(fields: [b1, b2], references: [b1, b2])
}
"""


@report("prisma/orm#18351", "A nested include returns children of other parents where an optional unique of the parent is null.",
        first="right", models=PARTS)
def test_children_below_a_nullable_unique_are_their_parents_own(play):
    play("A.create", data={"a1": "x", "a2": "y"})
    for name in "12":
        play("B.create", data={"b1": name, "b2": name, "a1": "x", "a2": "y", "cs": {"create": [{"c": "c" + name}]}})
    found = play("A.findUnique", where={"a1_a2": {"a1": "x", "a2": "y"}},
                 select={"bs": {"select": {"b1": True, "cs": {"select": {"c": True}}}, "orderBy": {"b1": "asc"}}})
    assert found == {"bs": [{"b1": "1", "cs": [{"c": "c1"}]}, {"b1": "2", "cs": [{"c": "c2"}]}]}
