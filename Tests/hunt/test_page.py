"""docs/reports/hunt.md tells of every report."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def test_the_page_is_current():
    assert subprocess.run([sys.executable, os.path.join(HERE, "page.py"), "--check"]).returncode == 0, "run Tests/hunt/page.py"
