"""Each call of libpq and of the system fails at its n-th use, for every n of a session that uses everything.

Required: no crash, no hang, no wrong answer; every error an honest one; a write whose status says that it happened has, and one whose status
says that it did not has not; the next session in the same process succeeds; descriptors, threads and the heap stay level. What nobody may
notice (a signal that interrupts a call, a byte at a time) changes nothing at all.

The short form takes some uses of some calls, the same in every run; `make torture` takes all.
"""
import concurrent.futures
import os
import time

import pytest

#: How many uses of each call the short form takes, and of how many calls it takes them in how many ways.
SHORT_USES = 2
SHORT_CALLS = 6
#: The time limit of requests in sessions in which calls fail, and in those that have to succeed, however busy the machine is.
HASTY_MS, CALM_MS = 400, 30_000
LISTENING = {"cache": {"listen": True}}


def calls(run, configuration):
    """How often the session uses each call, and the numbers of the ways in which it fails."""
    outcome = run("sweep", configuration, "uses", fails=True)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr
    for line in outcome.stdout.splitlines():
        name, uses, *ways = line.split()
        for way in ways:
            yield name, int(uses), way


def choose(every, is_long):
    """The ways of failing to try: call, way, the first use and the step to the next."""
    used = [entry for entry in every if entry[1]]
    if is_long:
        return [(name, way, 1, 1) for name, _, way in used]
    # Spread over all: the calls stand in the order of their kinds.
    return [(name, way, 1, max(uses // SHORT_USES, 1)) for name, uses, way in used[:: len(used) // SHORT_CALLS]]


def sweep(run, figures, configure, what, mode, is_long, harm=(), **settings):
    """`harm`: calls of which no way of failing is one that nobody may notice."""
    configuration, hasty = (configure(**settings, limits={"queryTimeoutMs": limit}) for limit in (CALM_MS, HASTY_MS))
    every = list(calls(run, configuration))
    assert sum(uses for _, uses, _ in every) > 500, "the session uses the calls, and they are seen"
    chosen = choose(every, is_long)
    start = time.monotonic()
    total, bad = [0, 0, 0], []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        outcomes = threads.map(
            lambda one: run("sweep", configuration, mode, *one, hasty, *(["harm"] if one[0] in harm else []), fails=True, timeout=3000),
            chosen)
        for one, outcome in zip(chosen, outcomes):
            if outcome.returncode != 0:
                bad.append(f"{mode} {' '.join(map(str, one))}: {outcome.returncode}\n{outcome.stderr[:2000]}")
                continue
            runs, failures, slowest = map(int, outcome.stdout.split())
            total = [total[0] + runs, total[1] + failures, max(total[2], slowest)]
    figures(f"{what}, {mode}: {len(chosen)} ways of failing, {total[0]} uses, {total[1]} requests failed, the slowest took {total[2]} ms;"
            f" {time.monotonic() - start:.0f} s")
    assert not bad, "\n".join(bad)


@pytest.mark.timeout(20000)
@pytest.mark.parametrize("mode", ["fresh", "again"])
@pytest.mark.parametrize("settings", [{}, LISTENING], ids=["alone", "listening"])
def test_the_nth_use_fails(run, figures, configuration, is_long, settings, mode):
    sweep(run, figures, configuration, "with a listener" if settings else "alone", mode, is_long, **settings)


@pytest.mark.timeout(20000)
@pytest.mark.parametrize("mode", ["fresh", "again"])
def test_the_nth_use_fails_over_tcp_with_a_password_and_tls(run, figures, encrypted_configuration, is_long, mode):
    # Why: a login over TLS that a signal interrupts while it writes, libpq gives up. (Linux does not interrupt the writing to a socket that
    # does not block.)
    sweep(run, figures, encrypted_configuration, "encrypted", mode, is_long, harm={"send"})


def test_an_answer_is_not_lost_to_a_signal_that_interrupts_the_opening_of_a_file(run, configuration):
    outcome = run("sweep", configuration(), "fresh", "open", "2", 1, 1, configuration(), fails=True)
    assert (outcome.returncode, outcome.stdout.split()[:2]) == (0, ["1", "0"]), outcome.stderr


def test_a_thread_that_cannot_be_made_ever_is_done_without(run, configuration):
    """What a client does in the background is left out or done by the caller; submitted requests are refused."""
    outcome = run("sweep", configuration(), "fresh", "pthread_create", "0", -1, 1000, configuration(), fails=True)
    assert (outcome.returncode, outcome.stdout.split()[:1]) == (0, ["1"]), outcome.stderr
