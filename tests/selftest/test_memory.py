"""What a long run holds in memory for each of its requests."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from hypothesis.strategies import SearchStrategy

from tunnelspec.client import Journal, Origin
from tunnelspec.client.fingerprint import Fingerprints, fingerprints
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, Params, serve
from tunnelspec.exchange import Exchange, RawRequest, Request, Response
from tunnelspec.ownership.digest_set import DigestSet
from tunnelspec.ownership.owned import Ownership
from tunnelspec.runner import creations
from tunnelspec.runner.case import Case, CaseSettings
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.runner.issued import Issue, IssuedValues
from tunnelspec.runner.search import search_case
from tunnelspec.runner.search_settings import search_settings
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import open_target
from tunnelspec.schemathesis import generation
from tunnelspec.strategies import violations
from tunnelspec.verdict import Outcome


@pytest.fixture
def tracing() -> Iterator[None]:
    """Python's allocations are counted meanwhile."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


def _held(count: int, one: Callable[[int], object]) -> float:
    """The bytes that each of so many calls leaves allocated, after a tenth as many that are not counted."""
    for number in range(count // 10):
        one(number)
    before, _ = tracemalloc.get_traced_memory()
    for number in range(count // 10, count // 10 + count):
        one(number)
    after, _ = tracemalloc.get_traced_memory()
    return (after - before) / count


def _reject(journal: Journal, number: int) -> None:
    body = b'{"description": "%d", "tags": [{"key": "k", "value": "%d"}], "timeoutConfig": {}}' % (number, number)
    journal.unknown(journal.creating("tunnel", body), f"status {400}", 400)


@pytest.mark.usefixtures("tracing")
def test_a_rejected_request_takes_little_in_the_journal(tmp_path: Path) -> None:
    """Its entry is open until the run ends, with the digests of its members."""
    journal = Journal(tmp_path / "journal.jsonl", Origin("00112233445566aa", "http://x", "us-east-1", lasting=False))
    assert _held(2000, lambda number: _reject(journal, number)) < 550
    last = journal.open_entries()[-1]
    assert last.requested == fingerprints(b'{"description": "2199", "tags": [{"value": "2199", "key": "k"}],'
                                          b' "timeoutConfig": {}}')  # fmt: skip
    assert last.why == "status 400"


@pytest.mark.usefixtures("tracing")
def test_a_deleted_resource_takes_little_in_the_journal(tmp_path: Path) -> None:
    """Its entry is open until a list shows that it is gone, and is found by its identifiers until then."""
    journal = Journal(tmp_path / "journal.jsonl", Origin("00112233445566aa", "http://x", "us-east-1", lasting=False))

    def names(number: int) -> dict[str, str]:
        return {"tunnelId": f"{number:036}", "tunnelArn": f"arn:aws:iot:us-east-1:123456789012:tunnel/{number:036}"}

    def delete(number: int) -> None:
        journal.created(journal.creating("tunnel", b'{"description": "d"}'), names(number))
        journal.closing(names(number))

    assert _held(2000, delete) < 1200
    again = journal.creating("tunnel", b"{}")
    journal.created(again, names(2199))
    journal.closed(names(2199), "a list")
    journal.closed({"tunnelId": names(2198)["tunnelId"]}, "a list")
    assert [entry.number for entry in journal.open_entries()] == list(range(1, 2200))


@pytest.mark.parametrize("still_shown", [False, True], ids=["gone", "still shown"])
def test_deletions_are_settled_on_the_way(
    still_shown: bool, contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One list settles many, and only what it does not show."""
    monkeypatch.setattr(creations, "_SETTLED_AT", 20)
    listed: list[int] = []

    class Target(Emulator):
        def list_tunnels(self, params: Params) -> Params:
            listed.append(1)
            return super().list_tunnels(params)

        def close_tunnel(self, params: Params) -> Params:
            return {} if still_shown else super().close_tunnel(params)

    with (
        serve(Target(contract)) as server,
        open_target(Settings(server.url), contract, tmp_path / "journal.jsonl") as target,
    ):
        session = target.make_session()
        for _ in range(39):
            session.send(Request("OpenTunnel", {}))
        assert len(listed) == 2  # before the first creation, too
        assert len(target.journal.own_entries()) == (39 if still_shown else 19)
        session.send(Request("OpenTunnel", {}))
        assert len(target.journal.own_entries()) == (40 if still_shown else 0)


@pytest.mark.usefixtures("tracing")
def test_the_journal_is_replaced_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of megabytes is never in memory."""
    journal = Journal(tmp_path / "journal.jsonl", Origin("00112233445566aa", "http://x", "us-east-1", lasting=False))
    for number in range(1200):
        _reject(journal, number)
    inode, size = journal.path.stat().st_ino, journal.path.stat().st_size
    monkeypatch.setattr(journal, "_compact_at", size)
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    _reject(journal, 1200)
    _, peak = tracemalloc.get_traced_memory()
    assert journal.path.stat().st_ino != inode
    assert peak - before < size / 5
    entries = journal.open_entries()
    journal.close()
    assert len(entries) == 1201
    assert Journal(journal.path, journal.origin).read() == []  # of a target that ended


@pytest.mark.usefixtures("tracing")
def test_what_was_issued_takes_little(contract: Contract) -> None:
    """A request id, of which every response has one, and the identifiers of what was created."""
    issued, ownership = IssuedValues(), Ownership("00112233445566aa")

    def respond(number: int) -> None:
        raw = RawRequest(b"{}", "ListTunnels", ())
        response = Response(200, (("x-amzn-requestid", f"id-{number}"),), b"{}")
        issued.note(Exchange(raw, raw, response), contract)

    assert _held(3000, respond) < 25
    assert issued.counts[Issue.REQUEST_ID] == 3300
    assert not issued.repeated
    respond(17)
    assert issued.repeated.keys() == {Issue.REQUEST_ID}
    assert _held(3000, lambda number: ownership.register({"tunnelId": f"t-{number}"})) < 25
    assert ownership.may_touch({"tunnelId": "t-3299"})
    assert not ownership.may_touch({"tunnelId": "t-3300"})


def test_a_set_of_digests_is_a_set() -> None:
    """With values that share their last byte, and with those at the ends of the range."""
    drawn = random.Random(1)
    values = {drawn.randrange(-(2**63), 2**63) for _ in range(2000)} | {256 * n for n in range(-50, 50)}
    values |= {-(2**63), 2**63 - 1, 0, -1}
    digests = DigestSet()
    for value in [*values, *values]:
        digests.add(value)
    assert all(value in digests for value in values)
    assert not any(value + 1 in digests for value in values - {2**63 - 1} if value + 1 not in values)


def test_digests_of_members_are_a_mapping() -> None:
    """The same as a dictionary of them; what is no digest is refused."""
    plain = fingerprints(b'{"a": 1, "b": [2], "c": null}')
    assert plain is not None
    digests = Fingerprints(plain)
    assert digests == plain
    assert dict(digests) == plain
    assert digests.get("d") is None
    assert Fingerprints({}) == {}
    for wrong in ("", "0" * 15, "G" * 16, "A" * 16, "0 " * 8):
        with pytest.raises(ValueError, match="digests"):
            Fingerprints({**plain, "e": wrong})


def test_schemathesis_loads_a_document_once(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps megabytes of validators for each document that it loads."""
    loaded: list[object] = []
    load = schemathesis.openapi.from_dict

    def counted(raw: dict[str, object]) -> object:
        loaded.append(raw)
        return load(raw)

    monkeypatch.setattr(schemathesis.openapi, "from_dict", counted)
    generation._operations.cache_clear()
    for operation in (*contract.operations, *contract.operations):
        generation.requests(contract, operation)
    assert len(loaded) == 1


def test_a_search_leaves_no_strategies(contract: Contract) -> None:
    """Hypothesis forgets those of earlier searches, with all that they hold."""

    def left(seed: int) -> int:
        search = search_case(partial(violations.requests, contract, "OpenTunnel"))
        settings = CaseSettings(2, seed)
        run, _ = run_in_process(
            contract, [Case("search", "OpenTunnel", "constraints", "No finding.", (), search, settings=settings)]
        )
        assert [item.outcome for item in run.results] == [Outcome.PASS]
        gc.collect()
        return sum(isinstance(thing, SearchStrategy) for thing in gc.get_objects())

    gc.freeze()  # what is there already need not be looked through each time
    try:
        first, *others = [left(seed) for seed in range(4)]
    finally:
        gc.unfreeze()
    assert max(others) < first + 100


def test_a_search_sends_the_same_after_others(contract: Contract) -> None:
    """What is forgotten, and what is kept, changes no request."""

    def drawn() -> list[object]:
        bodies: list[object] = []

        @search_settings(20, shrink=False)
        @hypothesis.seed(3)
        @hypothesis.given(generation.requests(contract, "ListTunnels"))
        def search(request: Request) -> None:
            bodies.append(request.body)

        search()
        return bodies

    assert drawn() == drawn()
