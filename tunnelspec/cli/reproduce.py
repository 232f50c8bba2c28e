"""`tunnelspec reproduce`: runs the Python program of one defect of the last run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from tunnelspec.cli.group import NO_VERDICT, PASSED, document_option, main, report_dir_option
from tunnelspec.cli.settings import where_options
from tunnelspec.client import resolve
from tunnelspec.contract import load
from tunnelspec.record import document as record
from tunnelspec.report.causes import causes
from tunnelspec.report.programs import MOST_DEFECTS, program
from tunnelspec.report.summary import title
from tunnelspec.runner.account import check_account
from tunnelspec.runner.settings import ConfigurationError, Settings


@main.command()
@click.argument("number", type=click.IntRange(1, MOST_DEFECTS))
@report_dir_option("tunnelspec-report")
@where_options
@document_option
def reproduce(number: int, report_dir: Path, settings: Settings, document: Path | None) -> None:
    """Reproduce one defect of the last run, by its number: show the requests and responses.

    The requests go to the endpoint of that run unless another is given. What they open is deleted.
    """
    run_record = record.read(report_dir / "record.json")
    defects = causes(run_record)
    if number > len(defects):
        count = f"there {'is' if len(defects) == 1 else 'are'} {len(defects) or 'none'}"
        raise ConfigurationError(f"There is no defect {number}: {count}.")
    path = report_dir / "reproduce" / program(number, defects[number - 1], ".py")
    if not path.is_file():
        raise ConfigurationError(f"There is no {path}: run `tunnelspec run` again.")
    endpoint = resolve(
        settings.endpoint_url or run_record["target"]["endpoint"],
        settings.region or run_record["target"]["region"],
        settings.profile,
        load(document).service,
        send_credentials_to=settings.send_credentials_to,
        ca_bundle=settings.ca_bundle,
    )
    if endpoint.is_aws:
        check_account(endpoint, settings)
    keys = endpoint.credentials
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key}
    environment["AWS_SESSION_TOKEN"] = keys.token or ""
    if endpoint.ca_bundle:
        environment["AWS_CA_BUNDLE"] = endpoint.ca_bundle
    click.echo(f"{number}. {title(defects[number - 1])}\n{path}\n")
    sys.stdout.flush()
    done = subprocess.run([sys.executable, "-P", str(path), endpoint.url], env=environment, check=False)
    sys.exit(PASSED if done.returncode == 0 else NO_VERDICT)
