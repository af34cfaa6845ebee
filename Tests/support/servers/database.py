"""A database for one test: made from a template, watched from outside, dropped at the end."""
import contextlib
import itertools

import worlds
from psql import Psql

#: The role that the library connects as, so that its statements can be told from the test's.
ROLE = "app"
_numbers = itertools.count(1)


class Database:
    """One database of the throw-away server."""

    def __init__(self, server, admin, template):
        self.server = server
        self.name = f"test_{next(_numbers)}"
        self._admin = admin
        admin.execute(f'CREATE DATABASE {self.name} TEMPLATE {template} STRATEGY file_copy')
        self._session = None

    def url(self, **parameters):
        parameters = {**worlds.current().parameters, **parameters}
        return self.server.url(self.name, **parameters).replace("//accelerant@", f"//{ROLE}@")

    def owner_url(self, **parameters):
        """The same for the role that the tables belong to."""
        return self.server.url(self.name, **{**worlds.current().parameters, **parameters})

    @property
    def sql(self):
        """The test's own session."""
        if self._session is None:
            self._session = Psql(self.server.url(self.name))
        return self._session

    def reads(self, table="User"):
        """How many statements of the library that name the table have run to their end."""
        return int(self._admin.value(
            "SELECT coalesce(sum(s.calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
            " JOIN pg_roles r ON r.oid = s.userid"
            f" WHERE d.datname = '{self.name}' AND r.rolname = '{ROLE}' AND s.query LIKE '%\"{table}\"%'"))

    def waiting(self):
        """How many of the library's statements wait for a lock now."""
        return int(self._admin.value(
            f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.name}' AND usename = '{ROLE}'"
            " AND wait_event_type = 'Lock'"))

    def connections(self):
        """How many connections the library holds."""
        return int(self._admin.value(
            f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.name}' AND usename = '{ROLE}'"))

    @contextlib.contextmanager
    def locked(self, table="User"):
        """While this lasts, every statement that names the table waits. Ends early by `execute("COMMIT")` on what it gives."""
        with Psql(self.server.url(self.name)) as session:
            session.execute(f'BEGIN; LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
            yield session

    def drop(self):
        if self._session is not None:
            self._session.close()
        self._admin.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
