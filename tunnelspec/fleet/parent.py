"""What a worker process does when the process that started it has ended."""

from __future__ import annotations

import os
import threading
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess


def end_with_parent(busy: threading.Lock) -> None:
    """End this process when the one that started it has ended, as soon as it is not `busy` any more.

    The queue from which an idle worker reads never ends by itself, since the other workers hold it open.
    """
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end, args=(parent, busy), daemon=True).start()


def _end(parent: BaseProcess, busy: threading.Lock) -> None:
    parent.join()
    with busy:
        os._exit(1)
