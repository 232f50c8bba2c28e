from strategies import *  # noqa: F403  (shows type checkers where the mapped package is)
