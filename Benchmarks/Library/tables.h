/* What the drivers in this folder read: 20 000 authors and 100 000 posts. */
#ifndef TABLES_H
#define TABLES_H

static const char *const TABLES =
    "CREATE TABLE author (id int PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL, age int NOT NULL, active bool NOT NULL,"
    " score float8 NOT NULL, joined timestamptz NOT NULL, bio text);"
    "CREATE TABLE post (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author, title text NOT NULL, body text NOT NULL,"
    " views int NOT NULL, public bool NOT NULL, written timestamptz NOT NULL);"
    "INSERT INTO author SELECT i, 'author' || i || '@example.org', 'Author \"' || i || '\"', 18 + i % 60, i % 3 <> 0, i % 1000 / 7.0,"
    " timestamptz '2024-01-01' + i * interval '1 minute', CASE WHEN i % 4 > 0 THEN repeat('bio ', 1 + i % 10) END"
    " FROM generate_series(1, 20000) i;"
    "INSERT INTO post SELECT i, 1 + (i::bigint * 7919) % 1000, 'Post number ' || i, 'Text of post ' || i || repeat(' lorem ipsum', 1 + i % 8),"
    " i % 10000, i % 5 <> 0, timestamptz '2024-01-01' + i * interval '20 seconds' FROM generate_series(1, 100000) i;"
    "CREATE INDEX ON post (author_id, id); CREATE INDEX ON post (public, written); ANALYZE;";

#endif
