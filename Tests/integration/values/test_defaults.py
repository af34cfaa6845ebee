"""Defaults of the schema: what the client fills in itself is what the database would, whatever zone either is in."""
import os
import subprocess
import sys

import pytest
from capi import LIBRARY, Client
from paths import program_source
from pgbouncer import PgBouncer

SCHEMA = """
datasource db { provider = "postgresql" }
enum Dish {
  SOUP
  CAKE  @map("cake, sweet")
  EMPTY @map("")
}
model Literal {
  id      Int        @id
  text    String     @default("a \\"quoted\\" \\\\ text\\n")
  flag    Boolean    @default(true)
  n       Int        @default(-5)
  big     BigInt     @default(9223372036854775807)
  float   Float      @default(1.50)
  decimal Decimal    @default(12.340)
  at      DateTime   @default("2024-03-01T12:00:00+02:00")
  zone    DateTime   @default("2024-03-01T12:00:00.123456-05:30") @db.Timestamptz(3)
  day     DateTime   @default("2024-03-01T23:30:00-05:00") @db.Date
  time    DateTime   @default("1970-01-01T23:30:00-05:00") @db.Time(3)
  json    Json       @default("{\\"a\\": [1, null]}")
  bytes   Bytes      @default("AP/+")
  dish    Dish       @default(CAKE)
  none    Dish       @default(EMPTY)
  texts   String[]   @default(["", "a,b", "\\"", "{}", "NULL", "\\\\"])
  flags   Boolean[]  @default([true, false])
  ns      Int[]      @default([1, -2])
  bigs    BigInt[]   @default([9223372036854775807])
  floats  Float[]    @default([1.5, 2])
  decimals Decimal[] @default([1.20, "3.4"])
  ats     DateTime[] @default(["2024-03-01T12:00:00+02:00", "2024-03-01T10:00:00Z"])
  zones   DateTime[] @default(["2024-03-01T12:00:00+02:00"]) @db.Timestamptz(3)
  days    DateTime[] @default(["2024-03-01T23:30:00-05:00"]) @db.Date
  jsons   Json[]     @default(["{\\"a\\": 1}", "\\"x\\"", "[1]"])
  blobs   Bytes[]    @default(["AP/+", ""])
  dishes  Dish[]     @default([SOUP, CAKE, EMPTY])
  empty   Dish[]     @default([])
  nothing DateTime[] @default([])
}
"""
TABLES = """
CREATE TYPE "Dish" AS ENUM ('SOUP', 'cake, sweet', '');
CREATE TABLE "Literal" (id int PRIMARY KEY, text text NOT NULL, flag boolean NOT NULL, n int NOT NULL, big bigint NOT NULL, float float8 NOT NULL,
    decimal numeric NOT NULL, at timestamp(3) NOT NULL, zone timestamptz(3) NOT NULL, day date NOT NULL, time time(3) NOT NULL, json jsonb NOT NULL,
    bytes bytea NOT NULL, dish "Dish" NOT NULL, none "Dish" NOT NULL, texts text[], flags boolean[], ns int[], bigs bigint[], floats float8[],
    decimals numeric[], ats timestamp(3)[], zones timestamptz(3)[], days date[], jsons jsonb[], blobs bytea[], dishes "Dish"[], empty "Dish"[],
    nothing timestamp(3)[]);
"""
EXPECTED = {
    "text": 'a "quoted" \\ text\n', "flag": True, "n": -5, "big": "9223372036854775807", "float": 1.5, "decimal": "12.34",
    "at": "2024-03-01T10:00:00.000Z", "zone": "2024-03-01T17:30:00.123Z", "day": "2024-03-02T00:00:00.000Z", "time": "1970-01-01T04:30:00.000Z",
    "json": {"a": [1, None]}, "bytes": "AP/+", "dish": "CAKE", "none": "EMPTY", "texts": ["", "a,b", '"', "{}", "NULL", "\\"], "flags": [True, False],
    "ns": [1, -2], "bigs": ["9223372036854775807"], "floats": [1.5, 2], "decimals": ["1.2", "3.4"],
    "ats": ["2024-03-01T10:00:00.000Z", "2024-03-01T10:00:00.000Z"], "zones": ["2024-03-01T10:00:00.000Z"], "days": ["2024-03-02T00:00:00.000Z"],
    "jsons": [{"a": 1}, "x", [1]], "blobs": ["AP/+", ""], "dishes": ["SOUP", "CAKE", "EMPTY"], "empty": [], "nothing": [],
}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_literals_of_every_type_where_the_table_has_no_defaults(database, zone):
    database.sql.execute(TABLES + f"ALTER DATABASE {database.name} SET timezone = '{zone}'")
    with Client({"schema": SCHEMA, "datasourceUrl": database.url()}) as client:
        for number, operation in enumerate(("create", "createMany", "createManyAndReturn", "upsert")):
            data = {"id": number}
            arguments = {"data": [data]} if "Many" in operation else {"data": data}
            if operation == "upsert":
                arguments = {"where": data, "create": data, "update": {}}
            client.data({"model": "Literal", "operation": operation, "args": arguments})
            found = client.data({"model": "Literal", "operation": "findUnique", "args": {"where": data}})
            assert found == {**data, **EXPECTED}, operation


