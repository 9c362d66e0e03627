"""The fields of a contact and the words for them. The vendor's page lost its key names, so every likely one
is taken, in any case and with or without _ and -; answers use the first (spec, section 1.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

SOURCES: Final = ("manual", "connect", "import", "api", "crm")

# canonical name -> field of the store, other names
FIELDS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "collectedAt": ("collected_at", ("collected", "collectedDate", "collectDate", "createdAt")),
    "linkedin": ("linkedin", ("linkedinUrl", "linkedinProfile")),
    "owner": ("owner_id", ("ownerEmail",)),
    "source": ("source", ("origin",)),
    "vars": ("vars", ("variables", "customVars")),
    "email": ("email", ("mail", "emailAddress")),
    "firstName": ("first_name", ()),
    "lastName": ("last_name", ()),
    "category": ("category", ("companyCategory",)),
    "company": ("company", ("companyName",)),
    "employees": ("employees", ("companyEmployees", "companySize", "size")),
    "industry": ("industry", ("companyIndustry", "companyType", "activity")),
    "website": ("website", ("companyWebsite", "site")),
    "city": ("city", ()),
    "country": ("work_country", ()),
    "language": ("work_language", ("lang", "locale")),
    "mobile": ("mobile", ("mobilePhone",)),
    "picture": ("picture", ("gravatar", "avatar", "photo")),
    "phone": ("phone", ("telephone", "tel")),
    "position": ("position", ("title", "job", "jobTitle")),
    "zip": ("zip", ("zipcode", "postalCode")),
}
TEXTS: Final = {
    name: field for name, (field, _) in FIELDS.items() if name not in ("collectedAt", "owner", "vars")
}


def plain(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


_NAMES: Final = {plain(word): name for name, (_, others) in FIELDS.items() for word in (name, *others)}


_LONGEST: Final = 64


def canonical(key: str) -> str | None:
    """None for a key that is no field: it is let pass, and kept in nothing."""
    return _canonical(key) if len(key) <= _LONGEST else None


@lru_cache(maxsize=2000)
def _canonical(key: str) -> str | None:
    return _NAMES.get(plain(key))
