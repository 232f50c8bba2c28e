"""The sentences that the model holds an answer to, each with the sources that promise it."""

from __future__ import annotations

from dataclasses import dataclass

from tunnelspec.verdict import Level


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence about behaviour. `cites` are ids of the document's `x-sources`."""

    id: str
    sentence: str
    cites: tuple[str, ...]
    level: Level = Level.MUST


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An answer breaks a rule: what the rule expects here, and what was told instead.

    Neither text ever holds an access token.
    """

    rule: Rule
    expected: str
    observed: str


#: Every rule by id.
RULES: dict[str, Rule] = {}


def _rule(name: str, sentence: str, *cites: str) -> Rule:
    made = RULES[name] = Rule(name, sentence, cites)
    return made


ACCEPTED = _rule("behaviour/accepted", "A valid call on an open tunnel does what it says.", "model")

NEW = _rule("lifecycle/new", "Each OpenTunnel makes a tunnel of its own, with its own id and ARN.", "api-reference")
SAME = _rule("lifecycle/same", "A tunnel keeps the id and the ARN with which it was opened.", "api-reference")
OPEN = _rule("lifecycle/open", "A tunnel is OPEN until it is closed or its time is over.", "lifecycle")
CLOSED = _rule("lifecycle/closed", "A closed tunnel is CLOSED, and is never opened again.", "lifecycle")
GONE = _rule("lifecycle/gone", "A deleted tunnel is unknown: ResourceNotFoundException.", "model", "api-reference")
KEPT = _rule("lifecycle/kept", "A tunnel can be described until it is deleted, closed or not.", "lifecycle")
CONNECTION = _rule("lifecycle/connection", "An end that never connected is DISCONNECTED.", "lifecycle")
DESCRIPTION = _rule("lifecycle/description", "A tunnel's description is the text it was given.", "api-reference")
DESTINATION = _rule("lifecycle/destination", "A tunnel's destination is the one it was given.", "api-reference")
TIMEOUT = _rule("lifecycle/timeout", "A tunnel's lifetime is the one it was given.", "api-reference")
DEFAULT = _rule("lifecycle/default-timeout", "A lifetime that was not given is the documented one.", "model")
SECONDS = _rule("lifecycle/seconds", "Times are told in seconds since 1970.", "model", "smithy-awsjson")
CREATED = _rule("lifecycle/created", "The time of a tunnel's creation never changes.", "api-reference")
ORDERED = _rule("lifecycle/ordered", "A tunnel is not updated before it was created.", "api-reference")
UPDATED = _rule("lifecycle/updated", "The time of the last update never goes back.", "api-reference")

NON_EMPTY = _rule("tokens/non-empty", "An access token is not empty.", "api-reference")
SIDES = _rule("tokens/sides", "Source and destination have tokens of their own.", "api-reference")
NEW_TOKENS = _rule("tokens/new", "A new tunnel has tokens that were never issued before.", "api-reference")
ROTATED = _rule("tokens/rotated", "A rotation returns tokens that were never issued before.", "rotate-reference")
EXACTLY = _rule("tokens/exactly", "A rotation returns the tokens of the chosen ends alone.", "rotate-reference")
ROTATED_ARN = _rule("tokens/arn", "A rotation returns the ARN of its tunnel.", "rotate-reference")

LISTED = _rule("listing/listed", "A list holds every open tunnel that it is asked for.", "model", "api-reference")
LISTED_CLOSED = _rule("listing/closed", "A list holds closed tunnels too, until they are deleted.", "lifecycle")
DELETED = _rule("listing/deleted", "A list holds no deleted tunnel.", "api-reference")
NEWEST = _rule("listing/newest-first", "A list goes from the newest tunnel to the oldest.", "model", "api-reference")
FILTER = _rule("listing/filter", "A list for a thing holds tunnels to that thing alone.", "api-reference")
SIZE = _rule("listing/size", "A page holds at most as many tunnels as asked for.", "api-reference")
DISJOINT = _rule("listing/disjoint", "No tunnel is on two pages of one list.", "api-reference")
ENDS = _rule("listing/ends", "A list ends: its last page has no page token.", "model", "api-reference")
STATUS = _rule("listing/status", "A list tells a tunnel's status as it is now.", "api-reference")
TEXT = _rule("listing/description", "A list tells a tunnel's description.", "api-reference")
AGREES = _rule("listing/agrees", "A list tells of a tunnel what DescribeTunnel tells.", "api-reference")
UNISSUED = _rule("listing/foreign-token", "A page token that no answer gave is refused.", "api-reference")

STORED = _rule("tags/stored", "A tag keeps the value that it was last given.", "tagging", "api-reference")
REMOVED = _rule("tags/removed", "A tag that was removed is gone.", "api-reference")
NOTHING_ELSE = _rule("tags/nothing-else", "A tunnel has the tags that it was given and no others.", "tagging")
ONE_EACH = _rule("tags/one-each", "A key is there once.", "tagging")
BOTH = _rule("tags/both", "DescribeTunnel tells the tags that ListTagsForResource tells.", "api-reference")
