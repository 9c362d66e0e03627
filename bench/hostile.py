"""How an honest tenant fares while a hostile one does its worst: `python -m bench.hostile [--seconds 600]`.

The honest one sends 100 rows a call, to each API in turn: on an idle service first, then beside all attacks
at once. Prints the ratio of the medians (5 or less is promised) and of the 95th percentiles for each API, the
answers to the attacks, and the most memory that the service's processes held.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any, Final

import psutil

from bench.attacks import ATTACKS, Target, run
from bench.server import Server, serving
from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.store import access
from contactory.store.administration import Administration

ROWS: Final = 100
IDLE_SECONDS: Final = 15
PAUSE: Final = 0.05

Times = dict[str, list[float]]


def honest_calls(target: Target, number: int) -> dict[str, tuple[str, str, Any]]:
    """A call of each API whose rows are known to it after the first one, and changed."""
    numbers = range(ROWS)
    return {
        "propeller": (
            "POST",
            "/propeller/contacts/bulk/sourceId",
            {
                "contacts": [
                    {"source": "ERP", "sourceId": n, "language": "NL", "lastName": f"N{number}"}
                    for n in numbers
                ]
            },
        ),
        "everbridge": (
            "POST" if number == 0 else "PUT",
            target.batch,
            [
                {
                    "externalId": str(n),
                    "firstName": "A",
                    "lastName": f"N{number}",
                    "recordTypeName": "Employee",
                }
                for n in numbers
            ],
        ),
        "datananas": (
            "POST",
            "/datananas/contacts/bulk",
            {"contacts": [{"email": f"p{n}@honest.example", "city": f"N{number}"} for n in numbers]},
        ),
    }


def measure(target: Target, seconds: float, statuses: Counter[str]) -> Times:
    """Milliseconds of each answered call, by API; what was not answered 200 is only counted."""
    times: Times = {}
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        for api, (method, path, document) in honest_calls(target, number).items():
            begun = time.perf_counter()
            status = target.send(method, path, document)
            statuses[f"{api} {status}"] += 1
            if status == 200:
                times.setdefault(api, []).append((time.perf_counter() - begun) * 1000)
            time.sleep(PAUSE)
        number += 1
    return times


class Memory(threading.Thread):
    """Bytes that the service's own processes held at most, without what they share."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._service = psutil.Process(pid)

    def run(self) -> None:
        while self._service.is_running():
            self.most = max(self.most, self._now())
            time.sleep(0.5)

    def _now(self) -> int:
        held = 0
        with suppress(psutil.NoSuchProcess):
            for process in [self._service, *self._service.children()]:
                with suppress(psutil.NoSuchProcess):
                    if process.name() != "postgres":
                        held += process.memory_full_info().uss
        return held


def tenant(server: Server, administration: Administration, name: str) -> Target:
    organization = administration.create_organization(name)
    token = new_token(organization)
    with administration.organization(organization) as (transaction, _):
        access.create_token(transaction, hash_secret(token), scopes=["*"])
    return Target(server.service.port, organization, token)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.hostile")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--attacks", nargs="+", choices=ATTACKS, default=[*ATTACKS])
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    context = multiprocessing.get_context("spawn")
    with serving(0) as server, Administration(server.database_url) as administration:
        honest = tenant(server, administration, "Honest")
        hostile = tenant(server, administration, "Hostile")
        measure(honest, IDLE_SECONDS / 3, Counter())
        idle = measure(honest, IDLE_SECONDS, Counter())
        memory = Memory(server.pid)
        memory.start()
        over = context.Value("b", 0)
        counts = {name: context.Array("i", 6) for name in options.attacks}
        attackers = [
            context.Process(target=run, args=(name, hostile, over, counts[name])) for name in options.attacks
        ]
        for attacker in attackers:
            attacker.start()
        time.sleep(5)
        statuses: Counter[str] = Counter()
        loaded = measure(honest, options.seconds, statuses)
        over.value = 1
        for attacker in attackers:
            attacker.join(120)
        report(idle, loaded, statuses)
        for name, answers in counts.items():
            shown = ", ".join(f"{status}xx {n}" for status, n in enumerate(answers[:]) if n)
            sys.stdout.write(f"  {name}: {shown or 'no answers'}\n".replace("0xx", "cut off"))
        sys.stdout.write(f"memory of the service's processes: {memory.most >> 20} MB at most\n")


def report(idle: Times, loaded: Times, statuses: Counter[str]) -> None:
    for api, times in loaded.items():
        median, least = statistics.median(times), statistics.median(idle[api])
        high, low = (statistics.quantiles(some, n=20)[-1] for some in (times, idle[api]))
        sys.stdout.write(
            f"{api}: {len(times)} calls of {ROWS} rows, median {median:.1f} ms, idle {least:.1f},"
            f" ratio {median / least:.1f}; p95 {high:.1f} ms, idle {low:.1f}, ratio {high / low:.1f}\n"
        )
    sys.stdout.write(f"honest answers: {dict(sorted(statuses.items()))}\n")


if __name__ == "__main__":
    main()
