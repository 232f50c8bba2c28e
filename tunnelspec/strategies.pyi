from strategies import *  # noqa: F403  (tells type checkers where the mapped package is)
