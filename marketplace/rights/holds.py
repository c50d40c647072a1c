"""Legal holds: placed and lifted with a reason by administrators of public bodies."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Member, Person
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.rights.models import LegalHold


class NotForThem(history.Refused):
    """Only an administrator of a public body places or lifts a hold."""


class NoReason(history.Refused):
    """A hold says why, when it is placed and when it is lifted."""


class AlreadyHeld(history.Refused):
    """It is held already by this organisation."""


class IsLifted(history.Refused):
    """The hold was lifted before."""


class NotFound(history.Refused):
    """No person and no household has this reference."""


def find(*, reference: UUID) -> Person | Family:
    """Return the person or household of a reference. Raises NotFound."""
    found = (
        Person.objects.filter(reference=reference).first()
        or Family.objects.filter(reference=reference).first()
    )
    if found is None:
        raise NotFound(_("No person and no household has this reference."))
    return found


@transaction.atomic
def place(
    *, on: Person | Family, reason: str, user: User, by: history.Actor, at: datetime
) -> LegalHold:
    """Keep everything of a person's or a household's until the hold is lifted.

    Raises NotForThem, NoReason, AlreadyHeld.
    """
    held = _role(user=user, at=at)
    _must_say_why(reason)
    person = on if isinstance(on, Person) else None
    family = on if isinstance(on, Family) else None
    type(on)._base_manager.select_for_update(no_key=True).get(pk=on.pk)
    same = LegalHold.objects.standing().filter(
        person=person, family=family, organisation=held.organisation
    )
    if same.exists():
        raise AlreadyHeld(_("Your organisation holds this already."))
    hold = LegalHold.objects.create(
        person=person,
        family=family,
        organisation=held.organisation,
        reason=reason.strip(),
        placed_by=user,
        placed_at=at,
    )
    _record(hold, verb="placed", by=by, at=at)
    return hold


@transaction.atomic
def lift(*, hold: LegalHold, reason: str, user: User, by: history.Actor, at: datetime) -> LegalHold:
    """Let the usual rules act again. Raises NotForThem, NoReason, IsLifted."""
    hold = (
        LegalHold.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organisation", "person", "family")
        .get(pk=hold.pk)
    )
    if _role(user=user, at=at).organisation_id != hold.organisation_id:
        raise NotForThem(_("Whoever placed this hold lifts it."))
    _must_say_why(reason)
    if not hold.is_standing:
        raise IsLifted(_("This hold was lifted already."))
    hold.lifted_by, hold.lifted_at, hold.lifted_for = user, at, reason.strip()
    hold.save(update_fields=["lifted_by", "lifted_at", "lifted_for"])
    _record(hold, verb="lifted", by=by, at=at)
    return hold


def on_person(*, person: Person) -> QuerySet[LegalHold]:
    """Return the holds on a person, under any of her records, or on a household she was ever in."""
    records = Person.objects.every_record_of([person.pk]).values("pk")
    families = Member.objects.filter(person__in=records).values("family")
    return LegalHold.objects.standing().filter(Q(person__in=records) | Q(family__in=families))


def held_persons() -> Any:
    """Return whoever a hold is on: by name, or as one of a household, then or now.

    Under each of her records: they are one person's.
    """
    standing = LegalHold.objects.standing()
    at_home = Member.objects.filter(family__in=standing.values("family"))
    held = Person.objects.filter(
        Q(pk__in=standing.values("person")) | Q(pk__in=at_home.values("person"))
    )
    return Person.objects.every_record_of(held.values("pk")).values("pk")


def held_families() -> Any:
    """Return the households that a hold is on."""
    standing = LegalHold.objects.standing().filter(family__isnull=False)
    return standing.values("family")


def placing(*, user: User, on: date) -> Membership | None:
    """Return the role in which a user places holds on a day, or None."""
    held = Membership.objects.on(on).filter(
        user=user, user__is_active=True, role=Role.ADMINISTRATOR
    )
    found = held.select_related("organisation").order_by("starts_on", "pk")
    return next((one for one in found if one.organisation.is_public_body), None)


def _role(*, user: User, at: datetime) -> Membership:
    held = placing(user=user, on=timezone.localdate(at))
    if held is None:
        raise NotForThem(_("Only an administrator of a public body can do this."))
    return held


def _must_say_why(reason: str) -> None:
    if not reason.strip():
        raise NoReason(_("Write why, and who asked for it."))


def _record(hold: LegalHold, *, verb: str, by: history.Actor, at: datetime) -> None:
    # No family and no person: that there is a claim is for whoever places the hold to tell.
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="legal_hold",
        subject=hold.reference,
        to_state="standing" if hold.is_standing else "lifted",
    )
