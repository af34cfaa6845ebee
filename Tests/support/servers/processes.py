"""Finding the processes of a throw-away server, and seeing to it that they suffer."""
import os
import subprocess


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
    owner = os.stat(os.path.join(server.socket_directory, "data"))
    # Why as the owner: the system lets root do that to others' processes only with a capability that containers lack.
    account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.getuid() == 0 else {}
    for pid in all_processes(server):
        subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={size}:"], stderr=subprocess.DEVNULL, **account)
