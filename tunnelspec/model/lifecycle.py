"""The lifecycle of a tunnel: by call and status, whether the call must succeed, and the status that follows.

Where AWS's sources are silent, either outcome conforms: a call that changes a CLOSED tunnel, and a second CloseTunnel
after `delete`. Rotating the tokens of a tunnel to which nothing ever connected may be forbidden by that: AWS's own
acceptance tests allow for its rejection.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """The status of a tunnel. DELETED has no name in the API: the tunnel is unknown."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    DELETED = "DELETED"


class Expectation(StrEnum):
    """What a call must do. CONDITIONAL: success, or an error which says that the state of the tunnel forbids it;
    EITHER: success and any 4xx conform."""

    ACCEPT = "accept"
    CONDITIONAL = "conditional"
    NOT_FOUND = "not-found"
    REJECT = "reject"
    EITHER = "either"


class Transition(NamedTuple):
    """What a call must do, and the status of the tunnel if it succeeds."""

    expectation: Expectation
    next: Status


_ACCEPT, _EITHER, _NOT_FOUND = Expectation.ACCEPT, Expectation.EITHER, Expectation.NOT_FOUND
_OPEN, _CLOSED, _DELETED = Status
_UNKNOWN = Transition(_NOT_FOUND, _DELETED)
_READ = {_OPEN: Transition(_ACCEPT, _OPEN), _CLOSED: Transition(_ACCEPT, _CLOSED), _DELETED: _UNKNOWN}
_CHANGE = {_OPEN: Transition(_ACCEPT, _OPEN), _CLOSED: Transition(_EITHER, _CLOSED), _DELETED: _UNKNOWN}

#: By call, then by the status before it.
LIFECYCLE: Mapping[str, Mapping[Status, Transition]] = {
    "DescribeTunnel": _READ,
    "ListTagsForResource": {**_READ, _CLOSED: Transition(_EITHER, _CLOSED)},
    "CloseTunnel": {
        _OPEN: Transition(_ACCEPT, _CLOSED),
        _CLOSED: Transition(_EITHER, _CLOSED),
        _DELETED: Transition(_EITHER, _DELETED),
    },
    "CloseTunnel, delete": {
        _OPEN: Transition(_ACCEPT, _DELETED),
        _CLOSED: Transition(_EITHER, _DELETED),
        _DELETED: Transition(_EITHER, _DELETED),
    },
    "TagResource": _CHANGE,
    "UntagResource": _CHANGE,
    "RotateTunnelAccessToken": {**_CHANGE, _OPEN: Transition(Expectation.CONDITIONAL, _OPEN)},
}
