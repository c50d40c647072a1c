"""The verbs of the catalogue: publish, check, withdraw, merge, list, search."""

import builtins
import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from cms import criteria_versions, listings, places, searches, spelling
from cms.listings import KEEP, Keep
from cms.models import (
    Band,
    Criterion,
    Listing,
    Organisation,
    OrganisationKind,
    Place,
    Problem,
    Process,
    Question,
    Schedule,
    Service,
    ServiceKind,
    Term,
)
from cms.spelling import Understood

LISTS = ("terms", "places", "processes", "criteria", "bands", "questions", "schedules")


class Refused(Exception):
    """Something the catalogue does not allow; `sentence` is what the person reads."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class IsWithdrawn(Refused):
    """The entry has been withdrawn or merged into another."""


class NotMergeable(Refused):
    """Two entries that cannot become one."""


class Unfit(Refused):
    """Values that an entry cannot have; `errors` by field."""

    def __init__(self, errors: Mapping[str, builtins.list[str]]) -> None:
        super().__init__(_("Some answers need another look."))
        self.errors = errors


def add_organisation(
    *, name: str, kind: str = OrganisationKind.OTHER, **details: str
) -> Organisation:
    """Add an organisation; `details` are its other fields. Raises `Unfit`."""
    organisation = Organisation(name=name, kind=kind, **details)
    must_be_fit(organisation)
    organisation.save()
    return organisation


def add_term(
    *,
    taxonomy: str,
    name: str,
    slug: str = "",
    plain_name: str = "",
    description: str = "",
    also_said: str = "",
    parent: Term | None = None,
    source: str = "",
    source_id: str = "",
    reference: uuid.UUID | None = None,
) -> Term:
    """Add a term; one that is there already by taxonomy and slug is returned as it is."""
    slug = (slug or slugify(name))[:120]
    term, _is_new = Term.objects.get_or_create(
        taxonomy=taxonomy,
        slug=slug,
        defaults={
            "name": name,
            "plain_name": plain_name,
            "description": description,
            "also_said": also_said,
            "parent": parent,
            "source": source,
            "source_id": source_id,
            "reference": reference or uuid.uuid4(),
        },
    )
    return term


def add_place(
    *,
    organisation: Organisation,
    name: str,
    address: str = "",
    postcode: str = "",
    district: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    step_free: bool | None = None,
    source: str = "",
    source_id: str = "",
) -> Place:
    """Add a place; point and district come from its postcode where they are not given."""
    known = places.find(postcode=postcode) if postcode else None
    if known and latitude is None and longitude is None:
        latitude, longitude = known.latitude, known.longitude
    return Place.objects.create(
        organisation=organisation,
        name=name,
        address=address,
        postcode=places.tidy(postcode) or postcode[:8],
        district=district or (known.district if known else ""),
        latitude=latitude,
        longitude=longitude,
        step_free=step_free,
        source=source,
        source_id=source_id,
    )


@transaction.atomic
def add_service(
    *,
    name: str,
    owner: Organisation,
    provider: Organisation | None = None,
    kind: str = ServiceKind.SPECIALIST,
    slug: str = "",
    terms: Iterable[Term] = (),
    places: Iterable[Place] = (),
    steps: Iterable[str | Process] = (),
    criteria: Iterable[Criterion] = (),
    bands: Iterable[Band] = (),
    questions: Iterable[Question] = (),
    schedules: Iterable[Schedule] = (),
    live: bool = True,
    **fields: Any,
) -> Service:
    """Add a service with all that belongs to it, and list it. Raises `Unfit`.

    `fields` are the other fields of `Service`; criteria, bands, questions and schedules are unsaved
    rows, and so may steps be; they keep the order they come in.
    """
    service = Service(
        name=name,
        slug=slug or free_slug(name=name),
        owner=owner,
        provider=provider or owner,
        kind=kind,
        live=live,
        **fields,
    )
    put(service, "terms", terms)
    put(service, "places", places)
    rows = [step if isinstance(step, Process) else Process(step=step) for step in steps]
    put(service, "processes", rows)
    put(service, "criteria", criteria)
    put(service, "bands", bands)
    put(service, "questions", questions)
    put(service, "schedules", schedules)
    must_be_fit(service)
    service.save()
    be_published(service)
    listings.write(service, {})
    return service


@transaction.atomic
def update(*, service: Service, at: datetime.datetime | None = None) -> Service:
    """Save a service that was changed in memory, live at once, and list it. Raises `Unfit`.

    Where that changes who can have it, `at` says since when.
    """
    must_be_fit(service)
    criteria_versions.keep(service=Service.objects.get(pk=service.pk), at=at)
    service.save()
    be_published(service)
    criteria_versions.keep(service=service, at=at)
    listings.write(service, {})
    return service


def be_published(service: Service) -> None:
    """Keep since when everybody could read an entry that was just saved live, without a draft."""
    if service.live and service.first_published_at is None:
        service.first_published_at = service.changed_at
        Service.objects.filter(pk=service.pk).update(first_published_at=service.changed_at)


def free_slug(*, name: str) -> str:
    """Return an address for a service that no other has."""
    wanted = slugify(name)[:110] or "service"
    taken = set(Service.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)


@transaction.atomic
def publish(*, service: Service, by_user: AbstractBaseUser | None = None) -> Service:
    """Make the latest draft of a service what everybody reads, and list it.

    Raises `IsWithdrawn`, `Unfit` where it was drafted before what it must not say was known.
    """
    service = Service.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.pk)
    must_stand(service)
    revision = service.get_latest_revision() if service.has_unpublished_changes else None
    revision = revision or service.save_revision(user=by_user)
    must_be_fit(revision.as_object())
    revision.publish(user=by_user, skip_permission_checks=True)
    return Service.objects.get(pk=service.pk)


@transaction.atomic
def check(
    *, service: Service, on: datetime.date, by_user: AbstractBaseUser | None = None
) -> Service:
    """Record that an entry was read and found right on a day. Raises `IsWithdrawn`."""
    service = Service.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.pk)
    must_stand(service)
    service.checked_on = on
    service.save(update_fields=["checked_on", "changed_at"])
    log(instance=service, action="cms.check", user=by_user)
    return service


@transaction.atomic
def withdraw(
    *, service: Service, on: datetime.date, by_user: AbstractBaseUser | None = None
) -> Service:
    """Take a service out of the catalogue from a day on. Nothing is deleted.

    Raises `IsWithdrawn` where it is out already.
    """
    service = Service.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.pk)
    must_stand(service)
    service.withdrawn_on = on
    service.save(update_fields=["withdrawn_on", "changed_at"])
    listings.write(service, {})
    log(instance=service, action="cms.withdraw", user=by_user)
    return service


@transaction.atomic
def merge(
    *,
    service: Service,
    into: Service,
    on: datetime.date,
    by_user: AbstractBaseUser | None = None,
) -> Service:
    """Make one entry of two: `service` is withdrawn and leads to `into`, which gains its terms.

    Raises `NotMergeable`, `IsWithdrawn`.
    """
    locked = Service.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    both = {row.pk: row for row in locked.filter(pk__in=[service.pk, into.pk])}
    if len(both) < 2:
        raise NotMergeable(_("Choose another entry: this is the same one."))
    service, into = both[service.pk], both[into.pk]
    must_stand(service)
    must_stand(into)
    service.merged_into, service.withdrawn_on = into, on
    service.save(update_fields=["merged_into", "withdrawn_on", "changed_at"])
    listings.write(service, {})
    Service.objects.filter(merged_into=service).update(
        merged_into=into, changed_at=service.changed_at
    )
    Problem.objects.filter(service=service).update(service=into)
    into.terms.add(*Term.objects.filter(services=service.pk))
    into.is_confidential = into.is_confidential or service.is_confidential  # never unshielded
    into.save()
    listings.write(into, {})
    log(instance=service, action="cms.merge", user=by_user, data={"into": str(into.reference)})
    return into


def list(
    *,
    service: Service,
    price_from_pence: int | Keep | None = KEEP,
    price_unit: str | Keep = KEEP,
    next_free_at: datetime.datetime | Keep | None = KEEP,
    rating_tenths: int | Keep | None = KEEP,
) -> Listing:
    """Write a service's row for the search afresh; what is not handed down stays as it was."""
    given: dict[str, object] = {
        "price_from_pence": price_from_pence,
        "price_unit": price_unit,
        "next_free_at": next_free_at,
        "rating_tenths": rating_tenths,
    }
    with transaction.atomic():
        return listings.write(
            service, {name: value for name, value in given.items() if value is not KEEP}
        )


