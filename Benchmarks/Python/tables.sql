CREATE TYPE "Status" AS ENUM ('OPEN', 'PAID', 'SENT');
CREATE TABLE "Order" (
    id integer PRIMARY KEY, title text NOT NULL, email text NOT NULL, total numeric(12, 2) NOT NULL, big bigint NOT NULL, made timestamptz(6) NOT NULL,
    paid boolean NOT NULL, ratio double precision NOT NULL, note text, status "Status" NOT NULL
);
INSERT INTO "Order"
SELECT i, 'Order number ' || i || ' of somebody', 'user' || i || '@example.org', (i * 7919 % 1000000) / 100.0, 9007199254740993 + i * 1000003,
    timestamptz '2026-01-01 00:00:00.123456Z' + i * interval '77777.000321 seconds', i % 2 = 0, (i * 31 % 100000) / 1000.0, CASE WHEN i % 2 = 0 THEN 'some note' END,
    (ARRAY['OPEN', 'PAID', 'SENT'])[1 + i % 3]::"Status"
FROM generate_series(1, 1000) AS i;
ANALYZE "Order";
