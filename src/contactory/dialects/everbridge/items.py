"""Contacts as clients send them. Numbers and flags may come as texts, unknown keys are let pass, and null is
what is not given, but for a partial update, where it empties (spec, decisions 17 and 18)."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

Text = str | int | None | UnsetType
Number = int | str | None | UnsetType
Flag = bool | int | str | None | UnsetType


class Frame(msgspec.Struct):
    """A time of the week in which a path is not to be used."""

    name: Text = UNSET
    days: list[int | str] | UnsetType | None = UNSET
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
    quietTimeFrames: list[Frame] | UnsetType | None = UNSET  # noqa: N815


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
    gisLocation: GisLocation | UnsetType | None = UNSET  # noqa: N815
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
    values: list[str | int | float | bool] | UnsetType | None = UNSET


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
    individualAccountId: Text = UNSET  # noqa: N815
    vip: Flag = UNSET
    expatriate: Flag = UNSET
    uploadProcessing: Flag = UNSET  # noqa: N815
    recordTypeId: Number = UNSET  # noqa: N815
    recordTypeName: Text = UNSET  # noqa: N815
    groups: list[int | str] | UnsetType | None = UNSET
    groupsName: list[str] | UnsetType | None = UNSET  # noqa: N815
    topics: list[int | str] | UnsetType | None = UNSET
    contactAttributes: list[AttributeValues] | UnsetType | None = UNSET  # noqa: N815
    address: list[Address] | UnsetType | None = UNSET
    paths: list[Path] | UnsetType | None = UNSET


one: msgspec.json.Decoder[Contact] = msgspec.json.Decoder(Contact)
several: msgspec.json.Decoder[list[Contact]] = msgspec.json.Decoder(list[Contact])


def from_document(document: Any) -> Contact:
    """Of what a partial update has made. Raises msgspec.ValidationError."""
    return msgspec.convert(document, Contact)
