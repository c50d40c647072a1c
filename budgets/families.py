"""Households and their people: who lives where, and who may decide for whom."""

from collections.abc import Iterable
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


class IsMerged(history.Refused):
    """Another record stands for this one now."""

    def __init__(self) -> None:
        super().__init__(
            _("Another record stands for this one now. Open that one, or undo the merge first.")
        )


class NoWords(history.Refused):
    """What changes who may decide, or who is hidden, says why."""

    def __init__(self) -> None:
        super().__init__(_("Write down why, and who said so."))


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


class DoesNotDecide(history.Refused):
    """What was never found is not taken back; and an adult decides for herself."""

    def __init__(self, *, person: Person) -> None:
        super().__init__(
            _("It is not on record that %(name)s was found to decide alone.")
            % {"name": person.first_name}
        )


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
    until: date | None = None,
) -> Member:
    """Let somebody into a household from a day on, or until a day that is not included any more.

    Raises AlreadyAtHome, IsMerged.
    """
    with transaction.atomic():
        family = _locked(family)
        if family.is_merged:
            raise IsMerged
        stays = Member.objects.after(on).filter(family=family, person=person)
        if (stays if until is None else stays.filter(joined_on__lt=until)).exists():
            raise AlreadyAtHome(person=person)
        member = Member.objects.create(
            family=family,
            person=person,
            relation=Relation(relation),
            joined_on=on,
            left_on=until,
        )
        _record(by=by, at=at, verb="join", family=family, person=person, to_state=relation)
    return member


def leave(*, family: Family, person: Person, on: date, by: history.Actor, at: datetime) -> Member:
    """End somebody's time in a household; that day is not included. Raises NotAtHome.

    Whoever leaves a household leaves all of its records.
    """
    with transaction.atomic():
        family = _locked(family)
        records = Family.objects.records_of(family)
        stays = Member.objects.after(on).filter(family__in=records, person=person, joined_on__lt=on)
        member = stays.order_by("family__merged_into", "pk").first()
        if member is None:
            raise NotAtHome(person=person)
        stays.update(left_on=on)
        member.left_on = on
        _record(by=by, at=at, verb="leave", family=family, person=person)
    return member


def stay_as(
    *, family: Family, person: Person, relation: Relation, on: date, by: history.Actor, at: datetime
) -> Member:
    """Say that somebody is something else in a household from a day on: a visitor moves in.

    Raises NotAtHome.
    """
    with transaction.atomic():
        leave(family=family, person=person, on=on, by=by, at=at)
        return join(family=family, person=person, relation=relation, on=on, by=by, at=at)


def move(
    *,
    person: Person,
    out_of: Family,
    into: Family,
    relation: Relation,
    on: date,
    by: history.Actor,
    at: datetime,
) -> Member:
    """Move somebody from one household to another on a day. Raises NotAtHome, AlreadyAtHome."""
    with transaction.atomic():
        leave(family=out_of, person=person, on=on, by=by, at=at)
        return join(family=into, person=person, relation=relation, on=on, by=by, at=at)


def home(*, person: Person, on: date) -> Family | None:
    """Return where somebody lives on a day, or None; visiting is not living there."""
    stays = Member.objects.on(on).filter(person=person).living_there()
    stay = stays.select_related("family__merged_into").order_by("joined_on", "pk").first()
    return (stay.family.merged_into or stay.family) if stay else None


def shown_once(persons: Iterable[Person]) -> list[Person]:
    """Return these people without the records for which another of them stands."""
    known = list(persons)
    keys = {person.pk for person in known}
    return [person for person in known if person.merged_into_id not in keys]


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
            family=home(person=person, on=on),
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


def decide_alone(
    *, person: Person, on: date, by: history.Actor, at: datetime, words: str = ""
) -> Person:
    """Record that a competent young person decides for herself, who found so, and on what.

    Raises DecidesAlready.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if person.decides_alone:
            raise DecidesAlready(person=person)
        person.decides_alone, person.decides_alone_on = True, on
        person.decides_alone_by = by.reference
        person.save(update_fields=["decides_alone", "decides_alone_on", "decides_alone_by"])
        _record(
            by=by,
            at=at,
            verb="decide_alone",
            family=home(person=person, on=on),
            person=person,
            to_state="decides_alone",
            text=words.strip(),
        )
    return person


def decide_with_others(
    *, person: Person, words: str, on: date, by: history.Actor, at: datetime
) -> Person:
    """Take back that a young person decides alone, with why; who was recorded decides again.

    Who found it, and since when, stays in the history. Raises NoWords, DoesNotDecide.
    """
    if not words.strip():
        raise NoWords
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not person.decides_alone or person.is_adult_on(on):
            raise DoesNotDecide(person=person)
        person.decides_alone, person.decides_alone_on, person.decides_alone_by = False, None, ""
        person.save(update_fields=["decides_alone", "decides_alone_on", "decides_alone_by"])
        _record(
            by=by,
            at=at,
            verb="decide_with_others",
            family=home(person=person, on=on),
            person=person,
            from_state="decides_alone",
            text=words.strip(),
        )
    return person


def deciders(*, person: Person, on: date) -> list[Person]:
    """Return who may say yes for a person on a day: herself, or those recorded as deciding.

    An adult, and a young person found competent (Gillick), decides for herself. Where nobody is
    recorded and the birthday is not known, she does too. What one of her records says holds for
    the others.
    """
    if _decides_alone(person, on):
        return [person]
    records = list(Person.objects.same_as([person.pk]))
    if any(_decides_alone(record, on) for record in records):
        return [person]
    held = Responsibility.objects.on(on).filter(person__in=[person, *records], may_decide=True)
    found = [one.holder for one in held.select_related("holder").order_by("id")]
    return list(dict.fromkeys(found)) or ([person] if person.born_on is None else [])


def _decides_alone(person: Person, on: date) -> bool:
    found_on = person.decides_alone_on
    return person.is_adult_on(on) or (found_on is not None and found_on <= on)


def _locked(family: Family) -> Family:
    return Family.objects.select_for_update(no_key=True).get(pk=family.pk)


def _record(
    *,
    by: history.Actor,
    at: datetime,
    verb: str,
    family: Family | None = None,
    person: Person | None = None,
    from_state: str = "",
    to_state: str = "",
    text: str = "",
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
        text=text,
    )
