"""The rules of the validator for each kind of JSON value: strings, numbers, arrays, objects."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from contactory.dialects.propeller.everit import java
from contactory.dialects.propeller.everit.failures import Collector, Failure, combine
from contactory.dialects.propeller.everit.formats import FORMATS

Schema = Mapping[str, Any]
Check = Callable[[Any], Failure | None]
Test = Callable[[Any], str | None]
Step = Callable[[Any, list[Failure]], None]


class Rule(NamedTuple):
    """A check, with the hash code of Everit's schema object, which decides the order of checks.

    `passes`: types of value that need no check, since all their values pass.
    """

    check: Check
    hash_code: int
    combined: bool = False
    passes: frozenset[type] = frozenset()


Compile = Callable[["Schema | bool"], Rule]

PLAIN_HASH: Final = java.hash_all(*[None] * 8)
# Java's hash codes of a pattern, of a format and of "no format" are random, from 0 to 2**31. With the middle
# of that range instead, each comparison has the result that is likelier in Java.
RANDOM_HASH: Final = 2**30


class Kind(NamedTuple):
    """The keywords for values of a kind, and the function that makes its rule of (schema, required, compile).

    Values of other kinds pass if `required` is false.
    """

    keywords: frozenset[str]
    rule: Callable[[Schema, bool, Compile], Rule]


def canonical(value: Any) -> Hashable:
    """Return an object that is equal for equal JSON values (1 equals 1.0). It keeps a stack of its own, since
    a document may be nested deeper than Python's calls."""
    tokens: list[Hashable] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            names = sorted(item)
            tokens.append(("object", *names))
            waiting.extend(item[name] for name in names)
        elif isinstance(item, list):
            tokens.append(("array", len(item)))
            waiting.extend(item)
        else:
            tokens.append((isinstance(item, bool), item))
    return tuple(tokens)


def _scalar(
    expected: str, accepted: frozenset[type], tests: Sequence[Test], required: bool, hash_code: int
) -> Rule:
    def check(value: Any) -> Failure | None:
        if type(value) not in accepted:
            return _mistyped(expected, value) if required else None
        return combine([Failure(text) for test in tests if (text := test(value)) is not None])

    return Rule(check, hash_code, passes=frozenset() if tests else accepted)


def _container(expected: str, accepted: type, steps: Iterable[Step], required: bool) -> Check:
    steps = tuple(steps)

    def check(value: Any) -> Failure | None:
        if type(value) is not accepted:
            return _mistyped(expected, value) if required else None
        failures: list[Failure] = []
        for step in steps:
            step(value, failures)
        return combine(failures)

    return check


def _mistyped(expected: str, value: Any) -> Failure:
    return Failure(f"expected type: {expected}, found: {java.type_name(value)}")


def _null(*_: object) -> Rule:
    def check(value: Any) -> Failure | None:
        return None if value is None else Failure(f"expected: null, found: {java.type_name(value)}")

    return Rule(check, PLAIN_HASH)


def _boolean(*_: object) -> Rule:
    return _scalar("Boolean", frozenset({bool}), (), True, PLAIN_HASH)


def _string(schema: Schema, required: bool, _: Compile) -> Rule:
    pattern = RANDOM_HASH if "pattern" in schema else None
    limits = (schema.get("minLength"), schema.get("maxLength"))
    hash_code = java.hash_all(PLAIN_HASH, *limits, pattern, required, RANDOM_HASH)
    return _scalar("String", frozenset({str}), list(_string_tests(schema)), required, hash_code)


def _string_tests(schema: Schema) -> Iterator[Test]:
    low, high = schema.get("minLength"), schema.get("maxLength")
    if low is not None:
        yield lambda text: f"expected minLength: {low}, actual: {len(text)}" if len(text) < low else None
    if high is not None:
        yield lambda text: f"expected maxLength: {high}, actual: {len(text)}" if len(text) > high else None
    if (pattern := schema.get("pattern")) is not None:
        found = re.compile(pattern, re.ASCII).search
        yield lambda text: None if found(text) else f"string [{text}] does not match pattern {pattern}"
    if "format" in schema:
        accepts, error_text = FORMATS[schema["format"]]
        yield lambda text: None if accepts(text) else f"[{text}] {error_text}"


def _integer(schema: Schema, required: bool, _: Compile) -> Rule:
    hash_code = _number_hash(schema, required, integer=True)
    return _scalar("Integer", frozenset({int}), list(_number_tests(schema)), required, hash_code)


