"""SARIF 2.1.0: every defect as a result at the line of the OpenAPI document that states what it violates.

Schema and meaning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. A result is a
defect and not a case, so that a code scanning page has one alert for what is fixed once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from tunnelspec.record.document import Record
from tunnelspec.report import escape
from tunnelspec.report.causes import Cause, causes
from tunnelspec.report.facts import constraint_rows, document_file, rules
from tunnelspec.report.summary import requirement, title, where

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"fail": "error", "wrong-error": "error", "warn": "warning", "known": "note", "missing": "note"}
#: Cases named in a result.
_MOST_NAMED = 50


def render(record: Record) -> str:
    """The defects as SARIF."""
    return json.dumps(sarif(record), indent=1) + "\n"


def sarif(record: Record) -> dict[str, object]:
    """The SARIF log of a record."""
    defects = causes(record)
    reported = _rules(record, defects)
    index = {str(rule["id"]): number for number, rule in enumerate(reported)}
    lines = _Lines(record)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "tunnelspec",
                        "version": str(record["suite"]["version"]),
                        "rules": reported,
                    }
                },
                "automationDetails": {"id": f"tunnelspec/{_text(record['target'].get('service', ''), 100)}/"},
                "invocations": [
                    {
                        "executionSuccessful": not record["run"].get("stopped"),
                        "startTimeUtc": str(record["run"]["started"]).replace("+00:00", "Z"),
                    }
                ],
                "columnKind": "unicodeCodePoints",
                "results": [_result(record, cause, index, lines) for cause in defects],
                "properties": {
                    "endpoint": _text(record["target"]["endpoint"], 300),
                    "seed": record["run"]["seed"],
                    "depth": record["run"]["depth"],
                    "totals": dict(record["totals"]),
                },
            }
        ],
    }


class _Lines:
    """Where in the document a defect is to be shown. A record without lines points at its beginning."""

    def __init__(self, record: Record) -> None:
        contract = record.get("contract")
        operations = contract.get("operations", []) if contract else []
        self._file = document_file(record) or "openapi"
        self._constraints = {row["name"]: row["line"] for row in constraint_rows(record)}
        self._operations = {row["name"]: row["line"] for row in operations}

    def location(self, group: Cause) -> dict[str, object]:
        """The line of the constraint at stake, else that of the first operation that shows the defect."""
        operation = group.operations[0]
        line = self._constraints.get(group.constraint) or self._operations.get(operation) or 1
        return {
            "physicalLocation": {
                "artifactLocation": {"uri": self._file, "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": line},
            },
            "logicalLocations": [
                {
                    "name": operation,
                    "fullyQualifiedName": _text(group.constraint or operation, 300),
                    "kind": "member",
                }
            ],
        }


def _rules(record: Record, found: list[Cause]) -> list[dict[str, object]]:
    known = rules(record)
    found_rules: dict[str, dict[str, object]] = {}
    for group in found:
        finding = group.finding
        name = str(finding["check"])
        requirement = _text(known[name]["sentence"] if name in known else group.title, 1000)
        rule = found_rules.setdefault(
            name,
            {
                "id": name,
                "shortDescription": {"text": requirement},
                "fullDescription": {"text": requirement},
                "help": {"text": requirement},
                "defaultConfiguration": {"level": _LEVELS[group.kind]},
                "properties": {"tags": ["contract", str(finding["axis"])]},
            },
        )
        url = next((cite["url"] for cite in finding["cites"] if cite["url"].startswith("https://")), None)
        if url and "helpUri" not in rule:
            rule["helpUri"] = url
    return list(found_rules.values())


def _result(record: Record, group: Cause, index: Mapping[str, int], lines: _Lines) -> dict[str, object]:
    case, finding = group.example
    name = str(finding["check"])
    wanted = f"{finding['level']} {requirement(record, finding)}"
    message = f"{title(group)}. {where(group)}: {wanted}; observed: {finding['observed']}."
    curl = str(finding["reproduce"]["curl"])
    return {
        "ruleId": name,
        "ruleIndex": index[name],
        "level": _LEVELS[group.kind],
        "message": {"text": _text(message, 1500)},
        "locations": [lines.location(group)],
        # The same defect keeps its alert from night to night, whatever its text says of this one.
        "partialFingerprints": {"defect/v1": _digest(group.key)},
        "occurrenceCount": len(group.cases),
        "properties": {
            "case": _text(case["id"], 300),
            "cases": [_text(shown["id"], 300) for shown in group.cases[:_MOST_NAMED]],
            "kind": group.kind,
            "curl": curl if len(curl) <= 2000 else "",
            "sources": [cite["url"] for cite in finding["cites"]],
        },
    }


def _digest(key: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()


def _text(text: object, longest: int) -> str:
    return escape.plain(str(text), longest)
