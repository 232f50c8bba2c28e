"""SARIF 2.1.0: every defect as a result at the line of the OpenAPI document that states what it breaks.

Schema and meaning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. A result is a
defect and not a case, so that a code scanning page has one alert for what is mended once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunnelspec.report import escape as visible
from tunnelspec.report.groups import Group, groups
from tunnelspec.report.summary import where

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"fail": "error", "wrong-error": "error", "warn": "warning", "known": "note", "missing": "note"}
#: Cases named in a result.
_MOST_NAMED = 50


def write(record: Mapping[str, Any], path: Path) -> None:
    """Write the defects as SARIF. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sarif(record), indent=1) + "\n", encoding="ascii")


def sarif(record: Mapping[str, Any]) -> dict[str, Any]:
    """The SARIF log of a record."""
    found = groups(record)
    rules = _rules(record, found)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
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
                        "rules": rules,
                    }
                },
                "automationDetails": {"id": f"tunnelspec/{_text(record['target']['service'], 100)}/"},
                "invocations": [
                    {
                        "executionSuccessful": not record["run"].get("stopped"),
                        "startTimeUtc": str(record["run"]["started"]).replace("+00:00", "Z"),
                    }
                ],
                "columnKind": "unicodeCodePoints",
                "results": [_result(group, index, lines) for group in found],
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

    def __init__(self, record: Mapping[str, Any]) -> None:
        contract = record.get("contract", {})
        self._file = str(contract.get("file") or "openapi")
        self._constraints = {row["name"]: int(row["line"]) for row in contract.get("constraints", ())}
        self._operations = {row["name"]: int(row["line"]) for row in contract.get("operations", ())}

    def location(self, group: Group) -> dict[str, Any]:
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


def _rules(record: Mapping[str, Any], found: list[Group]) -> list[dict[str, Any]]:
    known = record.get("contract", {}).get("rules", {})
    rules: dict[str, dict[str, Any]] = {}
    for group in found:
        finding = group.finding
        name = str(finding["check"])
        requirement = _text(known.get(name, {}).get("sentence") or group.requirement, 1000)
        rule = rules.setdefault(
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
    return list(rules.values())


def _result(group: Group, index: Mapping[str, int], lines: _Lines) -> dict[str, Any]:
    case, finding = group.example
    name = str(finding["check"])
    message = f"{where(group)}: {finding['level']} {finding['expected']}; observed: {finding['observed']}."
    again = str(finding["reproduce"]["curl"])
    return {
        "ruleId": name,
        "ruleIndex": index[name],
        "level": _LEVELS[group.kind],
        "message": {"text": _text(message, 1500)},
        "locations": [lines.location(group)],
        # The same defect keeps its alert from night to night, whatever its text says of this one.
        "partialFingerprints": {"defect/v1": _digest(group.key)},
        "occurrenceCount": len(group.shown_by),
        "properties": {
            "case": _text(case["id"], 300),
            "cases": [_text(shown["id"], 300) for shown, _ in group.shown_by[:_MOST_NAMED]],
            "kind": group.kind,
            "curl": again if len(again) <= 2000 else "",
            "sources": [cite["url"] for cite in finding["cites"]],
        },
    }


def _digest(key: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()


def _text(text: Any, longest: int) -> str:
    return visible.plain(str(text), longest)
