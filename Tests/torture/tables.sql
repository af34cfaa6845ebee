CREATE TABLE "Thing" (id integer PRIMARY KEY, text text);
INSERT INTO "Thing" VALUES (1, 'one'), (2, 'two'), (3, NULL);
CREATE TABLE "Mark" (name text PRIMARY KEY, count integer NOT NULL DEFAULT 0);
CREATE TABLE "Child" (id serial PRIMARY KEY, word text NOT NULL, name text NOT NULL REFERENCES "Mark");
-- What a deletion of a mark looks for.
CREATE INDEX ON "Child" (name);
