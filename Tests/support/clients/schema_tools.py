"""The schema tools, asked one at a time by clients of their own: for tests that have a database and a schema."""
from capi import Client

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'


def reply(url, schema, operation, **args):
    """The reply to an operation; without a schema for None."""
    with Client({"datasourceUrl": url, **({"schema": schema} if schema else {})}) as client:
        return client.query({"operation": operation, "args": args})


def ask(url, schema, operation, **args):
    """The data of a reply that has to be good."""
    answer = reply(url, schema, operation, **args)
    assert answer.status == "OK", answer.error_text
    return answer.data


def run(url, *statements):
    """Statements of SQL, one after another."""
    with Client({"datasourceUrl": url, "schema": HEAD}) as client:
        for statement in statements:
            answer = client.query({"operation": "$executeRaw", "args": {"query": statement}})
            assert answer.status == "OK", answer.error_text


def run_script(url, script):
    """The statements of a script: each ends with a semicolon at the end of a line."""
    run(url, *script.split(";\n"))
