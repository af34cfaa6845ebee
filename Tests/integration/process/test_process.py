"""The library as a guest in somebody else's process: silent, and leaving everything as it was."""
import json
import os
import subprocess
import sys

import pytest
from capi import LIBRARY
from database import ROLE
from encryption import encrypt
from paths import program_source
from programs import PROGRAMS_LIBRARY, SANITIZER
from scene import SCHEMA

#: `make torture` asks for the long forms.
IS_LONG = os.environ.get("ACCELERANT_TORTURE") == "long"


def run(script, *arguments, **options):
    environment = dict(os.environ, ACCELERANT_LIBRARY=LIBRARY)
    command = [sys.executable, program_source(script), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, **options)


def test_nothing_is_written_and_nothing_of_the_process_changes(database):
    database.sql.execute(
        'CREATE FUNCTION chatty() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING \'to the client\'; RETURN 1; END $$')
    outcome = run("guest.py", database.url())
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_loading_and_unloading_again_and_again(tmp_path):
    program = tmp_path / "reload"
    subprocess.run(["cc", "-std=c99", "-Wall", "-Werror", program_source("reload.c"), "-ldl", "-o", str(program)], check=True)
    outcome = subprocess.run([str(program), LIBRARY, "1000"], capture_output=True, text=True, timeout=90)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


@pytest.mark.parametrize("variables", [
    {}, {"SWIFT_BACKTRACE": "enable=yes"}, {"SWIFT_BACKTRACE": "enable=yes,swift-backtrace=/bin/true"}, {"SWIFT_DEBUG_HELP": "YES"}], ids=str)
def test_loading_handles_no_signal_and_writes_nothing_whatever_the_environment_has_for_swift(compiled, variables):
    outcome = compiled("handlers")(PROGRAMS_LIBRARY, **variables)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_a_client_of_a_url_without_a_server_closes_at_once():
    outcome = run("guest.py", "postgresql://user:secret@127.0.0.1:1/db", "unreachable")
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


# ThreadSanitizer does not follow a fork() of a process with threads.
@(pytest.mark.sanitized if SANITIZER != "thread" else pytest.mark.usefixtures())
@pytest.mark.timeout(4000)
def test_fork_while_other_threads_are_inside_the_library(compiled, configuration):
    outcome = compiled("fork_threads")(configuration, "1000" if IS_LONG else "40", timeout=3900)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_fork_waits_for_threads_inside_but_not_for_ever(compiled):
    outcome = compiled("fork_gate", standard="c11")()
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


@pytest.mark.timeout(4000)
def test_fork_while_another_thread_is_in_the_library_for_the_first_time(compiled, configuration):
    run = compiled("fork_first")
    for attempt in range(1000 if IS_LONG else 60):
        outcome = run(configuration, str(attempt * 331 % 20_000))
        assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", ""), attempt


@pytest.mark.sanitized
@pytest.mark.timeout(4000)
def test_exit_in_the_middle_of_load_again_and_again(compiled, configuration):
    run = compiled("exit_under_load")
    for attempt in range(1000 if IS_LONG else 60):
        outcome = run(configuration, str(attempt % 60 * 700))
        assert (outcome.returncode, outcome.stdout, outcome.stderr) == (7, "", ""), attempt


@pytest.mark.timeout(4000)
def test_exit_in_the_middle_of_tls(compiled, own_server):
    """OpenSSL would clear away at the end of the process what threads of the library still use."""
    server, database = own_server
    encrypt(server)
    url = server.tcp_url(database.name, user=ROLE, password="app-secret", sslmode="require", connection_limit=3)
    run = compiled("exit_under_load")
    for attempt in range(1000 if IS_LONG else 60):
        outcome = run(json.dumps({"schema": SCHEMA, "datasourceUrl": url}), str(attempt % 60 * 700))
        assert (outcome.returncode, outcome.stdout, outcome.stderr) == (7, "", ""), attempt


@pytest.mark.sanitized
@pytest.mark.timeout(4000)
def test_loading_with_clients_again_and_again_leaves_no_thread_and_no_descriptor(compiled, configuration):
    outcome = compiled("reload_clients")(PROGRAMS_LIBRARY, configuration, "1000" if IS_LONG else "150", timeout=3900)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


@pytest.mark.sanitized
@pytest.mark.timeout(4000)
def test_closing_under_load_again_and_again(compiled, configuration):
    outcome = compiled("close_under_load")(configuration, "1000" if IS_LONG else "60", timeout=3900)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
