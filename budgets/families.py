"""Households and their people: who lives where, and who may decide for whom."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Arm, Family, Member, Person, Relation, Responsibility, Transfer


class AlreadyAtHome(history.Refused):
    """Somebody is in a household once."""

    def __init__(self, *, person: Person) -> None:
        super().__init__(_("%(name)s already lives here.") % {"name": person.first_name})


class NotAtHome(history.Refused):
    """Only who lives in a household can leave it, after joining it."""

    def __init__(self, *, person: Person) -> None:
        super().__init__(
            _("%(name)s does not live here on that day.") % {"name": person.first_name}
        )


class OwnResponsibility(history.Refused):
    """Responsibility is for somebody else."""

    def __init__(self) -> None:
        super().__init__(_("Choose two different people."))


class ArmIsSet(history.Refused):
    """The pilot group is recorded once."""

    def __init__(self) -> None:
        super().__init__(_("This family's pilot group is already on record and does not change."))


class TooLateForArm(history.Refused):
    """The pilot group is recorded before the first commission (design §5)."""

    def __init__(self) -> None:
        super().__init__(
            _("Money has already been set aside for this family, so it cannot join a group now.")
        )


class DecidesAlready(history.Refused):
    """That somebody decides alone is recorded once."""

    def __init__(self, *, person: Person) -> None:
        super().__init__(_("%(name)s already decides alone.") % {"name": person.first_name})


def add_family(
    *,
    name: str,
    by: history.Actor,
    at: datetime,
    postcode: str = "",
    district: str = "",
    is_synthetic: bool = False,
) -> Family:
    """Add a household without people."""
    with transaction.atomic():
        family = Family.objects.create(
            name=name,
            postcode=postcode,
            district=district,
            is_synthetic=is_synthetic,
            created_at=at,
        )
        _record(by=by, at=at, verb="add", family=family)
    return family


def add_person(
    *,
    first_name: str,
    by: history.Actor,
    at: datetime,
    last_name: str = "",
    born_on: date | None = None,
    email: str = "",
    phone: str = "",
    is_shielded: bool = False,
) -> Person:
    """Add a person, who is in no household yet."""
    with transaction.atomic():
        person = Person.objects.create(
            first_name=first_name,
            last_name=last_name,
            born_on=born_on,
            email=email,
            phone=phone,
            is_shielded=is_shielded,
        )
        _record(by=by, at=at, verb="add", person=person)
    return person


def join(
    *,
    family: Family,
    person: Person,
    relation: Relation,
    on: date,
    by: history.Actor,
    at: datetime,
) -> Member:
    """Let somebody into a household from a day on. Raises AlreadyAtHome."""
    with transaction.atomic():
        family = _locked(family)
        stays = Member.objects.filter(family=family, person=person)
        if stays.filter(left_on__isnull=True).exists() or stays.on(on).exists():
            raise AlreadyAtHome(person=person)
        member = Member.objects.create(
            family=family, person=person, relation=Relation(relation), joined_on=on
        )
        _record(by=by, at=at, verb="join", family=family, person=person, to_state=relation)
    return member


def leave(*, family: Family, person: Person, on: date, by: history.Actor, at: datetime) -> Member:
    """End somebody's time in a household; that day is not included. Raises NotAtHome."""
    with transaction.atomic():
        family = _locked(family)
        member = Member.objects.filter(
            family=family, person=person, left_on__isnull=True, joined_on__lt=on
        ).first()
        if member is None:
            raise NotAtHome(person=person)
        member.left_on = on
        member.save(update_fields=["left_on"])
        _record(by=by, at=at, verb="leave", family=family, person=person)
    return member


def set_responsibility(
    *,
    holder: Person,
    person: Person,
    on: date,
    by: history.Actor,
    at: datetime,
    has_parental_responsibility: bool = False,
    may_decide: bool = False,
) -> Responsibility | None:
    """Say what one person may do for another from a day on; None where it is nothing any more.

    What was said before ends on that day, or was a slip where it began on it. Raises
    OwnResponsibility.
    """
    if holder == person:
        raise OwnResponsibility
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        before = Responsibility.objects.filter(holder=holder, person=person, ends_on__isnull=True)
        before.filter(starts_on__gte=on).delete()
        before.update(ends_on=on)
        said = None
        if has_parental_responsibility or may_decide:
            said = Responsibility.objects.create(
                holder=holder,
                person=person,
                has_parental_responsibility=has_parental_responsibility,
                may_decide=may_decide,
                starts_on=on,
            )
        _record(
            by=by,
            at=at,
            verb="set_responsibility",
            family=_home(person, on),
            person=person,
            to_state="may_decide" if may_decide else "",
        )
    return said


def join_arm(
    *,
    family: Family,
    arm: Arm,
    on: date,
    baseline: dict[str, Any],
    by: history.Actor,
    at: datetime,
) -> Family:
    """Record the pilot group, the day and the baseline, once, before the first commission.

    Raises ArmIsSet, TooLateForArm.
    """
    with transaction.atomic():
        family = _locked(family)
        if family.arm != Arm.NONE:
            raise ArmIsSet
        if Transfer.objects.holds().filter(envelope__plan__family=family).exists():
            raise TooLateForArm
        family.arm, family.arm_joined_on, family.baseline = Arm(arm), on, baseline
        family.save(update_fields=["arm", "arm_joined_on", "baseline"])
        _record(by=by, at=at, verb="join_arm", family=family, from_state="none", to_state=arm)
    return family


def decide_alone(*, person: Person, on: date, by: history.Actor, at: datetime) -> Person:
    """Record that a competent young person decides for herself, and who found so.

    Raises DecidesAlready.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if person.decides_alone:
            raise DecidesAlready(person=person)
        person.decides_alone, person.decides_alone_on = True, on
        person.decides_alone_by = by.reference
        person.save(update_fields=["decides_alone", "decides_alone_on", "decides_alone_by"])
        _record(by=by, at=at, verb="decide_alone", family=_home(person, on), person=person)
    return person


def deciders(*, person: Person, on: date) -> list[Person]:
    """Return who may say yes for a person on a day: herself, or those recorded as deciding.

    An adult, and a young person found competent (Gillick), decides for herself. Where nobody is
    recorded and the birthday is not known, she does too.
    """
    if person.is_adult_on(on):
        return [person]
    if person.decides_alone_on is not None and person.decides_alone_on <= on:
        return [person]
    held = Responsibility.objects.on(on).filter(person=person, may_decide=True)
    found = [one.holder for one in held.select_related("holder").order_by("id")]
    return found or ([person] if person.born_on is None else [])


def _locked(family: Family) -> Family:
    return Family.objects.select_for_update(no_key=True).get(pk=family.pk)


def _home(person: Person, on: date) -> Family | None:
    member = Member.objects.on(on).filter(person=person).select_related("family").first()
    return member.family if member else None


def _record(
    *,
    by: history.Actor,
    at: datetime,
    verb: str,
    family: Family | None = None,
    person: Person | None = None,
    from_state: str = "",
    to_state: str = "",
) -> None:
    subject = person or family
    assert subject is not None
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="person" if person else "family",
        subject=subject.reference,
        family=family,
        person=person,
        from_state=from_state,
        to_state=to_state,
    )