_NUMBERS: Final = frozenset[type]({int, float, java.OutOfRange})


def _number(schema: Schema, required: bool, _: Compile) -> Rule:
    hash_code = _number_hash(schema, required, integer=False)
    return _scalar("Number", _NUMBERS, list(_number_tests(schema)), required, hash_code)


def _number_hash(schema: Schema, required: bool, *, integer: bool) -> int:
    limits = map(schema.get, ("minimum", "maximum", "multipleOf"))
    exclusive_limits = map(schema.get, ("exclusiveMinimum", "exclusiveMaximum"))
    return java.hash_all(PLAIN_HASH, required, *limits, False, False, *exclusive_limits, integer)


_BOUNDS: Final[tuple[tuple[str, Callable[[Any, Any], bool], str], ...]] = (
    ("minimum", operator.lt, "is not greater or equal to"),
    ("exclusiveMinimum", operator.le, "is not greater than"),
    ("maximum", operator.gt, "is not less or equal to"),
    ("exclusiveMaximum", operator.ge, "is not less than"),
    ("multipleOf", lambda value, factor: _fraction(value) % _fraction(factor) != 0, "is not a multiple of"),
)


def _number_tests(schema: Schema) -> Iterator[Test]:
    return (
        _bound(schema[keyword], breaks, error_text)
        for keyword, breaks, error_text in _BOUNDS
        if keyword in schema
    )


def _bound(limit: int | float, breaks: Callable[[Any, Any], bool], error_text: str) -> Test:
    def test(value: Any) -> str | None:
        return f"{java.text(value)} {error_text} {java.text(limit)}" if breaks(value, limit) else None

    return test


def _fraction(value: int | float) -> Fraction:
    # From its text, since 0.3 is three tenths here.
    return Fraction(value if isinstance(value, int) else repr(value))


def _array(schema: Schema, required: bool, compile_: Compile) -> Rule:
    steps = list(_array_size_steps(schema))
    items = compile_(schema["items"]) if "items" in schema else None
    if items is not None:
        steps.append(_items_step(items.check))
    limits = (schema.get("minItems"), schema.get("maxItems"), schema.get("uniqueItems", False))
    item_hash = None if items is None else items.hash_code
    hash_code = java.hash_all(PLAIN_HASH, *limits, item_hash, True, None, required, None, None)
    return Rule(_container("JSONArray", list, steps, required), hash_code)


def _array_size_steps(schema: Schema) -> Iterator[Step]:
    low, high = schema.get("minItems", 0), schema.get("maxItems", float("inf"))

    def sizes(value: Any, failures: list[Failure]) -> None:
        if len(value) < low:
            failures.append(Failure(f"expected minimum item count: {low}, found: {len(value)}"))
        if len(value) > high:
            failures.append(Failure(f"expected maximum item count: {high}, found: {len(value)}"))

    def unique(value: Any, failures: list[Failure]) -> None:
        if len(set(map(canonical, value))) < len(value):
            failures.append(Failure("array items are not unique"))

    yield sizes
    if schema.get("uniqueItems"):
        yield unique


def _items_step(check: Check) -> Step:
    def step(value: Any, failures: list[Failure]) -> None:
        collector = Collector(failures)
        for index, item in enumerate(value):
            failure = check(item)
            if failure is not None and not collector.add(failure.under(str(index))):
                return

    return step


class _Keys(NamedTuple):
    """The compiled keywords of an object schema. A property dependency has further required keys, a schema
    dependency a rule."""

    properties: dict[str, Rule]
    extra: Rule | bool
    property_dependencies: dict[str, list[str]]
    schema_dependencies: dict[str, Rule]


def _object(schema: Schema, required: bool, compile_: Compile) -> Rule:
    extra = schema.get("additionalProperties", True)
    dependencies = schema.get("dependencies", {}).items()
    keys = _Keys(
        properties={name: compile_(part) for name, part in schema.get("properties", {}).items()},
        extra=extra if isinstance(extra, bool) else compile_(extra),
        property_dependencies={
            name: list(dict.fromkeys(part)) for name, part in dependencies if isinstance(part, list)
        },
        schema_dependencies={
            name: compile_(part) for name, part in dependencies if not isinstance(part, list)
        },
    )
    check = _container("JSONObject", dict, _object_steps(schema, keys), required)
    return Rule(check, _object_hash(schema, required, keys))


