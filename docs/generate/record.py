"""The JSON Schema of a run record, for programs that read one."""

from __future__ import annotations

import json
import re

from tunnelspec.contract import Contract
from tunnelspec.record.document import Record
from tunnelspec.record.validation import json_schema


def schema(contract: Contract) -> str:
    """`record.schema.json`, from the types by which records are validated; an innermost list or object is one line."""
    text = json.dumps({"title": "A tunnelspec run record, version 1", **json_schema(Record)}, indent=1)
    return re.sub(r"([\[{])\s+([^][{}]+?)\s+([]}])", lambda m: m[1] + " ".join(m[2].split()) + m[3], text) + "\n"
