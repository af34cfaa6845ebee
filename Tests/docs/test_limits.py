"""docs/reference/limits.md names the fixed limits with the numbers that the source has."""
import glob
import os
import re

from paths import ROOT

#: Where the source has the number of a row: `Type.constant`.
SOURCES = {
    "JSON: containers within one another": "TextLimit.jsonDepth",
    "A request: objects and lists within one another in filters, orders and selections": "QueryLimit.nesting",
    "A read with `cursor` and `distinct`: terms of `orderBy`": "QueryLimit.ordersOfDistinctPage",
    "A request that reads: values": "QueryLimit.slots",
    "A request that writes: values": "QueryLimit.writtenSlots",
    "An answer: records within one another": "PostgresLimit.recordDepth",
    "`timeoutMs` in ms": "QueryLimit.timeoutMilliseconds",
    "`ttl`, `swr` and `staleIfError` in s": "QueryLimit.cacheSeconds",
    "The tags of a `cacheStrategy`": "QueryLimit.tagsPerQuery",
    "The tags of an `$accelerate.invalidate`": "QueryLimit.tagsPerInvalidation",
    "A tag in bytes": "QueryLimit.tagBytes",
    "The `comments` of a request in bytes, as a comment": "QueryLimit.commentBytes",
    "The requests of a `$transaction`": "QueryLimit.transactionRequests",
    "The savepoints of a transaction": "QueryLimit.savepoints",
    "The tables of `touches`": "QueryLimit.touchedTables",
    "An automatic answer: tables that are known by name": "Limits.automaticTables",
    "A write: rows that are known by their keys": "SQLLimit.namedRows",
    "A write of many with related records in its answer: records that keep their order": "WriteLimit.orderedRecords",
    "Request shapes that are remembered": "QueryLimit.shapes",
    "Raw statements that are remembered": "PostgresLimit.rawStatements",
    "A raw statement that is remembered in bytes": "PostgresLimit.rawStatementBytes",
    "A configuration in bytes": "Limits.configurationBytes",
    "A schema text in bytes": "SchemaLimit.textBytes",
    "A connection URL in bytes": "PostgresLimit.urlBytes",
    "A script of a migration in bytes": "Limits.migrationBytes",
    "The wait for another migration in ms": "Limits.migrationLockMilliseconds",
}


def evaluate(expression, constants):
    """A product, a shift, or one number; a name is another constant of the type."""
    words = [word if re.fullmatch(r"\*|<<|[\d_]+", word) else str(evaluate(constants[word], constants)) for word in expression.split()]
    assert all(re.fullmatch(r"\*|<<|[\d_]+", word) for word in words), expression
    return eval(" ".join(words))  # Numbers and operators only, as was just asserted.


def limits():
    """`{"QueryLimit.nesting": 64, …}` of all types that are called `…Limit` or `Limits`."""
    found = {}
    for path in glob.glob(os.path.join(ROOT, "Sources", "*", "**", "*Limit*.swift"), recursive=True):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        kind = os.path.basename(path)[: -len(".swift")]
        constants = dict(re.findall(r"static let (\w+)(?:: \w+)? = ([\w *<]+)$", text, re.M))
        found.update({f"{kind}.{name}": evaluate(expression, constants) for name, expression in constants.items()})
    return found


def rows():
    with open(os.path.join(ROOT, "docs", "reference", "limits.md"), encoding="utf-8") as file:
        return re.findall(r"^\| ([^|]+) \| ([\d,]+) \| [^|]+ \|$", file.read(), re.M)


def test_each_fixed_limit_is_told_with_the_number_that_the_source_has():
    told = {what: int(number.replace(",", "")) for what, number in rows()}
    known = limits()
    assert told == {what: known[name] for what, name in SOURCES.items()}
