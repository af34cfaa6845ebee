"""What a write may come to: a refusal, a value that only the database or the library knows, something that the model does not say."""
import re


class Refused(Exception):
    """The write fails with one of these codes and changes nothing. Several where the order of its parts is open."""

    def __init__(self, *codes):
        super().__init__(*codes)
        self.codes = frozenset(codes)


class Unsupported(Exception):
    """More than one outcome is right, and they cannot be listed. The request is not sent."""


class Unknown:
    """A value that is made elsewhere: equal to itself alone."""

    PATTERNS = {
        "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", "cuid": r"c[0-9a-z]{24}", "cuid2": r"[a-z][0-9a-z]{23}",
        "ulid": r"[0-9A-HJKMNP-TV-Z]{26}", "nanoid": r"[0-9A-Za-z_-]{5}", "nanoid21": r"[0-9A-Za-z_-]{21}",
    }

    def __init__(self, form):
        self.form = form

    def may_be(self, value):
        """Whether a value of the database is one that this stands for."""
        if self.form in ("autoincrement", "now"):
            return isinstance(value, int)
        return isinstance(value, str) and re.fullmatch(self.PATTERNS[self.form], value) is not None

    def __repr__(self):
        return "<%s>" % self.form


class Shown:
    """An unknown value in an answer, where its type decides how it is written."""

    def __init__(self, value, kind):
        self.value, self.kind = value, kind
