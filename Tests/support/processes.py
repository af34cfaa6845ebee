"""Finding the processes of a throw-away server, and seeing to it that they suffer."""
import os
import resource


def postmaster(server):
    with open(os.path.join(server.socket_directory, "data", "postmaster.pid")) as file:
        return int(file.readline())


def children(parent):
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat") as file:
                if entry.isdigit() and int(file.read().rsplit(")", 1)[1].split()[1]) == parent:
                    found.append(int(entry))
        except OSError:
            pass  # It has ended.
    return found


def all_processes(server):
    """All of a server's."""
    return [postmaster(server), *children(postmaster(server))]


def send(number, pids):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def limit_files(server, size):
    """No file of the server grows beyond that many bytes: what comes after is answered as by a disk that is full."""
    for pid in all_processes(server):
        try:
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
        except ProcessLookupError:
            pass
