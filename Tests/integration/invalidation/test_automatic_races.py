"""Writers and readers on many threads: no read that starts after a write's reply sees older data."""
import os
import re

import pytest

#: Writes with a read after each. At length: ACCELERANT_AUTOMATIC=long.
ROUNDS = 1_000_000 if os.environ.get("ACCELERANT_AUTOMATIC") == "long" else 4_000


@pytest.mark.sanitized
@pytest.mark.timeout(3600)
def test_no_read_that_starts_after_a_writes_reply_is_older_than_it(compiled, configuration):
    outcome = compiled("automatic_races", standard="gnu11")(configuration, str(ROUNDS), timeout=3500)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr[-2000:]
    print(outcome.stdout)
    hits, reads = map(int, re.match(r"(\d+) of (\d+)", outcome.stdout).groups())
    # Why: only where answers are kept is there anything to drop.
    assert hits > reads / 10 and reads > ROUNDS
