/** What the tests share: a schema with something of everything, and a database of their own for each file. */
import path from "node:path"
import { fileURLToPath } from "node:url"
import { PrismaClient } from "../../index.mjs"

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..")
export const SERVER_URL = process.env.DATABASE_URL
if (!SERVER_URL) throw new Error("DATABASE_URL names the server: run the tests by Tests/support/postgres.py run -- node --test …")

export const SCHEMA = `
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

enum Role {
  ADMIN
  USER
}

/// People
model User {
  id        Int       @id @default(autoincrement())
  email     String    @unique
  name      String?
  nickname  String?
  role      Role      @default(USER)
  age       Int?
  createdAt DateTime  @default(now())
  balance   Decimal   @default(0)
  big       BigInt?
  ratio     Float?
  data      Bytes?
  meta      Json?
  tags      String[]
  days      DateTime[]
  posts     Post[]
  profile   Profile?
}

model Post {
  id       Int     @id @default(autoincrement())
  title    String
  views    BigInt  @default(0)
  author   User?   @relation(fields: [authorId], references: [id])
  authorId Int?

  @@map("posts")
}

model Profile {
  id     Int    @id @default(autoincrement())
  bio    String
  user   User   @relation(fields: [userId], references: [id])
  userId Int    @unique
}

model Seat {
  row    Int
  number Int
  guest  String?

  @@id([row, number])
}
`

export const TABLES = [
  `CREATE TYPE "Role" AS ENUM ('ADMIN', 'USER')`,
  `CREATE TABLE "User" (id serial PRIMARY KEY, email text NOT NULL UNIQUE, name text, nickname text, role "Role" NOT NULL DEFAULT 'USER', age int,
     "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, balance decimal(65,30) NOT NULL DEFAULT 0, big bigint, ratio double precision,
     data bytea, meta jsonb, tags text[], days timestamp(3)[])`,
  `CREATE TABLE posts (id serial PRIMARY KEY, title text NOT NULL, views bigint NOT NULL DEFAULT 0, "authorId" int REFERENCES "User" (id))`,
  `CREATE TABLE "Profile" (id serial PRIMARY KEY, bio text NOT NULL, "userId" int NOT NULL UNIQUE REFERENCES "User" (id))`,
  `CREATE TABLE "Seat" (row int, number int, guest text, PRIMARY KEY (row, number))`,
]

/** The server's URL with another database. */
export function urlOf(database, parameters = {}) {
  const [base, query = ""] = SERVER_URL.split("?")
  const search = new URLSearchParams(query)
  for (const [name, value] of Object.entries(parameters)) search.set(name, value)
  return `${base.slice(0, base.lastIndexOf("/"))}/${database}?${search}`
}

/** Makes a database with the tables, and gives its URL. */
export async function makeDatabase(name, tables = TABLES) {
  const server = new PrismaClient({ schema: SCHEMA, datasourceUrl: SERVER_URL })
  await server.$executeRawUnsafe(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
  await server.$executeRawUnsafe(`CREATE DATABASE "${name}"`)
  await server.$disconnect()
  const client = new PrismaClient({ schema: SCHEMA, datasourceUrl: urlOf(name) })
  for (const statement of tables) await client.$executeRawUnsafe(statement)
  await client.$disconnect()
  return urlOf(name)
}

/** A client on a database, with options of its own. */
export const connect = (url, options = {}) => new PrismaClient({ schema: SCHEMA, datasourceUrl: url, ...options })

/** What a promise is rejected with. */
export async function failure(promise) {
  let value
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`This should have failed, and gave ${JSON.stringify(value)}`)
}
