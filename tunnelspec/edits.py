"""Small named changes of an identifier or a token that the target issued, so that requests can name what is not quite
there. Each is one regular expression, or a letter case, that Python and jq apply alike.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces the first match of `pattern`, or changes the case of its ASCII letters; `words` say what it makes.

    `of_name`: of an ARN it changes the tunnel's id alone, so that the result may be another tunnel's.
    """

    words: str
    pattern: str = ""
    replacement: str = ""
    case: str = ""
    of_name: bool = False

    def apply(self, value: str) -> str:
        """The changed value; the same value where the pattern matches nothing."""
        if self.case:
            return re.sub(self.pattern, lambda match: str(getattr(match[0], self.case)()), value, count=1)
        return re.sub(self.pattern, lambda match: self.replacement, value, count=1)

    def python(self, value: str) -> str:
        """A Python expression that changes the value of an expression."""
        if self.case:
            return f"re.sub({self.pattern!a}, lambda match: match[0].{self.case}(), {value}, count=1)"
        return f"re.sub({self.pattern!a}, {self.replacement!a}, {value}, count=1)"

    def jq(self, value: str) -> str:
        """A jq expression that does the same."""
        if self.case:
            changed = f".all | ascii_{'up' if self.case == 'upper' else 'down'}case"
            return f"({value} | sub({json.dumps(f'(?<all>{self.pattern})')}; {changed}))"
        return f"({value} | sub({json.dumps(self.pattern)}; {json.dumps(self.replacement)}))"


#: By name. Those of a part of an ARN count its parts from the right.
EDITS: dict[str, Edit] = {
    "longer": Edit("with one character more", "$", "0", of_name=True),
    "shorter": Edit("with one character less", ".$", "", of_name=True),
    "padded": Edit("with an equals sign after it", "$", "=", of_name=True),
    "fewer-hyphens": Edit("without its first hyphen", "(?<=[0-9a-zA-Z])-(?=[^/]*$)", "", of_name=True),
    "plus-for-hyphen": Edit("with a plus sign for its first hyphen", "(?<=[0-9a-zA-Z])-(?=[^/]*$)", "+", of_name=True),
    "prefix": Edit("without its last eight characters", ".{8}$", "", of_name=True),
    "upper-case": Edit("in upper case", "^[ -~]*", case="upper", of_name=True),
    "lower-case": Edit("in lower case", "^[ -~]*", case="lower", of_name=True),
    "upper-case-id": Edit("with its id in upper case", "[ -.0-~]*$", case="upper", of_name=True),
    "trailing-space": Edit("with a space after it", "$", " "),
    "leading-space": Edit("with a space before it", "^", " "),
    "trailing-newline": Edit("with a newline after it", "$", "\n"),
    "leading-newline": Edit("with a newline before it", "^", "\n"),
    "trailing-mark": Edit("with an exclamation mark after it", "$", "!"),
    "leading-mark": Edit("with an exclamation mark before it", "^", "!"),
    "query-behind": Edit("with a query after it", "$", "?a=b"),
    "fragment-behind": Edit("with a fragment after it", "$", "#a"),
    "url-encoded": Edit("with a character in URL encoding", "[:-]", "%3A"),
    "other-partition": Edit("with another partition", "^arn:[^:]*", "arn:aws-none"),
    "other-service": Edit("with another service", "[^:]*(?=:[^:]*:[^:]*:[^:]*$)", "s3"),
    "other-region": Edit("with another region", "[^:]*(?=:[^:]*:[^:]*$)", "xx-north-9"),
    "other-account": Edit("with another account", "[^:]*(?=:[^:]*$)", "999999999999"),
    "no-account": Edit("without an account", "[^:]*(?=:[^:]*$)", ""),
    "other-type": Edit("with another resource type", "[^:/]*(?=/[^/]*$)", "thing"),
    "no-type": Edit("without a resource type", "[^:/]*/(?=[^/]*$)", ""),
    "bare": Edit("without all that comes before the id", "^.*/", ""),
    "no-region": Edit("without a region", "[^:]*(?=:[^:]*:[^:]*$)", ""),
    "no-service": Edit("without a service", "[^:]*(?=:[^:]*:[^:]*:[^:]*$)", ""),
    "colon-for-slash": Edit("with a colon for its slash", "/(?=[^/]*$)", ":"),
    "path-behind": Edit("with a path after it", "$", "/a"),
    "doubled-slash": Edit("with two slashes", "/(?=[^/]*$)", "//"),
    "colon-behind": Edit("with a colon and a letter after it", "$", ":a", of_name=True),
    "plus-behind": Edit("with a plus sign after it", "$", "+", of_name=True),
    "trailing-slash": Edit("with a slash after it", "$", "/"),
    "longer-service": Edit("with a longer service", "(?=:[^:]*:[^:]*:[^:]*$)", "x"),
    # botocore's model has it as `arnNamespace`; no ARN of AWS does.
    "model-service": Edit("with the model's service", "[^:]*(?=:[^:]*:[^:]*:[^:]*$)", "iotsecuredtunneling"),
    # What every object of JavaScript has, and so a map that is one.
    "constructor": Edit("with constructor for its id", "[^/]*$", "constructor", of_name=True),
    "prototype": Edit("with __proto__ for its id", "[^/]*$", "__proto__", of_name=True),
}