def _object_hash(schema: Schema, required: bool, keys: _Keys) -> int:
    extra = keys.extra.hash_code if isinstance(keys.extra, Rule) else None
    property_dependencies = {name: frozenset(needed) for name, needed in keys.property_dependencies.items()}
    sizes = (schema.get("minProperties"), schema.get("maxProperties"))
    properties, schema_dependencies = (
        {name: rule.hash_code for name, rule in rules.items()}
        for rules in (keys.properties, keys.schema_dependencies)
    )
    return java.hash_all(
        *(PLAIN_HASH, properties, None, keys.extra is not False, extra, list(schema.get("required", ()))),
        *(*sizes, property_dependencies, schema_dependencies, required, {}, False),
    )


def _object_steps(schema: Schema, keys: _Keys) -> Iterator[Step]:
    if "required" in schema:
        yield _required_step(schema["required"])
    if schema.keys() & {"minProperties", "maxProperties"}:
        yield _object_size_step(schema)
    for name in java.copied_map_order(keys.property_dependencies):
        yield _property_dependency_step(name, java.map_order(keys.property_dependencies[name], 1))
    if keys.extra is not True:
        yield _extra_step(frozenset(keys.properties), keys.extra)
    for name in java.copied_map_order(keys.schema_dependencies):
        yield _schema_dependency_step(name, keys.schema_dependencies[name].check)
    yield _properties_step([(name, keys.properties[name]) for name in java.map_order(keys.properties)])


def _required_step(names: Sequence[str]) -> Step:
    def step(value: Any, failures: list[Failure]) -> None:
        for name in names:
            if name not in value:
                failures.append(Failure(f"required key [{name}] not found"))

    return step


def _object_size_step(schema: Schema) -> Step:
    low, high = schema.get("minProperties", 0), schema.get("maxProperties", float("inf"))

    def step(value: Any, failures: list[Failure]) -> None:
        if len(value) < low:
            failures.append(Failure(f"minimum size: [{low}], found: [{len(value)}]"))
        if len(value) > high:
            failures.append(Failure(f"maximum size: [{high}], found: [{len(value)}]"))

    return step


def _property_dependency_step(name: str, needed: Sequence[str]) -> Step:
    def step(value: Any, failures: list[Failure]) -> None:
        if name in value:
            failures.extend(
                Failure(f"property [{other}] is required") for other in needed if other not in value
            )

    return step


def _schema_dependency_step(name: str, check: Check) -> Step:
    def step(value: Any, failures: list[Failure]) -> None:
        if name in value and (failure := check(value)) is not None:
            failures.append(failure)

    return step


def _extra_step(known: frozenset[str], rule: Rule | bool) -> Step:
    def step(value: Any, failures: list[Failure]) -> None:
        if known.issuperset(value):
            return
        collector = Collector(failures)
        for name in java.map_order(value):
            if name in known:
                continue
            if not isinstance(rule, Rule):
                failure: Failure | None = Failure(f"extraneous key [{name}] is not permitted")
            elif (failure := rule.check(value[name])) is not None:
                failure = failure.under(name)
            if failure is not None and not collector.add(failure):
                return

    return step


def _properties_step(rules: Sequence[tuple[str, Rule]]) -> Step:
    checks = [(name, rule.passes, rule.check) for name, rule in rules]

    def step(value: Any, failures: list[Failure]) -> None:
        for name, passes, check in checks:
            if name in value and type(value[name]) not in passes:
                failure = check(value[name])
                if failure is not None:
                    failures.append(failure.under(name))

    return step


KINDS: Final[Mapping[str, Kind]] = {
    "array": Kind(frozenset({"items", "minItems", "maxItems", "uniqueItems"}), _array),
    "object": Kind(
        frozenset(
            {
                "properties",
                "required",
                "additionalProperties",
                "dependencies",
                "minProperties",
                "maxProperties",
            }
        ),
        _object,
    ),
    "number": Kind(frozenset(keyword for keyword, _, _ in _BOUNDS), _number),
    "integer": Kind(frozenset(keyword for keyword, _, _ in _BOUNDS), _integer),
    "string": Kind(frozenset({"minLength", "maxLength", "pattern", "format"}), _string),
    "boolean": Kind(frozenset(), _boolean),
    "null": Kind(frozenset(), _null),
}
