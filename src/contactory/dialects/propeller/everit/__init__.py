"""JSON schema violations in the words and the order of the Java library everit-org/json-schema.

A schema becomes one rule for each schema object that Everit makes of it: `{"type": "string", "enum": [..]}`
is two under an implied allOf, `{"type": [..]}` is an anyOf. Everit tries the parts of a combination in the
order of their Java hash codes, combinations first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from contactory.dialects.propeller.everit import java
from contactory.dialects.propeller.everit.failures import MAX_VIOLATIONS, Failure, messages
from contactory.dialects.propeller.everit.formats import is_email
from contactory.dialects.propeller.everit.java import OutOfRange
from contactory.dialects.propeller.everit.kinds import (
    KINDS,
    PLAIN_HASH,
    RANDOM_HASH,
    Check,
    Rule,
    Schema,
    canonical,
)

__all__ = ["MAX_VIOLATIONS", "OutOfRange", "is_email", "violations"]


def violations(schema: Schema, document: Any) -> list[str]:
    """Return the violations of a document, as `ValidationException.getAllMessages` lists them, at most
    MAX_VIOLATIONS; [] if it is valid.

    The schema must not be changed after its first use. Raises ValueError for a keyword that is not supported.
    """
    failure = _compiled(_SchemaKey(schema))(document)
    return [] if failure is None else messages(failure)


class _SchemaKey:
    """A schema as a cache key, by its id. It holds the schema, so that the id is not reused."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SchemaKey) and other.schema is self.schema


@lru_cache(maxsize=64)
def _compiled(key: _SchemaKey) -> Check:
    return _compile(key.schema).check


_COMBINING_KEYWORDS: Final = ("allOf", "anyOf", "oneOf")
_KEYWORDS: Final = {"type", "enum", "const", *_COMBINING_KEYWORDS}.union(
    *(kind.keywords for kind in KINDS.values())
)
_ANYTHING: Final = Rule(lambda _: None, PLAIN_HASH)
_NOTHING: Final = Rule(lambda _: Failure("false schema always fails"), PLAIN_HASH)


def _compile(schema: Schema | bool) -> Rule:
    if isinstance(schema, bool):
        return _ANYTHING if schema else _NOTHING
    if unknown := schema.keys() - _KEYWORDS:
        raise ValueError(f"schema keywords not supported: {', '.join(sorted(unknown))}")
    parts = list(_parts(schema))
    if len(parts) > 1:
        return _combined("allOf", parts, implied=True)
    return parts[0] if parts else _ANYTHING


def _parts(schema: Schema) -> Iterator[Rule]:
    if "enum" in schema:
        yield _enum(schema["enum"])
    for keyword in _COMBINING_KEYWORDS:
        if keyword in schema:
            yield _combined(keyword, map(_compile, schema[keyword]))
    if "const" in schema:
        yield _const(schema["const"])
    names = schema.get("type", [])
    if isinstance(names, str):
        names = [names]
        yield KINDS[names[0]].rule(schema, True, _compile)
    elif names:
        yield _combined("anyOf", [KINDS[name].rule(schema, True, _compile) for name in names])
    # The keywords of a kind that is not in `type` still apply to values of that kind.
    left = schema.keys() - frozenset[str]().union(*(KINDS[name].keywords for name in names))
    for name in ("array", "object", "number", "string"):
        if left & KINDS[name].keywords:
            yield KINDS[name].rule(schema, False, _compile)


def _verdict(keyword: str, tried: int, matched: int) -> str | None:
    if keyword == "allOf" and matched < tried:
        return f"only {matched} subschema matches out of {tried}"
    if keyword == "anyOf" and matched == 0:
        return f"no subschema matched out of the total {tried} subschemas"
    if keyword == "oneOf" and matched != 1:
        return f"{matched} subschemas matched instead of one"
    return None


def _combined(keyword: str, parts: Iterable[Rule], *, implied: bool = False) -> Rule:
    rules = sorted(parts, key=lambda rule: (not rule.combined, rule.hash_code))
    checks = [rule.check for rule in rules]
    passes = frozenset[type]().union(*(rule.passes for rule in rules)) if keyword == "anyOf" else frozenset()

    def check(value: Any) -> Failure | None:
        failures = [failure for check in checks if (failure := check(value)) is not None]
        text = _verdict(keyword, len(checks), len(checks) - len(failures))
        return None if text is None else Failure(f"#: {text}", failures)

    hashes = [rule.hash_code for rule in rules]
    hash_code = java.hash_all(PLAIN_HASH, hashes, RANDOM_HASH, implied)
    return Rule(check, hash_code, combined=True, passes=passes)


def _enum(values: Sequence[Any]) -> Rule:
    permitted = frozenset(map(canonical, values))

    def check(value: Any) -> Failure | None:
        if canonical(value) in permitted:
            return None
        return Failure(f"{java.text(value)} is not a valid enum value")

    return Rule(check, java.hash_all(PLAIN_HASH, list(values)))


def _const(permitted: Any) -> Rule:
    wanted = canonical(permitted)
    return Rule(lambda value: None if canonical(value) == wanted else Failure(""), PLAIN_HASH)
