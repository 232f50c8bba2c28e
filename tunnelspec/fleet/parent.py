"""What a worker process does when the process that started it has ended."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager, nullcontext
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess


def end_with_parent(busy: AbstractContextManager[object] | None = None) -> None:
    """End this process when the one that started it has ended, as soon as nobody holds `busy`.

    The queue from which an idle worker reads never ends by itself, since the other workers hold it open.
    """
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end, args=(parent, busy or nullcontext()), daemon=True).start()


def _end(parent: BaseProcess, busy: AbstractContextManager[object]) -> None:
    parent.join()
    with busy:
        os._exit(1)
