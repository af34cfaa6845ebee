"""How programs are run under valgrind: an error is an invalid access, or memory that nothing leads to any more."""
import os

#: The start of a command. Why each comparison is followed bit by bit: an enum of Swift keeps its case in the high bits of a byte whose low bits
#: nobody sets; the optimized code compares the whole byte, which says the same, and which valgrind takes for a fault otherwise.
VALGRIND = [
    "valgrind", "--quiet", "--expensive-definedness-checks=yes", "--leak-check=full", "--show-leak-kinds=definite,indirect",
    "--errors-for-leak-kinds=definite,indirect",
    "--suppressions=" + os.path.join(os.path.dirname(os.path.abspath(__file__)), "loader.supp"), "--error-exitcode=9",
]
