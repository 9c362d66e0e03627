"""The types of contacts in requests. Numbers and flags may be sent as texts, and texts as whole numbers; an
array of one may be left out around its item; unknown keys are ignored. Null counts as absent, except that it
clears a field in a partial update (spec, decisions 17 and 18)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from contactory.dialects.everbridge.bodies import Items

Text = str | int | float | None | UnsetType
Number = int | str | float | None | UnsetType
Flag = bool | int | str | float | None | UnsetType
Numbers = list[int | str | float] | Number
Texts = list[str | int | float] | Text
Values = list[str | int | float | bool] | str | int | float | bool | None | UnsetType


class Frame(msgspec.Struct):
    """A time of the week in which a path is not used."""

    name: Text = UNSET
    days: Numbers = UNSET
    fromHour: Number = UNSET  # noqa: N815
    fromMin: Number = UNSET  # noqa: N815
    toHour: Number = UNSET  # noqa: N815
    toMin: Number = UNSET  # noqa: N815


class Path(msgspec.Struct):
    pathId: Number = UNSET  # noqa: N815
    prompt: Text = UNSET
    value: Text = UNSET
    countryCode: Text = UNSET  # noqa: N815
    phoneExt: Text = UNSET  # noqa: N815
    waitTime: Number = UNSET  # noqa: N815
    pathEnable: Flag = UNSET  # noqa: N815
    skipValidation: Flag = UNSET  # noqa: N815
    quietTimeFrames: list[Frame] | Frame | UnsetType | None = UNSET  # noqa: N815


class GisLocation(msgspec.Struct):
    lat: float | str | UnsetType | None = UNSET
    lon: float | str | UnsetType | None = UNSET


class Address(msgspec.Struct):
    locationName: Text = UNSET  # noqa: N815
    streetAddress: Text = UNSET  # noqa: N815
    suite: Text = UNSET
    city: Text = UNSET
    state: Text = UNSET
    postalCode: Text = UNSET  # noqa: N815
    country: Text = UNSET
    gisLocation: GisLocation | tuple[()] | UnsetType | None = UNSET  # noqa: N815
    source: Text = UNSET
    locationId: Number = UNSET  # noqa: N815
    locationSourceId: Number = UNSET  # noqa: N815
    locationSource: Text = UNSET  # noqa: N815
    assetExternalId: Text = UNSET  # noqa: N815
    newAssetId: Text = UNSET  # noqa: N815
    iata: Text = UNSET
    arriveDate: Text = UNSET  # noqa: N815
    expireDate: Text = UNSET  # noqa: N815


class AttributeValues(msgspec.Struct):
    orgAttrId: Number = UNSET  # noqa: N815
    name: Text = UNSET
    values: Values = UNSET


class Contact(msgspec.Struct):
    id: Number = UNSET
    externalId: Text = UNSET  # noqa: N815
    firstName: Text = UNSET  # noqa: N815
    lastName: Text = UNSET  # noqa: N815
    middleInitial: Text = UNSET  # noqa: N815
    suffix: Text = UNSET
    country: Text = UNSET
    businessName: Text = UNSET  # noqa: N815
    timezoneId: Text = UNSET  # noqa: N815
    preferredLanguage: Text = UNSET  # noqa: N815
    language: Text = UNSET
    ssoUserId: Text = UNSET  # noqa: N815
    securityPIN: Text = UNSET  # noqa: N815
    individualAccountId: Number = UNSET  # noqa: N815
    vip: Flag = UNSET
    expatriate: Flag = UNSET
    uploadProcessing: Flag = UNSET  # noqa: N815
    recordTypeId: Number = UNSET  # noqa: N815
    recordTypeName: Text = UNSET  # noqa: N815
    groups: Numbers = UNSET
    groupsName: Texts = UNSET  # noqa: N815
    topics: Numbers = UNSET
    contactAttributes: list[AttributeValues] | AttributeValues | UnsetType | None = UNSET  # noqa: N815
    address: list[Address] | Address | UnsetType | None = UNSET
    paths: list[Path] | Path | UnsetType | None = UNSET


class PathOutline(msgspec.Struct):
    pathId: Number = UNSET  # noqa: N815
    prompt: Text = UNSET
    quietTimeFrames: Any = UNSET  # noqa: N815


class Outline(msgspec.Struct):
    """The part of a contact that is read for every row of a batch: its keys, and what decides whether the row
    can be judged without the stored contact."""

    id: Number = UNSET
    externalId: Text = UNSET  # noqa: N815
    timezoneId: Text = UNSET  # noqa: N815
    paths: list[PathOutline] | PathOutline | UnsetType | None = UNSET


contacts: Final = Items.of(Contact)


def from_document(document: Any) -> Contact:
    """Convert a decoded document. Raises msgspec.ValidationError."""
    return msgspec.convert(document, Contact)
