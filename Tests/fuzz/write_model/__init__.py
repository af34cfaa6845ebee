"""Writes carried out a second time, in memory and without SQL: schemas, tables, the rules of nested writes, random requests."""
