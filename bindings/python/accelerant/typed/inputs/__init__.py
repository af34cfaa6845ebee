"""The inputs that all generated packages share."""
from .filters import *  # noqa: F401,F403
from .lists import *  # noqa: F401,F403
