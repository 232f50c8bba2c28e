"""What a run leaves in targets that delete in their own way, or open more than was asked for."""

from __future__ import annotations

from pathlib import Path

from tunnelspec.contract import Contract
from tunnelspec.emulator import ApiError, Emulator, Params, serve

from .accounts import RUN, opened, state
from .command import tunnelspec


class Twice(Emulator):
    """Opens a second tunnel for each OpenTunnel, as behind a proxy that sends requests again."""

    def open_tunnel(self, params: Params) -> Params:
        """OpenTunnel, twice."""
        super().open_tunnel(params)
        return super().open_tunnel(params)


def test_what_no_response_named_is_reported(tmp_path: Path, contract: Contract) -> None:
    """A target that opens two tunnels for one request leaves the second, and the run says how many there are."""
    emulator = Twice(contract)
    opened(emulator)
    with serve(emulator) as server:
        where = ("--endpoint-url", server.url, "--select", "lifecycle/OpenTunnel/a-tunnel-each")
        done = tunnelspec("run", *where, cwd=tmp_path)
    left = len(state(emulator)) - 2
    assert left > 0
    assert f"{left} resources that no response named appeared during the run" in " ".join(done.stdout.split())


class ClosedFirst(Emulator):
    """Deletes only what is CLOSED."""

    def close_tunnel(self, params: Params) -> Params:
        """CloseTunnel; `delete` is rejected for an OPEN tunnel."""
        if params.get("delete") and self.find(params["tunnelId"]).status == "OPEN":
            raise ApiError("ValidationException", "Close the tunnel before it is deleted")
        return super().close_tunnel(params)


def test_what_is_deleted_only_when_closed_is_closed_first(tmp_path: Path, contract: Contract) -> None:
    """A run leaves nothing in such a target, and a sweep neither."""
    emulator = ClosedFirst(contract)
    with serve(emulator) as server:
        tunnelspec("run", "--endpoint-url", server.url, "--select", "tags/TagResource/*", cwd=tmp_path)
        assert state(emulator) == {}
        opened(emulator, tags=[{"key": "tunnelspec-run", "value": RUN}])
        where = ("--endpoint-url", server.url, "--run-id", RUN)
        assert tunnelspec("sweep", *where, "--apply", cwd=tmp_path).returncode == 0
    assert state(emulator) == {}
