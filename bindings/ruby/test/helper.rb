# frozen_string_literal: true

require 'minitest/autorun'
require 'timeout'
require_relative '../lib/accelerant'

SCHEMA = <<~PRISMA
  datasource db {
    provider = "postgresql"
    url      = env("DATABASE_URL")
  }

  enum Role {
    ADMIN
    USER
  }

  model User {
    id        Int       @id @default(autoincrement())
    email     String    @unique
    role      Role      @default(USER)
    createdAt DateTime  @default(now())
    posts     Post[]
  }

  model Post {
    id       Int     @id @default(autoincrement())
    title    String
    author   User    @relation(fields: [authorId], references: [id])
    authorId Int
  }

  model Value {
    id      Int        @id
    big     BigInt?
    decimal Decimal?   @db.Decimal(20, 4)
    float   Float?
    moment  DateTime?  @db.Timestamptz(6)
    bytes   Bytes?
    data    Json?
    bigs    BigInt[]
    count   DateTime?  @db.Timestamptz(6)
  }
PRISMA

# A database with these tables, made again for each test, and a client of it.
class DatabaseTest < Minitest::Test
  def setup
    @db = Accelerant.open(**options)
    @db.request({ 'operation' => '$executeRaw',
                  'args' => { 'query' => 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' } })
    @db.request({ 'operation' => '$schema.push' })
  end

  def teardown
    @db.close
  end

  def options
    { schema: SCHEMA, datasource_url: ENV.fetch('DATABASE_URL') }
  end
end
