"""The rules for prose that a machine can check: see docs/contributing/style.md."""
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLUMNS = 100
#: The style asks for 25. What is over this is certainly too long.
MOST_WORDS = 30
FRONT_PAGE_LINES = 130
SUBJECT = 72
#: Subjects are checked from here on.
FIRST_COMMIT = "ec25d6838ad049da472f1bdf2fcbf555175278bf"
#: Words and turns that a reader has to translate, with what to say.
BANNED = {
    r"anew": "again",
    r"for want of": "because there is no",
    r"but for": "except for",
    r"whoever|whosoever": "name the subject: a caller, a thread",
    r"nobody": "no caller, no one, or the passive",
    r"he|his|him|himself": "the caller, its",
    r"bears?": "has",
    r"mended": "fixed, or nothing: history stands in the changelog",
    r"formerly": "nothing: history stands in the changelog",
    r"let go of|lets go of|letting go of": "release, free, drop",
    r"makes? known|made known": "apply, publish, notify",
    r"in the place of": "instead of",
    r"thereby|hereby|therein|whereupon": "so",
    r"heretofore|hitherto": "until now",
    r"as told (below|above)": "see below",
    r"goes without saying|of course|simply|obviously": "nothing",
    r"in order to": "to",
    r"that is none": "that is not valid",
    r"utili[sz]e[sd]?": "use",
    r"etc\.": "name the rest, or say `and others`",
    r"very|really|quite": "nothing, or a figure",
    r"leverage[sd]?": "use",
}
#: Those of them that comments in the sources are free of.
BANNED_IN_COMMENTS = ("anew", "for want of", "but for", "whoever|whosoever", "nobody", "he|his|him|himself", "bears?", "mended", "formerly")
#: Sentences of other people, or lists that a program writes.
NOT_PROSE = ("docs/reports/hunt.md", "docs/contributing/style.md", "docs/internals/glossary.md")


def tracked(*patterns):
    output = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in output.split("\0") if name]


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def pages():
    return [name for name in tracked("*.md") if "/" not in name or name.startswith("docs/") or name.count("/") == 2 and name.startswith("bindings/")]


def outside_of_code(text):
    """The lines of a page with their numbers; code is left out."""
    is_code = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code:
            yield number, line


def long_lines():
    """Lines of documentation that do not fit beside code. A row of a table is one line, and so is a link."""
    found = []
    for name in pages():
        if name.startswith("docs/") or "/" not in name and name != "CHANGELOG.md":
            for number, line in outside_of_code(read(name)):
                if len(line) > COLUMNS and not line.startswith("|") and " " in line.strip() and not line.startswith(("    ", "!")):
                    found.append(f"{name}:{number}: {len(line)} columns")
    return found


def paragraphs(text):
    """Each paragraph and item of prose with the number of its first line. Tables, headings and code are none."""
    words, first = [], 0
    for number, line in [*outside_of_code(text), (0, "")]:
        stripped = line.strip()
        is_item = re.match(r"([-*]|\d+\.)\s", stripped)
        ends = not stripped or stripped[0] in "|#<!" or line.startswith("    ") and not words
        if words and (ends or is_item):
            yield first, " ".join(words)
            words = []
        if not ends:
            first = first if words else number
            words.append(re.sub(r"^([-*]|\d+\.)\s+", "", stripped))


def long_sentences():
    """Sentences with more words than a reader holds. A colon and a semicolon end one."""
    found = []
    for name in tracked("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md"):
        for number, text in paragraphs(read(name)) if name not in NOT_PROSE else []:
            text = re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`]*`", "X", text))
            for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"\[*(\d])|(?<=[:;])\s+|(?<=\*\*[.:])\s|(?<=[.]\*\*)\s", text):
                count = len(re.findall(r"[\w'’…/-]+", sentence))
                if count > MOST_WORDS:
                    found.append(f"{name}:{number}: {count} words: {sentence[:60]}…")
    return found


def banned_words():
    """In documentation and in the header. `Code` is not read."""
    found = []
    for name in [*pages(), *tracked("include/*.h", "bindings/spec/*.json", "bindings/c/*.h")]:
        if name in NOT_PROSE or name == "CHANGELOG.md":
            continue
        for number, line in outside_of_code(read(name)):
            prose = re.sub(r"`[^`]*`", "", line)
            for pattern, instead in BANNED.items():
                match = re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", prose, re.I)
                if match:
                    found.append(f"{name}:{number}: `{match[0]}`: {instead}")
    return found


def banned_in_comments():
    found = []
    for name in tracked("Sources/*.swift", "Sources/*.h"):
        for number, line in enumerate(read(name).split("\n"), 1):
            comment = re.search(r"//.*|/\*.*|^ \*.*", line)
            match = comment and re.search(rf"(?<![\w-])(?:{'|'.join(BANNED_IN_COMMENTS)})(?![\w-])", re.sub(r"`[^`]*`", "", comment[0]), re.I)
            if match:
                found.append(f"{name}:{number}: `{match[0]}`: see BANNED in .ci/prose.py")
    return found


def long_front_page():
    count = len(read("README.md").splitlines())
    return [f"README.md: {count} lines"] if count > FRONT_PAGE_LINES else []


def long_subjects():
    """Subjects of commits since the rule has been checked. In a shallow clone there is nothing to compare."""
    log = subprocess.run(["git", "log", "--no-merges", "--format=%h %s", f"{FIRST_COMMIT}..HEAD"], cwd=ROOT, capture_output=True, text=True)
    if log.returncode:
        return []
    return [f"{line[:90]}: {len(line.split(' ', 1)[1])} characters" for line in log.stdout.splitlines() if len(line.split(" ", 1)[1]) > SUBJECT]


CHECKS = {
    f"lines of documentation have at most {COLUMNS} columns": long_lines,
    f"sentences of documentation have at most {MOST_WORDS} words": long_sentences,
    "no words that a reader has to translate": banned_words,
    "no such words in comments of the sources": banned_in_comments,
    f"the front page has at most {FRONT_PAGE_LINES} lines": long_front_page,
    f"subjects of commits have at most {SUBJECT} characters": long_subjects,
}
