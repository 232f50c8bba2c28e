"""CPU of the bundled emulator, in a process of its own, for each request of one kind."""

from __future__ import annotations

import http.client
import time
from statistics import median

from benchmarks import running
from benchmarks.performance.measure import table
from tunnelspec.client import Credentials, Endpoint, Signer
from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import full_body, minimal
from tunnelspec.exchange import Request
from tunnelspec.runner.encode import encode

REQUESTS = 1_000
_KEYS = Credentials("AKIDTUNNELSPECBENCH", "a-secret-key")
_OPERATIONS = ("ListTunnels", "OpenTunnel", "DescribeTunnel")


def emulator(contract: Contract, rounds: int) -> list[str]:
    """The table: requests per second of one core, and as one connection measures them."""
    rows = [_row(contract, name, rounds, verifying) for name in _OPERATIONS for verifying in (False, True)]
    head = ("operation", "signatures", "emulator CPU s per 1,000", "requests/s on one core", "requests/s, 1 connection")
    return table(head, rows)


def _row(contract: Contract, name: str, rounds: int, verifying: bool) -> tuple[object, ...]:
    operation = contract.operations[name]
    body = full_body(contract, name) if name == "OpenTunnel" else minimal(operation.input, live=False)
    arguments = ["--credentials", f"{_KEYS.access_key}:{_KEYS.secret_key}"] if verifying else []
    cpu, wall = [], []
    for _ in range(rounds):
        with running.emulator(*arguments) as (url, process):
            endpoint = Endpoint(url, "us-east-1", _KEYS, is_loopback=True, is_aws=False)
            signed = Signer(endpoint, contract.service).signed(encode(Request(name, body), contract, {}))
            connection = http.client.HTTPConnection(url.partition("//")[2])
            started, before = time.perf_counter(), running.cpu_s(process)
            for _ in range(REQUESTS):
                connection.request("POST", "/", signed.body, dict(signed.headers))
                connection.getresponse().read()
            cpu.append((running.cpu_s(process) - before) / REQUESTS)
            wall.append((time.perf_counter() - started) / REQUESTS)
            connection.close()
    each = median(cpu)
    return name, "verified" if verifying else "ignored", each * 1000, round(1 / each), round(1 / median(wall))
