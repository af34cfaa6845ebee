"""One psql session that stays open: SQL for tests, independent of the library under test."""
import subprocess
import uuid


class SQLError(Exception):
    """What the server said, SQLSTATE included."""


class Psql:
    """A database session. `execute` waits for the answer; `begin` does not, for statements that block on purpose."""

    def __init__(self, url):
        command = ["psql", "-XAtq", "-v", "VERBOSITY=verbose", "-F", "\t", url]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def begin(self, sql):
        """Sends statements, and gives a function that waits for their rows."""
        mark = "end-" + uuid.uuid4().hex
        self._process.stdin.write(f"{sql}\n;\n\\echo {mark}\n")
        self._process.stdin.flush()
        return lambda: self._rows(mark)

    def execute(self, sql):
        """Runs statements and gives their rows: lists of strings."""
        return self.begin(sql)()

    def value(self, sql):
        """The one value that a statement gives."""
        rows = self.execute(sql)
        return rows[0][0] if rows else None

    def _rows(self, mark):
        lines = []
        for line in self._process.stdout:
            line = line.rstrip("\n")
            if line == mark:
                errors = [text for text in lines if text.startswith(("ERROR:", "FATAL:"))]
                if errors:
                    raise SQLError("\n".join(errors))
                return [text.split("\t") for text in lines if text and not text.startswith(("NOTICE:", "LOCATION:"))]
            lines.append(line)
        raise SQLError("the session ended: " + " ".join(lines[-3:]))

    def close(self):
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
