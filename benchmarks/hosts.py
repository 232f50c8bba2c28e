"""Runs the suite at quick against the bundled service on the web servers that people use, and writes docs/hosts.md.

`nox -s hosts` installs those of Python; reverse proxies (nginx, HAProxy …) are tried where they are on the PATH. The
service conforms, so that each finding is one about the server: HTTP is all that it adds. Give names to run some.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.hosted import HOSTS
from benchmarks.servers import Result, Server, main
from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, serve

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "hosts.md"
#: Programs that forward to the service: their command, and the text of their configuration.
PROXIES: dict[str, tuple[tuple[str, ...], str]] = {
    "nginx": (
        ("nginx", "-c", "{file}", "-g", "daemon off; pid {directory}/pid;"),
        """events {{}}
http {{ access_log off; error_log stderr; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{service}; }} }} }}""",
    ),
    "HAProxy": (
        ("haproxy", "-f", "{file}"),
        """defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
listen service
  bind 127.0.0.1:{port}
  server service 127.0.0.1:{service}
""",
    ),
    "Apache": (
        ("apache2", "-X", "-f", "{file}"),
        """ServerRoot {directory}
DefaultRuntimeDir {directory}
PidFile {directory}/pid
ErrorLog {directory}/errors
Listen 127.0.0.1:{port}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
ProxyPass / http://127.0.0.1:{service}/
""",
    ),
    "lighttpd": (
        ("lighttpd", "-D", "-f", "{file}"),
        """server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{directory}"
server.upload-dirs = ("{directory}")
server.modules = ("mod_proxy")
proxy.server = ("" => (("host" => "127.0.0.1", "port" => {service})))
""",
    ),
    "Varnish": (
        ("varnishd", "-F", "-a", "127.0.0.1:{port}", "-n", "{directory}/work", "-f", "{file}"),
        """vcl 4.1;
backend default {{ .host = "127.0.0.1"; .port = "{service}"; }}
""",
    ),
    "Squid": (
        ("squid", "-N", "-f", "{file}"),
        """http_port 127.0.0.1:{port} accel defaultsite=127.0.0.1 no-vhost
cache_peer 127.0.0.1 parent {service} 0 no-query originserver
http_access allow all
cache deny all
access_log none
cache_log {directory}/log
pid_filename {directory}/pid
coredump_dir {directory}
""",
    ),
    "Caddy": (
        ("caddy", "run", "--adapter", "caddyfile", "--config", "{file}"),
        """{{
 admin off
 auto_https off
}}
http://127.0.0.1:{port} {{
 reverse_proxy 127.0.0.1:{service}
}}
""",
    ),
}


def hosted(name: str) -> Server:
    """The service on a web server."""
    command = [sys.executable, "-m", "benchmarks.hosted", name]
    return Server(name, "", lambda port, _: [*command, str(port)] if version_of(name) else None, folder=ROOT)


def behind(name: str, service: str) -> Server:
    """A proxy before the service at this port."""
    command, text = PROXIES[name]

    def start(port: int, directory: Path) -> list[str] | None:
        file = directory / "configuration"
        values = {"port": port, "service": service, "directory": directory, "file": file}
        file.write_text(text.format(**values), encoding="utf-8")
        return [part.format(**values) for part in command] if version_of(name) else None

    return Server(name, "", start)


def version_of(name: str) -> str | None:
    """The version of a server, None if it is not installed."""
    if name in PROXIES:
        program = PROXIES[name][0][0]
        option = "version" if program == "caddy" else "-V" if program == "varnishd" else "-v"
        if shutil.which(program) is None:
            return None
        said = subprocess.run([program, option], capture_output=True, text=True, check=False)
        numbers = re.search(r"\d+\.\d+(\.\d+)?", said.stdout + said.stderr)
        return numbers[0] if numbers else "?"
    package = name.partition(",")[0]
    try:
        return version(package)
    except PackageNotFoundError:
        return sys.version.split()[0] if package in ("http.server", "wsgiref") else None


def page(results: Mapping[str, Result | None]) -> str:
    """docs/hosts.md."""
    lines = [
        "# Web servers",
        "",
        "Written by `nox -s hosts`: the suite at quick, against the bundled service on web servers that people use,",
        "and behind reverse proxies in their simplest configuration. The service conforms to the API contract, so",
        "that what is reported is about HTTP: each requirement is one of RFC 9110 or RFC 9112, and applies to the",
        "server and to the few lines between it and the service. A server of HTTP/1.0 is tested on what that has.",
        "",
        "| server | version | passed | failed | warned | skipped | requirements that are violated |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, result in results.items():
        if result is not None:
            texts = dict.fromkeys(f"{level}: {text}" for level, _, text, _ in result.findings)
            figures = result.cells("pass", "fail", "warn", "skipped")
            lines.append(f"| {name} | {version_of(name)} | {figures} | {'; '.join(texts)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    with serve(Emulator(load())) as service:
        servers = [*map(hosted, HOSTS), *(behind(name, service.url.rpartition(":")[2]) for name in PROXIES)]
        main(servers, PAGE, page)
