"""How programs are run under valgrind: an error is an invalid access, or memory that nothing leads to any more."""
import os

#: The start of a command.
VALGRIND = [
    "valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite,indirect",
    "--suppressions=" + os.path.join(os.path.dirname(os.path.abspath(__file__)), "loader.supp"), "--error-exitcode=9",
]
