"""The fields of a contact and their names. The vendor's page lost its key names, so every likely one is
accepted, in any case and with or without _ and -; replies use the first (spec, section 1.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

CONNECT: Final = "connect"  # the source that has a quota of its own
SOURCES: Final = ("manual", CONNECT, "import", "api", "crm")

# canonical name -> field of the store, other names in the order of their rank
_FIELDS: Final = {
    "collectedAt": (
        "collected_at",
        "collected collectedDate collectDate collectedOn dateCollected createdAt",
    ),
    "linkedin": ("linkedin", "linkedinUrl linkedinProfile linkedinProfileUrl linkedinLink linkedinUri"),
    "owner": ("owner_id", "ownerEmail ownerMail contactOwner contactOwnerEmail"),
    "source": ("source", "origin contactSource leadSource"),
    "vars": ("vars", "variables customVars customVariables customFields customProperties custom properties"),
    "email": (
        "email",
        "mail emailAddress mailAddress workEmail professionalEmail emailPro businessEmail contactEmail",
    ),
    "firstName": ("first_name", "givenName forename fname prenom"),
    "lastName": ("last_name", "familyName surname lname nom"),
    "category": ("category", "companyCategory"),
    "company": ("company", "companyName organization organisation organizationName accountName employer"),
    "employees": (
        "employees",
        "companyEmployees companySize size numberOfEmployees employeesNumber employeeCount employeesCount"
        " numEmployees nbEmployees companyHeadcount headcount staff workforce",
    ),
    "industry": (
        "industry",
        "companyIndustry companyType activity companyActivity businessActivity sector companySector"
        " description companyDescription summary companySummary",
    ),
    "website": ("website", "companyWebsite site companySite websiteUrl companyUrl web url homepage domain"),
    "city": ("city", "workCity companyCity town locality ville"),
    "country": ("work_country", "workCountry companyCountry countryName countryCode pays"),
    "language": ("work_language", "lang locale languageCode preferredLanguage contactLanguage"),
    "mobile": (
        "mobile",
        "mobilePhone mobileNumber mobilePhoneNumber phoneMobile workMobile cellPhone cell gsm",
    ),
    "picture": (
        "picture",
        "gravatar avatar photo pictureUrl gravatarUrl avatarUrl photoUrl profilePicture profilePictureUrl"
        " image imageUrl",
    ),
    "phone": (
        "phone",
        "telephone tel phoneNumber telephoneNumber workPhone workPhoneNumber businessPhone professionalPhone"
        " officePhone companyPhone directPhone landline",
    ),
    "position": ("position", "jobTitle title job jobPosition jobName role jobFunction function occupation"),
    "zip": ("zip", "zipcode postalCode postcode postal workZip companyZip codePostal"),
}
FIELDS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    name: (field, tuple(others.split())) for name, (field, others) in _FIELDS.items()
}
TEXTS: Final = {
    name: field for name, (field, _) in FIELDS.items() if name not in ("collectedAt", "owner", "vars")
}


def normalize(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


CREATED: Final = normalize("createdAt")
_NAMES: Final = {normalize(word): name for name, (_, others) in FIELDS.items() for word in (name, *others)}


_LONGEST: Final = 64


def canonical(key: str) -> str | None:
    """Return the canonical name of a field; None for any other key, which is ignored."""
    return _canonical(key) if len(key) <= _LONGEST else None


@lru_cache(maxsize=2000)
def _canonical(key: str) -> str | None:
    return _NAMES.get(normalize(key))


def rank(key: str) -> tuple[int, bool, str]:
    """Return the rank of a key among the keys of its field: the canonical name first, then the others as they
    are listed, each before its other spellings. It does not depend on the order in the row."""
    name = _NAMES[normalize(key)]
    words = (name, *FIELDS[name][1])
    index = [normalize(word) for word in words].index(normalize(key))
    return index, key != words[index], key
