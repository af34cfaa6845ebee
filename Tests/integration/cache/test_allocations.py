"""How often a call allocates, on the caller's thread and inside the library, against what `allocations.json` records."""
import json
import os
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))


def test_no_call_allocates_more_than_is_recorded_and_a_hit_makes_no_system_call(compiled, configuration):
    with open(os.path.join(HERE, "allocations.json")) as file:
        recorded = json.load(file)
    outcome = compiled("allocations", standard="gnu11")(configuration)
    assert (outcome.returncode, outcome.stderr) == (0, ""), "a hit makes a system call" if outcome.returncode < 0 else outcome.stderr
    found = {call: counts["library"] for call, counts in json.loads(outcome.stdout).items()}
    assert found["hit"] == 0
    assert found.keys() == recorded.keys()
    more = {call: (recorded[call], found[call]) for call in found if found[call] > recorded[call]}
    assert not more, f"recorded and found: {more}"
    if found != recorded:
        warnings.warn(f"fewer allocations than recorded; allocations.json may say {json.dumps(found)}", stacklevel=1)
