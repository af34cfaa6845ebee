"""A process that reads numbers through a tier: reading.py <configuration> <file of acknowledged numbers> <seconds>.

Each number has to be what was acknowledged before its read began, or later. Prints how many reads there were, and how many the tier answered.
"""
import mmap
import struct
import sys
import time

from capi import Client


def main(configuration, path, seconds):
    end = time.monotonic() + float(seconds)
    reads = answered = 0
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as acknowledged, Client(configuration) as client:
        while time.monotonic() < end:
            user = 1 + reads % 3
            [floor] = struct.unpack_from("q", acknowledged, 8 * user)
            reply = client.query({"model": "User", "operation": "findUnique", "args": {
                "where": {"id": user}, "select": {"name": True}, "cacheStrategy": {"ttl": 600, "tags": [f"u{user}"]}}})
            if int(reply.data["name"]) < floor:
                sys.exit(f"user {user} is {reply.data['name']} ({reply.cache}), and {floor} was acknowledged before")
            reads += 1
            answered += reply.cache == "ttl"
    print(reads, answered)


if __name__ == "__main__":
    main(*sys.argv[1:])
