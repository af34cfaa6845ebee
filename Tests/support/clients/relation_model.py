"""What nested writes do to records and links, told a second time: in memory and without SQL.

A `Relation` says how two models, Left and Right, are related; a `World` holds their records and links, and carries out the
steps of a nested write by the rules of Prisma Client. A step that is refused raises `Refused` with the code of the error.
"""
from dataclasses import dataclass


class Refused(Exception):
    """The write fails with this code and changes nothing."""


@dataclass(frozen=True)
class Side:
    """How a model sees the other one."""
    is_list: bool
    is_required: bool


@dataclass(frozen=True)
class Relation:
    name: str
    #: The sides of Left and of Right.
    sides: tuple
    #: The fields of the schema, and the columns of the tables.
    fields: tuple
    columns: tuple
    #: Where links have a table of their own.
    is_many_to_many: bool = False

    def model(self, side):
        return f"{self.name}{'Left' if side == 0 else 'Right'}"

    def schema(self):
        texts = []
        for side in (0, 1):
            field = self.fields[side].format(L=self.model(0), R=self.model(1))
            texts.append(
                f"model {self.model(side)} {{\n  id Int @id @default(autoincrement())\n  name String @unique\n"
                f"  n Int @default(0)\n  {field}\n}}\n")
        return "".join(texts)

    def tables(self):
        """The statements that make the tables; one that refers to another comes later."""
        made = []
        for side in sorted((0, 1), key=lambda side: bool(self.columns[side])):
            column = self.columns[side].format(L=self.model(0), R=self.model(1))
            made.append(f'CREATE TABLE "{self.model(side)}" (id serial PRIMARY KEY, name text NOT NULL UNIQUE, n integer NOT NULL DEFAULT 0{column});')
        if self.is_many_to_many:
            left, right = (f'integer NOT NULL REFERENCES "{self.model(side)}" ON DELETE CASCADE' for side in (0, 1))
            made.append(f'CREATE TABLE "_{self.model(0)}To{self.model(1)}" ("A" {left}, "B" {right}, PRIMARY KEY ("A", "B"));')
        return "".join(made)


_ONE, _NEEDED, _MANY = Side(False, False), Side(False, True), Side(True, False)


def _to_right(unique, required):
    """Left has the key: its field, its column."""
    mark = "" if required else "?"
    return (f"right {{R}}{mark} @relation(fields: [rightId], references: [id])\n  rightId Int{mark} {'@unique' if unique else ''}",
            f', "rightId" integer {"NOT NULL" if required else ""} {"UNIQUE" if unique else ""} REFERENCES "{{R}}" ON DELETE '
            + ("RESTRICT" if required else "SET NULL"))


def _relation(name, sides, left, right, **more):
    return Relation(name, sides, (left[0], right[0]), (left[1], right[1]), **more)


RELATIONS = [
    _relation("OneOne", (_ONE, _ONE), _to_right(True, False), ("left {L}?", "")),
    _relation("OneNeeded", (_NEEDED, _ONE), _to_right(True, True), ("left {L}?", "")),
    _relation("ManyOne", (_ONE, _MANY), _to_right(False, False), ("left {L}[]", "")),
    _relation("ManyNeeded", (_NEEDED, _MANY), _to_right(False, True), ("left {L}[]", "")),
    _relation("ManyMany", (_MANY, _MANY), ("right {R}[]", ""), ("left {L}[]", ""), is_many_to_many=True),
]


class World:
    """Records with their numbers by name, for Left and Right, and the links between them."""

    def __init__(self, relation):
        self.relation = relation
        self.records = ({}, {})
        self.links = set()

    def copy(self):
        other = World(self.relation)
        other.records = (dict(self.records[0]), dict(self.records[1]))
        other.links = set(self.links)
        return other

    def state(self):
        return self.records[0], self.records[1], self.links

    def related(self, side, name):
        """The names at the other end."""
        return sorted(link[1 - side] for link in self.links if link[side] == name)

    def link(self, side, name, other):
        """Relates two records; what that drives out loses its link, where it can do without."""
        if other in self.related(side, name):
            return
        for end, mine in ((side, name), (1 - side, other)):
            if not self.relation.sides[end].is_list:
                for old in self.related(end, mine):
                    if self.relation.sides[1 - end].is_required:
                        raise Refused("P2014")
                    self.links.discard(self._pair(end, mine, old))
        self.links.add(self._pair(side, name, other))

    def unlink(self, side, name, other):
        if other not in self.related(side, name):
            return
        if any(side.is_required for side in self.relation.sides):
            raise Refused("P2014")
        self.links.discard(self._pair(side, name, other))

    @staticmethod
    def _pair(side, name, other):
        return (name, other) if side == 0 else (other, name)

    def add(self, side, name, number=0):
        if name in self.records[side]:
            raise Refused("P2002")
        self.records[side][name] = number

    def remove(self, side, name):
        """Deletes a record that nothing needs."""
        for other in self.related(side, name):
            self.links.discard(self._pair(side, name, other))
        del self.records[side][name]

    # ------------------------------------------------------------ the steps: for the record `name` of `side`; `others` are names

    def create(self, side, name, others):
        for other in others:
            self.add(1 - side, other)
            self.link(side, name, other)

    def connect(self, side, name, others):
        for other in others:
            self.link(side, name, other)

    def connectOrCreate(self, side, name, others):
        for other in others:
            self.records[1 - side].setdefault(other, 0)
            self.link(side, name, other)

    def disconnect(self, side, name, others):
        for other in others:
            self.unlink(side, name, other)

    def set(self, side, name, others):
        for other in self.related(side, name):
            if other not in others:
                self.unlink(side, name, other)
        self.connect(side, name, others)

    def delete(self, side, name, others):
        related = self.related(side, name)
        if not self.relation.sides[side].is_list and not related:
            raise Refused("P2025")
        if any(other not in related for other in others):
            raise Refused("P2017")
        for other in others:
            self.remove(1 - side, other)

    def deleteMany(self, side, name, others):
        for other in self.related(side, name):
            if other in others:
                self.remove(1 - side, other)

    def update(self, side, name, others):
        if not others or any(other not in self.related(side, name) for other in others):
            raise Refused("P2025")
        for other in others:
            self.records[1 - side][other] = 7

    def updateMany(self, side, name, others):
        for other in self.related(side, name):
            self.records[1 - side][other] = 5

    def upsert(self, side, name, others):
        for other in others:
            if other in self.related(side, name):
                self.records[1 - side][other] = 8
            else:
                self.add(1 - side, other, 9)
                self.link(side, name, other)
