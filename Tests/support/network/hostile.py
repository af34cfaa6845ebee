"""A server that lies: a proxy before a real one that changes what the server says, message by message, from a seed."""
import random
import struct

from relays import MessageSession, Relay, message

#: What a server may say at any time, and what it may not.
STRAYS = [
    message(b"N", b"SWARNING\0C01000\0Mhe said\0\0"), message(b"E", b"\0"), message(b"E", b"SERROR\0C\0M\0\0"), message(b"E", b"SFATAL\0C57P01\0Mgone\0\0"),
    message(b"E", b"SERROR\0C23505\0Mduplicate\0n\0t\0\0"), message(b"E", b"SERROR\0C40001\0Magain\0\0"), message(b"E", b"SERROR\0C26000\0Mno statement\0\0"),
    message(b"S", b"TimeZone\0Nowhere\0"), message(b"S", b"standard_conforming_strings\0off\0"), message(b"S", b"client_encoding\0SQL_ASCII\0"),
    message(b"A", struct.pack("!i", 1) + b"accelerant\0payload\0"), message(b"A", struct.pack("!i", -1) + b"\0\0"), message(b"G", b"\0\0\0"), message(b"H", b"\0\0\1\0\0"),
    message(b"W", b"\0\0\0"), message(b"c"), message(b"d", b"data"), message(b"I"), message(b"n"), message(b"s"), message(b"1"), message(b"2"), message(b"3"),
    message(b"K", struct.pack("!ii", 1, 1)), message(b"V", b"\0\0\0\0"), message(b"v", struct.pack("!ii", 0, 0)), message(b"Z", b"E"), message(b"Z", b"T"),
    message(b"?", b""), b"D\x7f\xff\xff\xff", b"E\0\0\0\0",
]
TAGS = [b"", b"UPDATE 9223372036854775807", b"INSERT 0 9223372036854775807", b"DELETE 99999999999999999999", b"UPDATE -1", b"SELECT x", b"COMMIT", b"ROLLBACK", b"BEGIN"]
TYPES = [0, 16, 17, 20, 21, 23, 25, 114, 700, 701, 1043, 1082, 1083, 1114, 1184, 1231, 1700, 2249, 2950, 3802, 1007, 1009, 1016, 99_999, 2**32 - 1]


def change_row(body, chance):
    """Cells that are missing, more than there are columns, of other lengths, NULL, or other bytes."""
    cells, offset = [], 2
    for _ in range(struct.unpack_from("!h", body)[0]):
        size, = struct.unpack_from("!i", body, offset)
        cells.append(None if size < 0 else body[offset + 4:offset + 4 + size])
        offset += 4 + max(size, 0)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(cells) + 1)
        what = chance.randrange(5)
        if what == 0 or place == len(cells):
            cells.insert(place, chance.randbytes(chance.randrange(20)))
        elif what == 1:
            del cells[place]
        elif what == 2:
            cells[place] = None
        elif what == 3:
            cells[place] = chance.randbytes(chance.choice([0, 1, 2, 4, 8, 16, 1000]))
        elif cells[place]:
            wrong = bytearray(cells[place])
            wrong[chance.randrange(len(wrong))] ^= 1 << chance.randrange(8)
            cells[place] = bytes(wrong)
    text = struct.pack("!h", len(cells))
    for cell in cells:
        text += struct.pack("!i", -1) if cell is None else struct.pack("!i", len(cell)) + cell
    return text


def change_description(body, chance):
    """Columns of another type or format, or fewer or more of them."""
    columns, offset = [], 2
    for _ in range(struct.unpack_from("!h", body)[0]):
        end = body.index(b"\0", offset)
        columns.append([body[offset:end], *struct.unpack_from("!ihIhih", body, end + 1)])
        offset = end + 19
    for _ in range(chance.randint(1, 3)):
        what = chance.randrange(4)
        if what == 0 or not columns:
            columns.insert(chance.randrange(len(columns) + 1), [chance.choice([b"", b"x", b"n" * 300]), 0, 0, chance.choice(TYPES), -1, -1, chance.randrange(2)])
        elif what == 1:
            del columns[chance.randrange(len(columns))]
        else:
            column = chance.choice(columns)
            column[3 if what == 2 else 6] = chance.choice(TYPES) if what == 2 else 1 - column[6]
    return struct.pack("!h", len(columns)) + b"".join(name + b"\0" + struct.pack("!ihIhih", *rest) for name, *rest in columns)


def lie(kind, body, chance):
    """What is said in the place of a message."""
    what = chance.randrange(8)
    if what == 0:
        return b""
    if what == 1:
        return message(kind, body) * 2
    if what == 2:
        return chance.choice(STRAYS) + message(kind, body)
    if what == 3:
        return message(kind, body) + chance.choice(STRAYS)
    if what == 4 and body:
        wrong = bytearray(body)
        wrong[chance.randrange(len(wrong))] = chance.randrange(256)
        return message(kind, bytes(wrong))
    if kind == b"D":
        return message(kind, change_row(body, chance))
    if kind == b"T":
        return message(kind, change_description(body, chance))
    if kind == b"C":
        return message(kind, chance.choice(TAGS) + b"\0")
    if kind == b"Z":
        return message(kind, chance.choice([b"I", b"T", b"E", b"?"]))
    return message(kind, body[:chance.randrange(len(body) + 1)])


class HostileProxy(Relay):
    """While `is_lying`, one in `rarity` messages of the server is another."""

    def __init__(self, path, seed, rarity=30):
        super().__init__(path)
        self.chance, self.rarity = random.Random(seed), rarity
        self.is_lying = True
        self.lies = 0
        self.start()

    def session(self):
        return _HostileSession(self)


class _HostileSession(MessageSession):
    _is_ready = False

    def __init__(self, proxy):
        self._proxy = proxy

    def say(self, kind, body):
        proxy = self._proxy
        # Why: a client that does not get in hears no more.
        rarity = proxy.rarity * (1 if self._is_ready else 20)
        self._is_ready = self._is_ready or kind == b"Z"
        if not proxy.is_lying or proxy.chance.randrange(rarity):
            return message(kind, body)
        proxy.lies += 1
        return lie(kind, body, proxy.chance)
