"""docs/reference/guarantees.md names a test for each sentence, and each of them exists."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(os.path.dirname(HERE))


def named():
    with open(os.path.join(os.path.dirname(TESTS), "docs", "reference", "guarantees.md"), encoding="utf-8") as file:
        text = file.read()
    return text, re.findall(r"`((?:integration|faults|torture|python|fuzz)/[\w/]+\.py)(?:::(\w+))?`", text)


def test_every_test_that_the_page_names_exists():
    for path, name in named()[1]:
        with open(os.path.join(TESTS, path), encoding="utf-8") as file:
            assert name == "" or re.search(rf"^(async )?def {name}\(", file.read(), re.MULTILINE), f"{path}::{name}"


def test_every_sentence_of_a_list_or_table_names_one():
    text, _ = named()
    body = text.split("\n## ", 1)[1]
    items = re.split(r"\n(?=- |\| |\n)", body)
    for item in items:
        if item.startswith("- ") or (item.startswith("| ") and not item.startswith(("| reply", "|---"))):
            assert re.search(r"\.py(::\w+)?`", item), item