STAMPS = """
datasource db { provider = "postgresql" }
model Stamp {
  id Int      @id
  a  DateTime @default(now())
  b  DateTime @default(dbgenerated("now()"))
  c  DateTime @default(dbgenerated("now()")) @db.Timestamptz(3)
  d  DateTime @updatedAt
}
"""


@pytest.mark.parametrize("way", ["direct", "pgbouncer=true", "PgBouncer"])
def test_the_columns_own_defaults_are_the_clients_moment_in_any_time_zone(server, database, way):
    database.sql.execute(f"""
        ALTER DATABASE {database.name} SET timezone = 'Asia/Tokyo';
        CREATE TABLE "Stamp" (id int PRIMARY KEY, a timestamp(3) NOT NULL, b timestamp(3) NOT NULL DEFAULT now(),
                              c timestamptz(3) NOT NULL DEFAULT now(), d timestamp(3) NOT NULL)""")
    apart = {"operation": "$queryRaw", "args": {"query": """SELECT max(abs(extract(epoch FROM a - b)) + abs(extract(epoch FROM d - b))
        + abs(extract(epoch FROM b - (c AT TIME ZONE 'UTC')))) < 60 AS near, current_setting('TimeZone') AS zone FROM "Stamp" """}}

    def play(url):
        with Client({"schema": STAMPS, "datasourceUrl": url}) as client:
            for number in range(1, 4):
                client.data({"model": "Stamp", "operation": "create", "args": {"data": {"id": number}}})
            client.data({"model": "Stamp", "operation": "updateMany", "args": {"data": {}}})
            assert client.data(apart) == [{"near": True, "zone": "UTC"}]

    if way == "PgBouncer":
        with PgBouncer(server) as pooler:
            play(pooler.url(database.name, pgbouncer="true"))
    else:
        play(database.url(**({"pgbouncer": "true"} if way != "direct" else {})))


def test_the_urls_own_time_zone_counts(database):
    with Client({"schema": STAMPS, "datasourceUrl": database.url(options="-c%20timezone=Asia/Tokyo")}) as client:
        assert client.data({"operation": "$queryRaw", "args": {"query": "SELECT current_setting('TimeZone') AS zone"}}) == [{"zone": "Asia/Tokyo"}]


def test_a_clock_before_1970_gives_its_own_moment(database, tmp_path):
    shim = tmp_path / "wall_clock.so"
    source = program_source("wall_clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", source, "-ldl", "-o", shim], check=True)
    database.sql.execute('CREATE TABLE "Moment" (id text PRIMARY KEY, at timestamp(3) NOT NULL, c text NOT NULL, u text NOT NULL)')
    environment = dict(os.environ, LD_PRELOAD=str(shim), ACCELERANT_LIBRARY=LIBRARY)
    script = program_source("early_clock.py")
    run = subprocess.run([sys.executable, script, database.url()], env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    moments = run.stdout.split()
    assert [moment[:4] for moment in moments[:4]] == ["1969", "1969", "1901", "1901"], moments
    assert moments[4:] == ["miss", "ttl"]
