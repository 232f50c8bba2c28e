"""What a run must create, how it is deleted, and how one that was lost is found again (`x-resources`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Discovery:
    """How to find resources without a journal: list them, read their tags, and describe them.

    `items`, `page` and `created` are members of the list's responses; `tag_items` and `item` likewise. For `listed_s`
    seconds a list shows what has ended, None where no source says how long.
    """

    list: str
    items: str
    page: str
    created: str
    tags: str
    tags_body: Mapping[str, object]
    tag_items: str
    describe: str
    describe_body: Mapping[str, object]
    item: str
    listed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing that a run must create before other calls make sense (`x-resources`).

    `identifiers` maps the identifier's name to the member of the creation's response that carries it;
    in `delete_body` a value `{"$member": name}` stands for that identifier. `marks` are members that a
    creation for many cases has besides, with `{"$run": "id"}` for the id of the run, and `lasts_s` is
    the lifetime in seconds that they ask for, None if there is none.
    """

    name: str
    create: str
    create_body: Mapping[str, object]
    delete: str
    delete_body: Mapping[str, object]
    identifiers: Mapping[str, str]
    marks: Mapping[str, object] = field(default_factory=dict)
    lasts_s: float | None = None
    find: Discovery | None = None

    def marked(self, run: str, but: Collection[str]) -> dict[str, object]:
        """The body that creates one for a run to share, but for marks named as in this mapping."""
        marks = {name: _filled(value, "$run", {"id": run}) for name, value in self.marks.items()}
        return {**self.create_body, **{name: value for name, value in marks.items() if name not in but}}

    def named(self, body: Mapping[str, object], identifiers: Mapping[str, str]) -> dict[str, Any]:
        """A body of this resource's document with identifiers put in. Raises KeyError for a missing one."""
        filled: dict[str, object] = _filled(body, "$member", identifiers)
        return filled

    @property
    def tag(self) -> str:
        """The key of the tag that carries the run's id, or an empty text."""
        return next(_keys(self.marks), "")


def read_resource(name: str, raw: Mapping[str, Any]) -> Resource:
    """One row of `x-resources`. Raises KeyError for what it lacks."""
    create, delete = raw["create"], raw["delete"]
    return Resource(
        name=name,
        create=create["operation"],
        create_body=create.get("body", {}),
        delete=delete["operation"],
        delete_body=delete.get("body", {}),
        identifiers=raw["identifiers"],
        marks=create.get("marks", {}),
        lasts_s=_lasts_s(create),
        find=_find(raw["find"]) if "find" in raw else None,
    )


def _find(raw: Mapping[str, Any]) -> Discovery:
    listed, tags, described = raw["list"], raw["tags"], raw["describe"]
    return Discovery(
        list=listed["operation"],
        items=listed["items"],
        page=listed["page"],
        created=listed["created"],
        tags=tags["operation"],
        tags_body=tags["body"],
        tag_items=tags["items"],
        describe=described["operation"],
        describe_body=described["body"],
        item=described["item"],
        listed_s=_lasts_s(listed),
    )


def _lasts_s(raw: Mapping[str, Any]) -> float | None:
    minutes = raw.get("lasts-minutes")
    return None if minutes is None else minutes * 60.0


def _filled(value: Any, sign: str, values: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {sign}:
            return values[value[sign]]
        return {key: _filled(inner, sign, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, sign, values) for inner in value]
    return value


def _keys(value: Any) -> Any:
    """The keys of tags whose value is the run's id."""
    if isinstance(value, Mapping):
        if isinstance(value.get("value"), Mapping) and "$run" in value["value"]:
            yield str(value["key"])
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _keys(inner)
