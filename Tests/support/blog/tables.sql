-- The tables of schema.prisma, with a little data.
CREATE TABLE "User" (id serial PRIMARY KEY, name text, email text NOT NULL UNIQUE);
INSERT INTO "User" (name, email) VALUES
    ('Alice', 'alice@example.org'), ('Bob', 'bob@example.org'), (NULL, 'carol@example.org'), ('Dave', 'dave@example.net');

CREATE TYPE "Color" AS ENUM ('RED', 'light green', 'BLUE');
CREATE TABLE "Sample" (
    id integer PRIMARY KEY,
    text text, flag boolean, small integer, big bigint, ratio double precision, amount numeric(65, 30),
    moment timestamp(3), document jsonb, payload bytea, color "Color",
    words text[] NOT NULL DEFAULT '{}', numbers integer[] NOT NULL DEFAULT '{}'
);
INSERT INTO "Sample" VALUES
    (1, 'one', true, 7, 9007199254740993, 0.5, 12.50, '2026-01-02 03:04:05.678', '{"a": [1, null, "x"]}', '\x00ff10', 'RED', '{a,b}', '{1,2}'),
    (2, 'TWO', false, -7, -9223372036854775808, -1e300, 0.000000000000000000000000000001, '1969-12-31 23:59:59.999', 'null', '\x', 'light green', '{}', '{}'),
    (3, '100% _sure_ \o/', true, 2147483647, 9223372036854775807, 1e-7, 99999999999999999999, '2026-06-01', '"text"', '\xdeadbeef', 'BLUE', '{"comma,","quote\""}', '{-1}'),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', '{}'),
    (5, 'naïve ☃ 𝄞', false, 0, 0, 0, 0, '2000-02-29 12:00:00', '{"a": 1.50, "b": {"c": true}}', '\x41', 'RED', '{x}', '{3,2,1}');

CREATE TABLE order_item (order_id integer, position integer, article text NOT NULL, price numeric(10, 2) NOT NULL, PRIMARY KEY (order_id, position));
INSERT INTO order_item VALUES (1, 1, 'pen', 1.50), (1, 2, 'ink', 12.00), (2, 1, 'pen', 1.50), (3, 1, 'paper', 4.25);
