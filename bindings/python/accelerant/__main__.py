"""`python -m accelerant generate`, and the commands of the program that the package carries: `check`, `pull`, `push` …"""
from __future__ import annotations

import argparse
import sys
import time
from typing import List, Optional

from .errors import PrismaError
from .program import COMMANDS, run


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m accelerant", description="Prisma's query language and a cache on your own PostgreSQL.")
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="writes a typed client from a Prisma schema")
    generate.add_argument("--schema", help="a file, or a folder of *.prisma files; else schema.prisma or prisma/schema.prisma")
    generate.add_argument("--output", help="the folder of the package; else the generator block's, else prisma_client")
    generate.add_argument("--interface", choices=("asyncio", "sync"), help="what `Prisma` is; else the generator block's, else asyncio")
    generate.add_argument("--partials", help="a file of Python that asks for partial types")
    generate.add_argument("-t", "--type-depth", "--recursive-type-depth", help="taken, and without effect: types are recursive")
    generate.add_argument("--generator", action="append", help="taken, and without effect: there is one generator")
    for name in COMMANDS:
        commands.add_parser(name, help="of the program `accelerant`: see its --help", add_help=False)
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given and given[0] in COMMANDS:
            run(given)
    except PrismaError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    options = parser.parse_args(given)

    from .generator import generate as write

    began = time.monotonic()
    try:
        asked = write(options.schema, options.output, options.interface, options.partials)
    except PrismaError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"Generated {asked.output} ({asked.interface}) from {asked.schema_path} in {time.monotonic() - began:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
