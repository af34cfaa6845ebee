# make            the library, release build (the same as: swift build -c release)
# make demo       the examples on a throw-away PostgreSQL with this machine's package database
# make test       all tests: Swift, C, Python, and Node where it is installed
# make check      style and the unit tests that need no server; make test-module M=Cache: those of one module
# make lint      the linters of the Python part, installed in .build/lint
# make test-faults  the tests that break a real server, at length; prints figures. `make test` has a short form of them
# make torture     every call of libpq and of the system fails at each of its uses; a million calls of each operation; prints figures
# make test-memory   the modules' tests and programs in C with AddressSanitizer and ThreadSanitizer, and below valgrind
# make test-worlds  the tests from outside again in odd databases, and on other versions of PostgreSQL (from PyPI)
# make fuzz       random requests and writes answered twice, and libFuzzer on what reads bytes from outside; SECONDS=20 for each
# make bench      the benchmarks
# make program    the command line tool, .build/release/accelerant
# make install    library, header (accelerant.cdef beside it), accelerant.pc and the command line tool, below $(DESTDIR)$(PREFIX)
# make wheel      a Python wheel that carries the library and libpq, and the source distribution, in out/
# make npm        the Node package, with the library and the addon inside, in out/
# make release   version, changelog, tag and files in out/: VERSION=0.3.0
# make clean      removes what was built
#
# demo and test install what they need by apt-get, and say so first. SWIFTFLAGS is passed to each `swift` command.

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR     ?= $(PREFIX)/bin
CC         ?= cc
CFLAGS     ?= -O2
STRIP      ?= strip
PYTHON     ?= python3
SWIFTFLAGS ?=

BUILD    := .build/release
LIBRARY  := $(BUILD)/libaccelerant.so
TIER     := $(BUILD)/libaccelerant-redis.so
EXAMPLES := $(BUILD)/examples
VENV     := .build/venv
STRICT_C := -std=c99 -pedantic -Wall -Wextra -Werror

# The ABI's number is the soname's; minor and patch are those of ACCELERANT_VERSION in the header.
ABI     := 1
NUMBER  := $(shell sed -n 's/^.define ACCELERANT_VERSION //p' include/accelerant.h)
VERSION := $(shell expr $(NUMBER) / 1000000).$(shell expr $(NUMBER) / 1000 % 1000).$(shell expr $(NUMBER) % 1000)
FILE    := libaccelerant.so.$(ABI).$(shell expr $(NUMBER) / 1000 % 1000).$(shell expr $(NUMBER) % 1000)

# Why: SwiftPM reads Package.swift again where the environment is another one, and not where hiredis has been installed meanwhile.
export ACCELERANT_HIREDIS := $(wildcard /usr/include/hiredis/hiredis.h /usr/local/include/hiredis/hiredis.h)

.PHONY: all library program examples demo test check lint test-module test-faults torture test-memory test-worlds fuzz test-environment bench install wheel npm release clean

all: library

# Swift knows what is out of date.
library:
	@pkg-config --exists libpq || { echo "libpq is missing (Debian, Ubuntu: apt-get install libpq-dev pkg-config)"; exit 1; }
	swift build -c release $(SWIFTFLAGS)

