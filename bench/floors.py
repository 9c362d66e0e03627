"""The ratios that must be reached, and the goals beyond."""

from __future__ import annotations

from typing import Final

from bench.batches import CREATE, UNCHANGED, UPDATE

_SCENARIOS: Final = (CREATE, UPDATE, UNCHANGED)

# Of one caller's ceiling, by API and callers: create, update, unchanged.
_RATIOS: Final = {
    ("propeller", 1): (0.75, 0.85, 2.5),
    ("everbridge", 1): (0.65, 0.70, 2.0),
    ("datananas", 1): (0.55, 0.60, 1.3),
    ("propeller", 4): (1.0, 1.2, 3.0),
    ("everbridge", 4): (0.8, 0.8, 2.0),
    ("datananas", 4): (0.7, 0.7, 1.5),
}
FLOORS: Final = {
    (api, scenario, callers): ratio
    for (api, callers), ratios in _RATIOS.items()
    for scenario, ratio in zip(_SCENARIOS, ratios, strict=True)
}

# Of what PostgreSQL alone takes, for one caller.
GOALS: Final = {CREATE: 0.8, UPDATE: 1.2, UNCHANGED: 2.0}

MOST_GROWTH: Final = 1.3  # a call's time at the most held contacts over that at the fewest
MOST_TENTH_WRONG: Final = 1.3  # times a batch that is all right
MOST_ALL_WRONG: Final = 2.0
MOST_ANSWER: Final = 1.5  # times reading and storing the batch
MOST_WITH_LISTENERS: Final = 1.2  # times as long as with none
MOST_IDLE: Final = 250  # megabytes of all processes together
MOST_UNDER_CALL: Final = 350
