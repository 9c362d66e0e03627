"""Bounds of caches: no cache is keyed by a client's text, unless its length and number
are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import contactory

SOURCES = Path(contactory.__file__).parent

# Each cache with the reason why it is bounded.
ALLOWED = {
    "columns/document.py _table_of": "our own sets of kinds",
    "columns/jit.py TWINS": "our own functions",
    "columns/jit.py _cache_folder": "no arguments",
    "dialects/everbridge/fields.py kinds_of": "our own types",
    "dialects/everbridge/objects.py _decoder": "our own types",
    "dialects/everbridge/phones.py find_country": "the longest calling code, 1,000 of them",
    "dialects/everbridge/phones.py _plain_numbers": "a country that there is",
    "dialects/everbridge/organizations.py _constants": "no arguments",
    "dialects/everbridge/phones.py _parse": "32 digits and a country that there is, 10,000 of them",
    "dialects/everbridge/regions.py is_region": "1,000 characters and a country that there is, 2,000 of them",
    "dialects/everbridge/quiet.py _zones": "no arguments",
    "dialects/everbridge/quiet.py number_of_zones": "no arguments",
    "dialects/datananas/names.py _canonical": "64 characters, 2,000 of them",
    "dialects/datananas/values.py _microseconds": "the shape of a moment, 2,000 of them",
    "dialects/propeller/everit/__init__.py _compiled": "our own schemas, 64 of them",
    "dialects/propeller/everit/java.py _short_string_hash": "64 characters, 4,096 of them",
    "store/embedded/commands.py _package": "no arguments",
    "store/records.py _write_statements": "256 sets of fields",
    "store/records.py update_staged": "goes with the call",
    "store/creation.py _insert_records": "256 sets of fields",
    "store/queries/__init__.py _compose": "our own queries, for each kind of record",
    "store/schemes.py _states_query": "our own fields, for each kind of record",
    "core/write/lookup.py held": "goes with the call",
    "core/write/lookup.py owners": "goes with the call",
    "access/logins.py _checked": "10,000 hashes",
    "access/throttle.py _failures": "digests of names, that are forgotten after a while",
}
CACHES = {"cache", "lru_cache", "alru_cache"}
CONTAINERS = {"dict", "list", "set", "defaultdict", "OrderedDict", "Counter", "deque", "WeakKeyDictionary"}


def name_of(node: ast.expr) -> str:
    """Return the last part of a called name, such as lru_cache of functools.lru_cache(64)."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_empty_container(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.List | ast.Set):
        return not value.elts
    if not isinstance(value, ast.Call) or value.keywords:
        return False
    name = name_of(value)
    return name == "defaultdict" or (name in CONTAINERS and not value.args)


def find_kept(tree: ast.Module) -> Iterator[str]:
    """Yield names of functions that are cached or that cache others, and of containers that are made empty
    with their module, which are there to be filled."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
            if any(name_of(decorator) in CACHES for decorator in node.decorator_list) or any(
                name_of(call) in CACHES for call in inside if call not in node.decorator_list
            ):
                yield node.name
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            cached = any(
                isinstance(call, ast.Call) and name_of(call) in CACHES
                for call in ast.walk(statement.value or target)
            )
            if cached or is_empty_container(statement.value):
                yield ast.unparse(target)


def test_every_cache_is_listed_with_its_bound() -> None:
    found = {
        f"{path.relative_to(SOURCES)} {name}"
        for path in SOURCES.rglob("*.py")
        for name in find_kept(ast.parse(path.read_text()))
    }
    assert found == ALLOWED.keys() & found, sorted(found - ALLOWED.keys())


def test_finder_recognizes_all_forms_of_caches() -> None:
    source = """
import functools
from functools import cache, lru_cache
@cache
def one(x): ...
@functools.lru_cache(maxsize=5)
def two(x): ...
three = lru_cache(5)(two)
four: Final[dict[str, int]] = {}
five = defaultdict(list)
six: Final = {"a": 1}
def seven(): return cache(one)
"""
    assert set(find_kept(ast.parse(source))) == {"one", "two", "three", "four", "five", "seven"}
