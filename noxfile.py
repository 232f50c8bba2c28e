"""Sessions for development: `nox` runs what CI runs, `nox -s NAME` one of them."""

from __future__ import annotations

import nox

nox.options.sessions = ["style", "types", "layers", "tests", "wheel"]
nox.options.reuse_existing_virtualenvs = True


@nox.session
def style(session: nox.Session) -> None:
    """Ruff: lint and format."""
    session.install("ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """mypy in strict mode."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session
def layers(session: nox.Session) -> None:
    """The direction of imports."""
    session.install("-e", ".[dev]")
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """The suite against the embedded emulator, and the tests of ourselves."""
    session.install("-e", ".[dev]")
    session.run("pytest", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """The built wheel, installed elsewhere, judges an endpoint by both fronts."""
    session.install("build")
    temporary = session.create_tmp()
    session.run("python", "-m", "build", "--wheel", "--outdir", temporary)
    wheel_file = next(p for p in sorted(__import__("pathlib").Path(temporary).glob("*.whl")))
    session.install("--force-reinstall", str(wheel_file))
    session.chdir(temporary)
    session.run("tunnelspec", "run")
    session.run("pytest", "-q", "-p", "no:schemathesis", "--pyargs", "tunnelspec.suite")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Generation and request rates, side by side with stock tools. Not part of CI."""
    session.install("-e", ".[dev]")
    session.run("python", "benchmarks/generation.py")
    session.run("python", "benchmarks/requests_per_second.py")