def understand(*, words: str) -> Understood:
    """Return what the search makes of somebody's words: their stems, and what it mended."""
    return spelling.understand(words)


def search(
    *,
    on: datetime.date,
    words: str = "",
    terms: Iterable[Term] = (),
    district: str = "",
    near: tuple[float, float, float] | None = None,
    kind: str | Iterable[str] = (),
    age: int | None = None,
    price_to_pence: int | None = None,
    wait_to_days: int | None = None,
) -> models.QuerySet[Listing]:
    """Return what is offered on a day and fits, as a queryset: see `searches.matching`."""
    asked = searches.Asked(
        words=words,
        terms=(*terms,),
        kinds=(kind,) if isinstance(kind, str) and kind else (*kind,),
        age=age,
        near=near,
        district=district,
        price_to_pence=price_to_pence,
        wait_to_days=wait_to_days,
    )
    return searches.matching(asked=asked, on=on)


def put(service: Service, name: str, value: Any) -> None:
    """Set one field of an unsaved service, or all rows of one of its lists, in their order."""
    if name in ("processes", "criteria", "bands", "questions"):
        value = [*value]
        for position, row in enumerate(value):
            row.position = position
    many = name in LISTS
    setattr(service, name, [*value] if many else value)


def must_stand(service: Service) -> None:
    """Refuse an entry that is no longer in the catalogue."""
    if service.is_withdrawn:
        raise IsWithdrawn(_("This entry has been taken out of the catalogue."))


def must_be_fit(row: models.Model) -> None:
    """Refuse values that a row cannot have. Its constraints have the last word."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Unfit(error.message_dict) from error
