from tests.conformance import *  # noqa: F403  (tells type checkers where the mapped package is)