# The tool finds the library beside itself, in ../lib, or where the system has it.
program: library
	@ln -sf libaccelerant.so $(BUILD)/libaccelerant.so.$(ABI)
	$(CC) $(CFLAGS) $(STRICT_C) -Iinclude -Ibindings/c bindings/cli/src/*.c -ldl \
	    -Wl,-rpath,'$$ORIGIN:$$ORIGIN/../lib' -o $(BUILD)/accelerant

examples: library
	@mkdir -p $(EXAMPLES)
	@ln -sf ../libaccelerant.so $(EXAMPLES)/libaccelerant.so.$(ABI)
	$(CC) $(CFLAGS) $(STRICT_C) -Iinclude bindings/c/linked.c -L$(BUILD) -laccelerant -o $(EXAMPLES)/linked
	$(CC) $(CFLAGS) $(STRICT_C) -Iinclude bindings/c/loaded.c -ldl -o $(EXAMPLES)/loaded

demo:
	@Tests/support/requirements build demo
	@$(MAKE) --no-print-directory examples program
	@$(PYTHON) Tests/support/postgres.py run -- bindings/demo/run $(CURDIR)/$(BUILD)

test:
	@Tests/support/requirements build demo test
	@$(MAKE) --no-print-directory examples program test-environment
	@$(PYTHON) Tests/support/run_tests.py --python $(VENV)/bin/python -- $(SWIFTFLAGS)

check:
	.ci/style
	swift test --disable-xctest --skip PostgresTests $(SWIFTFLAGS)

lint:
	.ci/lint

test-module:
	swift test --disable-xctest --filter '^$(M)Tests\.' $(SWIFTFLAGS)

test-faults:
	@Tests/support/requirements build demo test
	@$(MAKE) --no-print-directory library test-environment
	ACCELERANT_FAULTS=long $(VENV)/bin/python -m pytest -q -m faults Tests/faults

# About an hour and a half on two idle cores, half an hour of it for the calls that fail; many on busy ones. Its databases are best in memory:
# TMPDIR=/dev/shm.
torture:
	@Tests/support/requirements build demo test
	@$(MAKE) --no-print-directory library test-environment
	ACCELERANT_TORTURE=long $(VENV)/bin/python -m pytest -q Tests/torture Tests/integration/process/test_process.py
	ACCELERANT_SIMULATION=1000000 ACCELERANT_SEQUENCES=1000000 \
	    swift test --disable-xctest --filter 'SimulationTests|MachinePropertyTests' $(SWIFTFLAGS)

# Each sanitizer needs a build of its own: of the modules' tests, and of a library for programs in C that it checks as well. What counts is
# the exit status: a race is found while the tests say that they passed.
test-memory: export LSAN_OPTIONS = suppressions=$(CURDIR)/Tests/support/programs/leaks.supp
test-memory:
	@Tests/support/requirements build demo test
	@$(MAKE) --no-print-directory library test-environment
	for kind in address thread; do \
	    swift test --disable-xctest --sanitize=$$kind --scratch-path .build/$$kind $(SWIFTFLAGS) && \
	    swift build --product accelerant --sanitize=$$kind --scratch-path .build/$$kind $(SWIFTFLAGS) && \
	    ACCELERANT_SANITIZER=$$kind $(VENV)/bin/python -m pytest -q -m sanitized -k "not valgrind" Tests || exit 1; \
	done
	ACCELERANT_TORTURE=long $(VENV)/bin/python -m pytest -q -k valgrind Tests

test-worlds:
	@Tests/support/requirements build demo test
	@$(MAKE) --no-print-directory library test-environment
	Tests/worlds/run.py --python $(VENV)/bin/python

SECONDS ?= 20
fuzz: library
	@Tests/support/requirements build demo
	$(PYTHON) Tests/fuzz/answers.py --schemas 1000000 --seconds $(SECONDS)
	$(PYTHON) Tests/fuzz/writes.py --schemas 1000000 --seconds $(SECONDS)
	$(PYTHON) Tests/fuzz/migrations.py --schemas 1000000 --seconds $(SECONDS)
	Tests/fuzz/run $(SECONDS)

# What the Python tests need, apart from the system's Python.
test-environment: $(VENV)/ready
$(VENV)/ready: Tests/support/python-packages.txt
	@mkdir -p .build
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/support/python-packages.txt
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check "deno>=2.9" || echo "Deno is not to be had here: the package for Node is not tried on it"
	@touch $@

# PAGE=1 also writes docs/reports/benchmarks.md and its chart.
bench: library
	@Tests/support/requirements build demo bench
	@$(PYTHON) Benchmarks/Library/run.py $(if $(PAGE),--page)
	@$(PYTHON) Benchmarks/Python/run.py $(if $(PAGE),--page)
	@if [ -f $(TIER) ]; then $(PYTHON) Benchmarks/Tier/run.py && $(PYTHON) Benchmarks/Tier/scale.py; \
	else echo "The tier: not measured, since libaccelerant-redis.so is not built (Debian, Ubuntu: apt-get install libhiredis-dev)"; fi
	ACCELERANT_BENCHMARKS=1 swift run -c release $(SWIFTFLAGS) CacheHits
	ACCELERANT_BENCHMARKS=1 swift run -c release $(SWIFTFLAGS) CacheWrites
	@if command -v node >/dev/null; then $(PYTHON) Tests/support/postgres.py run -- node Benchmarks/Node/run.mjs $(if $(PAGE),--page); \
	else echo "The package for Node: not measured, since node is not installed (Debian, Ubuntu: apt-get install nodejs)"; fi

install: library program
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(BINDIR)
	install -s -m 755 $(BUILD)/accelerant $(DESTDIR)$(BINDIR)/accelerant
	install -m 755 $(LIBRARY) $(DESTDIR)$(LIBDIR)/$(FILE)
	$(STRIP) --strip-unneeded $(DESTDIR)$(LIBDIR)/$(FILE)
	ln -sf $(FILE) $(DESTDIR)$(LIBDIR)/libaccelerant.so.$(ABI)
	ln -sf libaccelerant.so.$(ABI) $(DESTDIR)$(LIBDIR)/libaccelerant.so
	@if [ -f $(TIER) ]; then \
	    install -m 755 $(TIER) $(DESTDIR)$(LIBDIR)/libaccelerant-redis.so.$(ABI) && $(STRIP) --strip-unneeded $(DESTDIR)$(LIBDIR)/libaccelerant-redis.so.$(ABI); \
	else echo "Not installed: libaccelerant-redis.so, which \"cache.tier\" needs and hiredis is needed for (Debian, Ubuntu: apt-get install libhiredis-dev)"; fi
	install -m 644 include/accelerant.h include/accelerant.cdef $(DESTDIR)$(INCLUDEDIR)
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@libdir@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|' \
	    -e 's|@includedir@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(INCLUDEDIR))|' \
	    -e 's|@version@|$(VERSION)|' bindings/c/accelerant.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/accelerant.pc

# Linked again for glibc 2.34: see ACCELERANT_PORTABLE in Package.swift.
wheel:
	@Tests/support/requirements build
	ACCELERANT_PORTABLE=1 swift build -c release $(SWIFTFLAGS)
	@ACCELERANT_PORTABLE=1 $(MAKE) --no-print-directory program
	@STRIP=$(STRIP) $(PYTHON) bindings/python/make_wheel --library $(LIBRARY) --output out

npm: library program
	@command -v node >/dev/null || { echo "node is missing (Debian, Ubuntu: apt-get install nodejs)"; exit 1; }
	STRIP=$(STRIP) bindings/node/pack $(LIBRARY) out
	@ls -l out/accelerant-*.tgz

release:
	.ci/release $(VERSION)

clean:
	rm -rf .build out bindings/python/build bindings/python/*.egg-info
