"""Everything that is held about one person, found by walking every model there is.

A model is never listed here to be found: it is found because it declares FAMILY_PATH and
PERSON_PATH, as each must. What is left out is listed, with its reason, and a law test compares.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from budgets.models import Person
from marketplace.rights import exceptions
from marketplace.rights.names import Names
from marketplace.sharing import grounds
from marketplace.sharing.paths import paths

Model = type[models.Model]

# A model that says which of its fields are personal is one of ours that may hold something.
DECLARES = "PERSONAL"


@dataclass(frozen=True)
class Way:
    """Another way by which a row is about somebody: a look-up, and the fields that are hers."""

    lookup: str
    fields: tuple[str, ...]
    by_reference: bool = False
    """The look-up holds her sign-in's reference instead of a key."""
    confidential: str = ""
    """Where it says, and the model itself does not, that it is a secret of hers."""
    only: str = ""
    """A look-up that has to be set: before, there is nothing to see."""


# What she did, or is to somebody else: those fields only, and of nothing confidential.
OTHER_WAYS: dict[str, Way] = {
    "budgets.Event": Way("actor_reference", ("verb", "subject_kind", "at"), by_reference=True),
    "budgets.PersonMerge": Way("gone", ("gone", "merged_at", "undone_at")),
    "budgets.Relationship": Way("relative", ("relative", "kind", "starts_on", "ends_on")),
    "budgets.Responsibility": Way(
        "holder", ("holder", "has_parental_responsibility", "may_decide", "starts_on", "ends_on")
    ),
    "notices.Notice": Way("user__person", ("kind", "channel", "created_at", "sent_at", "read_at")),
    "notices.Watch": Way("user__person", ("subject_kind", "created_at")),
    "people.Appointment": Way("user__person", ("user", "kind", "starts_on", "ends_on")),
    "people.User": Way("person", ("email", "name", "person", "last_login", "date_joined")),
    "referrals.Ending": Way("told_by", ("told_by", "how", "told_at")),
    "referrals.Referral": Way("yes_by", ("yes_by", "yes_at", "yes_how")),
    "sharing.Consent": Way("given_by", ("given_by", "how", "purpose", "given_at", "withdrawn_at")),
    "sharing.HeldBack": Way(
        "safeguard__person",
        (
            "safeguard",
            "reason",
            "words",
            "until",
            "asked_by",
            "asked_at",
            "reviewed_by",
            "released_at",
        ),
        confidential="safeguard__is_confidential",
        only="released_at",
    ),
    "sharing.Look": Way("user__person", ("user", "role", "subject_kind", "at")),
}


@dataclass(frozen=True)
class Field:
    """One field of one row: what it says in words, and as data."""

    name: str
    title: str
    text: str
    value: Any
    is_written: bool
    """Somebody typed it: a person reads it before it is released."""


@dataclass(frozen=True)
class Row:
    """One row about the person."""

    key: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Kind:
    """Every row of one model."""

    label: str
    title: str
    rows: tuple[Row, ...]


def gather(
    *,
    person: Person,
    knows_secrets: bool,
    at: datetime,
    secrets_under: int | None = None,
    decided_by: int | None = None,
) -> list[Kind]:
    """Return everything held about a person, and about nobody else, kind by kind.

    Rows that name nobody count while she lives in the household; visiting is not living there.
    What is held back, and all that hangs on it, is not there. `knows_secrets`: whoever reads it may
    know of her confidential items; `secrets_under`: of those told to this one of her records only.
    `decided_by`: who reads it as somebody who decides; of a
    household in which she does not live herself nothing is there, and not where it is.
    """
    keys = records(person)
    names = Names(person=person, records=keys)
    hidden = held_back(person=person, at=at)
    found = []
    for model in walk():
        rows = _rows(
            model,
            about(
                model,
                person=person,
                knows_secrets=knows_secrets,
                at=at,
                keys=keys,
                secrets_under=secrets_under,
                decided_by=decided_by,
            ),
            hidden=hidden,
            names=names,
        )
        rows += tuple(
            _other_rows(
                model, person=person, knows_secrets=knows_secrets, hidden=hidden, names=names, at=at
            )
        )
        if rows:
            found.append(Kind(model._meta.label, title_of(model), rows))
    return found


def records(person: Person) -> tuple[int, ...]:
    """Return the keys of every record of a person; where one is shielded, none leads to another."""
    same = Person.objects.same_as([person.pk]).values_list("pk", flat=True)
    return tuple(sorted({person.pk, *same}))


def show(model: Model, rows: QuerySet[Any], *, names: Names) -> Kind:
    """Return some rows of one model, as they are shown."""
    return Kind(model._meta.label, title_of(model), _rows(model, rows, hidden=set(), names=names))


def walk() -> Iterator[Model]:
    """Yield every model that may hold something about a person."""
    for model in apps.get_models():
        label = model._meta.label
        if label not in exceptions.MODELS and (hasattr(model, DECLARES) or label in OTHER_WAYS):
            yield model


