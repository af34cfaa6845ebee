CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');
CREATE TABLE "User" (id text PRIMARY KEY, name text NOT NULL, email text UNIQUE, role "Role" NOT NULL DEFAULT 'USER',
  created_at timestamp(3) NOT NULL DEFAULT now(), updated_at timestamp(3) NOT NULL, points float8, big bigint, meta jsonb, data bytea,
  price numeric(65,30), born date, tags text[],
  notes jsonb[], files bytea[]);
CREATE TABLE "Post" (id serial PRIMARY KEY, title text NOT NULL, views int NOT NULL DEFAULT 0, published bool NOT NULL DEFAULT false,
  sender text, author_id text REFERENCES "User" (id) ON DELETE SET NULL, UNIQUE (title, views));
CREATE TABLE "Profile" (id serial PRIMARY KEY, bio text NOT NULL, user_id text NOT NULL UNIQUE REFERENCES "User" (id));
CREATE TABLE "Category" (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE "_CategoryToPost" ("A" int NOT NULL REFERENCES "Category" (id) ON DELETE CASCADE,
  "B" int NOT NULL REFERENCES "Post" (id) ON DELETE CASCADE);
CREATE UNIQUE INDEX ON "_CategoryToPost" ("A", "B");
CREATE TABLE "OrderItem" (order_id int, position int, price numeric(12,2) NOT NULL DEFAULT 0, PRIMARY KEY (order_id, position));
