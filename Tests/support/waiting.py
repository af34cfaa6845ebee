"""Waiting for what happens on another thread or in the server: by polling a condition, with a deadline."""
import threading
import time

#: Longer than anything takes that does not hang, on the busiest machine.
SECONDS = 30
#: Less than what a query may take by default, and more than a busy machine needs: what takes less has not waited for a time limit.
PROMPT = 9


def eventually(condition, what="the condition to hold", seconds=SECONDS):
    """Waits until `condition()` is true, and gives its value; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}; last seen: {value!r}")
        time.sleep(0.005)


class Call:
    """A function that runs on a thread of its own."""

    def __init__(self, function, *arguments):
        self._outcome = None
        self._error = None

        def work():
            try:
                self._outcome = function(*arguments)
            except BaseException as error:  # handed to whoever asks for the result
                self._error = error

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    def is_running(self):
        return self._thread.is_alive()

    def result(self, seconds=SECONDS):
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"the call did not end within {seconds} s"
        if self._error is not None:
            raise self._error
        return self._outcome


def calls(count, function):
    """Starts `function` on `count` threads that all begin at the same moment."""
    barrier = threading.Barrier(count)

    def begin():
        barrier.wait(SECONDS)
        return function()

    return [Call(begin) for _ in range(count)]