def about(
    model: Model,
    *,
    person: Person,
    knows_secrets: bool,
    at: datetime,
    keys: tuple[int, ...] | None = None,
    secrets_under: int | None = None,
    decided_by: int | None = None,
) -> QuerySet[Any]:
    """Return the rows of a model that are about a person, or about her household and nobody.

    `keys` are those of her records, where they are known already.
    """
    if not hasattr(model, "FAMILY_PATH"):
        return model._base_manager.none()
    keys = records(person) if keys is None else keys
    path = paths(model)
    condition = Q(pk__in=[])
    if path.person is not None:
        condition = Q(**{f"{path.person}__in": keys})
    # Private and of nobody named: for nobody's eyes, and found by a way of its own or not at all.
    if not path.is_reached_by_person and not (path.is_private and path.person is None):
        unnamed = Q(**{f"{path.person}__isnull": True}) if path.person else Q()
        day = timezone.localdate(at)
        there = unnamed & Q(**{f"{path.family}__in": grounds.households(keys, day)})
        if decided_by is not None:
            there &= Q(**{f"{path.family}__in": grounds.households([decided_by], day)})
        condition |= there
    rows = model._base_manager.filter(condition)
    if path.held_back is not None:
        rows = rows.exclude(**{f"{path.held_back}__gt": timezone.localdate(at)})
    if path.confidential is not None and not knows_secrets:
        rows = rows.filter(**{path.confidential: False})
    elif path.confidential is not None and path.person is not None and secrets_under is not None:
        rows = rows.filter(Q(**{path.confidential: False}) | Q(**{path.person: secrets_under}))
    return rows


def way_of(model: Model) -> str:
    """Return the look-up by which rows that name nobody are about a person after all, if any."""
    way = OTHER_WAYS.get(model._meta.label)
    return way.lookup if way is not None and not way.by_reference else ""


def held_back(*, person: Person, at: datetime) -> set[UUID]:
    """Return the references of what is held back from a person now: nothing may hint at it."""
    found: set[UUID] = set()
    for model in walk():
        names = {field.name for field in model._meta.concrete_fields}
        if not hasattr(model, "FAMILY_PATH") or "reference" not in names:
            continue
        path = paths(model)
        if path.held_back is not None and path.person is not None:
            later = {
                f"{path.held_back}__gt": timezone.localdate(at),
                f"{path.person}__in": records(person),
            }
            found |= set(model._base_manager.filter(**later).values_list("reference", flat=True))
    return found


def title_of(model: Model) -> str:
    """Return what a kind of row is called."""
    return str(exceptions.TITLES.get(model._meta.label) or model._meta.verbose_name_plural)


def digest(*, salt: UUID, text: str) -> str:
    """Return the mark by which a text is known again; without our key nobody can guess at it."""
    return salted_hmac(str(salt), text).hexdigest()


def place(label: str, key: str, field: str) -> str:
    """Return the one name that a field of a row has in a request."""
    return f"{label}:{key}:{field}"


def fields_of(model: Model) -> list[models.Field[Any, Any]]:
    """Return the fields of a model that a copy shows."""
    label = model._meta.label
    return [
        field
        for field in model._meta.concrete_fields
        if field.name not in exceptions.EVERYWHERE
        and f"{label}.{field.name}" not in exceptions.FIELDS
    ]


def is_written(model: Model, field: models.Field[Any, Any]) -> bool:
    """Tell whether a field holds what somebody typed, which may be about anybody."""
    if not getattr(model, DECLARES, {}).get(field.name, False) or field.choices:
        return False
    if isinstance(field, models.SlugField | models.EmailField):
        return False
    if field.name in exceptions.REFERENCES:
        return False
    return isinstance(field, models.TextField | models.CharField | models.JSONField)


def _rows(model: Model, rows: QuerySet[Any], *, hidden: set[UUID], names: Names) -> tuple[Row, ...]:
    fields = fields_of(model)
    related = [field.name for field in fields if field.is_relation]
    found = without(model, rows, hidden).select_related(*related).order_by("pk")
    return tuple(
        Row(str(row.pk), tuple(_field(model, field, row, names) for field in fields))
        for row in found
    )


def _other_rows(
    model: Model,
    *,
    person: Person,
    knows_secrets: bool,
    hidden: set[UUID],
    names: Names,
    at: datetime,
) -> Iterator[Row]:
    way = OTHER_WAYS.get(model._meta.label)
    if way is None:
        return
    own: Any = names.own_references if way.by_reference else names.records
    rows = model._base_manager.filter(**{f"{way.lookup}__in": own})
    if way.only:
        rows = rows.filter(**{f"{way.only}__isnull": False})
    if way.confidential and not knows_secrets:
        rows = rows.filter(**{way.confidential: False})
    if hasattr(model, "FAMILY_PATH"):
        path = paths(model)
        if path.confidential is not None:
            rows = rows.filter(**{path.confidential: False})
        found = about(model, person=person, knows_secrets=True, at=at, keys=names.records)
        rows = rows.exclude(pk__in=found.order_by().values("pk"))
    fields = [model._meta.get_field(name) for name in way.fields]
    for row in without(model, rows, hidden).order_by("pk"):
        shown = (_field(model, field, row, names) for field in fields)
        yield Row(str(row.pk), tuple(shown))


def without(model: Model, rows: QuerySet[Any], hidden: set[UUID]) -> QuerySet[Any]:
    """Leave out what names one of these references as its subject."""
    if not hidden:
        return rows
    names = {field.name for field in model._meta.concrete_fields}
    ways = {"subject"} & names
    subject = getattr(model, "SUBJECT_PATH", None)
    if subject:
        ways.add(subject)
    for way in ways:
        rows = rows.exclude(**{f"{way}__in": hidden})
    return rows


def _field(model: Model, field: Any, row: Any, names: Names) -> Field:
    text, value = names.shown(field, row)
    return Field(
        name=field.name,
        title=str(exceptions.FIELD_TITLES.get(field.name) or field.verbose_name.capitalize()),
        text=text,
        value=value,
        is_written=is_written(model, field) and bool(text),
    )
