"""The release script, on a copy of the repository: what it writes, and what it refuses."""
import os
import re
import subprocess

import pytest
from capi import ROOT


@pytest.fixture
def copy(tmp_path):
    """A clone with what the tree has now, committed."""
    def git(*command):
        return subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *command], cwd=tmp_path / "copy", check=True, capture_output=True, text=True).stdout

    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, str(tmp_path / "copy")], check=True)
    changed = subprocess.run(["git", "ls-files", "--modified", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, changed.split("\n")):
        if os.path.isfile(os.path.join(ROOT, name)):
            os.makedirs(tmp_path / "copy" / os.path.dirname(name), exist_ok=True)
            subprocess.run(["cp", "-p", os.path.join(ROOT, name), tmp_path / "copy" / name], check=True)
    git("config", "user.name", "t")
    git("config", "user.email", "t@example.org")
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "-m", "What is here")
    return tmp_path / "copy", git


def release(folder, version):
    # Why: style asks swift-format about the whole tree, and has a check of its own.
    environment = {**os.environ, "PATH": os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if "swift" not in part)}
    return subprocess.run([folder / ".ci" / "release", version, "--no-build"], capture_output=True, text=True, env=environment)


def following():
    with open(os.path.join(ROOT, "include", "accelerant.h"), encoding="utf-8") as file:
        number = int(re.search(r"^#define ACCELERANT_VERSION (\d+)", file.read(), re.M)[1])
    return f"{number // 1_000_000}.{number // 1000 % 1000 + 1}.0", number // 1000 * 1000 + 1000


def test_a_release_has_its_version_everywhere_and_a_tag(copy):
    folder, git = copy
    version, number = following()
    (folder / "CHANGELOG.md").write_text((folder / "CHANGELOG.md").read_text().replace("## Unreleased\n", "## Unreleased\n\n- A line.\n", 1))
    git("commit", "--quiet", "--all", "-m", "A line")
    outcome = release(folder, version)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert git("tag", "--list").split()[-1] == f"v{version}"
    assert git("status", "--porcelain") == ""
    assert f"#define ACCELERANT_VERSION {number}\n" in (folder / "include/accelerant.h").read_text()
    assert f"ACCELERANT_VERSION = {number} " in (folder / "include/accelerant.cdef").read_text()
    for name in ("bindings/python/pyproject.toml", "bindings/python/accelerant/__init__.py", "bindings/node/package.json", "bindings/ruby/lib/accelerant.rb", "README.md"):
        assert version in (folder / name).read_text(), name
    assert re.search(rf"^## Unreleased\n\n## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)\n\n- A line\.$", (folder / "CHANGELOG.md").read_text(), re.M)


def test_a_release_is_refused_before_anything_is_written(copy):
    folder, git = copy
    head = git("rev-parse", "HEAD")
    for version, reason in (("9.9.9", "does not follow"), ("1", "no version"), ("0.2.0", "does not follow")):
        outcome = release(folder, version)
        assert outcome.returncode != 0 and reason in outcome.stderr, outcome.stderr
    (folder / "README.md").write_text("changed\n")
    only = subprocess.run([folder / ".ci" / "release", following()[0], "--build"], capture_output=True, text=True)
    assert only.returncode != 0 and "is not what is checked out" in only.stderr
    assert "has changes" in release(folder, following()[0]).stderr
    git("checkout", "--quiet", "README.md")
    text = (folder / "CHANGELOG.md").read_text()
    (folder / "CHANGELOG.md").write_text(re.sub(r"(?s)(## Unreleased\n).*?(?=^## )", r"\1\n", text, count=1, flags=re.M))
    git("commit", "--quiet", "--all", "--allow-empty", "-m", "Nothing new")
    assert "nothing under" in release(folder, following()[0]).stderr
    assert git("tag", "--list") == "" and git("rev-parse", "HEAD~1") == head
