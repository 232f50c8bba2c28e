"""Keeps secrets out of the logs of this program and of the libraries that it sends with."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOGGERS = ("urllib3", "botocore", "boto3", "requests", "requests_aws4auth", "http", "tunnelspec")


@contextmanager
def quiet_logs(redact: Callable[[str], str]) -> Iterator[None]:
    """While it lasts, no log record of these loggers holds a secret, at whatever level and handler."""
    usual = logging.getLogRecordFactory()

    def redacting(*args: object, **options: object) -> logging.LogRecord:
        record = usual(*args, **options)
        if record.name.split(".")[0] in _LOGGERS:
            record.msg, record.args = redact(record.getMessage()), ()
            if record.exc_info and record.exc_info[0] is not None:
                record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)))
                record.exc_info = None
        return record

    logging.setLogRecordFactory(redacting)
    try:
        yield
    finally:
        logging.setLogRecordFactory(usual)
