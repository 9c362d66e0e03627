"""Names of states and provinces, by their two letters (United States Postal Service, Canada Post)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

STATES: Final = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
    "AS": "American Samoa",
    "GU": "Guam",
    "MP": "Northern Mariana Islands",
    "PR": "Puerto Rico",
    "VI": "Virgin Islands",
    "FM": "Federated States of Micronesia",
    "MH": "Marshall Islands",
    "PW": "Palau",
    "AA": "Armed Forces Americas",
    "AE": "Armed Forces Europe",
    "AP": "Armed Forces Pacific",
}
PROVINCES: Final = {
    "AB": "Alberta",
    "BC": "British Columbia",
    "MB": "Manitoba",
    "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador",
    "NS": "Nova Scotia",
    "NT": "Northwest Territories",
    "NU": "Nunavut",
    "ON": "Ontario",
    "PE": "Prince Edward Island",
    "QC": "Quebec",
    "SK": "Saskatchewan",
    "YT": "Yukon",
}

# Other names: in full, without the article, and in French for Canada.
_US_NAMES: Final = (
    "Washington D.C.",
    "D.C.",
    "U.S. Virgin Islands",
    "United States Virgin Islands",
    "Virgin Islands of the United States",
    "Virgin Islands, U.S.",
    "Commonwealth of the Northern Mariana Islands",
    "Commonwealth of Puerto Rico",
    "Micronesia",
    "Republic of the Marshall Islands",
    "Republic of Palau",
    "Armed Forces the Americas",
    "Armed Forces Africa",
    "Armed Forces Canada",
    "Armed Forces Middle East",
)
_CA_NAMES: Final = (
    "Colombie-Britannique",
    "Île-du-Prince-Édouard",
    "Newfoundland",
    "Newfoundland & Labrador",
    "Nouveau-Brunswick",
    "Nouvelle-Écosse",
    "Terre-Neuve-et-Labrador",
    "Territoires du Nord-Ouest",
    "Yukon Territory",
)


@lru_cache(maxsize=2_000)
def is_region(country: str, name: str) -> bool:
    """Tell whether a name is a region of a country. Any name is, for a country without a list of regions
    here."""
    names = _REGIONS.get(country)
    return names is None or _letters(name) in names


def _letters(name: str) -> str:
    """Return a name without accents, case, spaces and punctuation."""
    return "".join(
        character for character in unicodedata.normalize("NFKD", name.casefold()) if character.isalpha()
    )


_REGIONS: Final = {
    "US": frozenset(map(_letters, [*STATES, *STATES.values(), *_US_NAMES])),
    "CA": frozenset(map(_letters, [*PROVINCES, *PROVINCES.values(), *_CA_NAMES])),
}
