"""The types of contacts in requests. Numbers and flags may be sent as texts, and texts as whole numbers; an
array of one may be left out around its item; unknown keys are ignored. Null counts as absent, except that it
clears a field in a partial update (spec, decisions 17 and 18).

The annotations with fields are the one list of names, limits and stored fields; both the exact reader and the
reader of columns take them from here."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from contactory.dialects.everbridge.bodies import Items
from contactory.dialects.everbridge.fields import FlagField, NumberField, TextField

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
    locationName: Annotated[Text, TextField(most=200, is_required=True)] = UNSET  # noqa: N815
    streetAddress: Annotated[Text, TextField(most=100, is_required=True)] = UNSET  # noqa: N815
    suite: Annotated[Text, TextField(most=100)] = UNSET
    city: Annotated[Text, TextField(most=40)] = UNSET
    state: Annotated[Text, TextField(most=40)] = UNSET
    postalCode: Annotated[Text, TextField(most=10)] = UNSET  # noqa: N815
    country: Annotated[Text, TextField(most=2, is_required=True)] = UNSET
    gisLocation: GisLocation | tuple[()] | UnsetType | None = UNSET  # noqa: N815
    source: Annotated[Text, TextField()] = UNSET
    locationId: Annotated[Number, NumberField()] = UNSET  # noqa: N815
    locationSourceId: Annotated[Number, NumberField()] = UNSET  # noqa: N815
    locationSource: Annotated[Text, TextField()] = UNSET  # noqa: N815
    assetExternalId: Annotated[Text, TextField()] = UNSET  # noqa: N815
    newAssetId: Annotated[Text, TextField()] = UNSET  # noqa: N815
    iata: Annotated[Text, TextField()] = UNSET
    arriveDate: Annotated[Text, TextField()] = UNSET  # noqa: N815
    expireDate: Annotated[Text, TextField()] = UNSET  # noqa: N815


class AttributeValues(msgspec.Struct):
    orgAttrId: Number = UNSET  # noqa: N815
    name: Text = UNSET
    values: Values = UNSET


class Contact(msgspec.Struct):
    id: Number = UNSET
    externalId: Text = UNSET  # noqa: N815
    firstName: Annotated[Text, TextField("first_name", 100, is_required=True)] = UNSET  # noqa: N815
    lastName: Annotated[Text, TextField("last_name", 100, is_required=True)] = UNSET  # noqa: N815
    middleInitial: Annotated[Text, TextField("middle_initial", 1)] = UNSET  # noqa: N815
    suffix: Annotated[Text, TextField("suffix", 10)] = UNSET
    country: Annotated[Text, TextField("country", 2)] = UNSET
    businessName: Annotated[Text, TextField("business_name")] = UNSET  # noqa: N815
    timezoneId: Annotated[Text, TextField("timezone_id")] = UNSET  # noqa: N815
    preferredLanguage: Annotated[Text, TextField("preferred_language")] = UNSET  # noqa: N815
    language: Annotated[Text, TextField("message_language")] = UNSET
    ssoUserId: Annotated[Text, TextField("sso_user_id", is_key=True)] = UNSET  # noqa: N815
    securityPIN: Annotated[Text, TextField("security_pin")] = UNSET  # noqa: N815
    individualAccountId: Annotated[Number, NumberField("individual_account_id")] = UNSET  # noqa: N815
    vip: Annotated[Flag, FlagField("vip")] = UNSET
    expatriate: Annotated[Flag, FlagField("expatriate")] = UNSET
    uploadProcessing: Annotated[Flag, FlagField("upload_processing")] = UNSET  # noqa: N815
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
