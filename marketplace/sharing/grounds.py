"""The grounds on which a user may know: each a condition on a model, each by its own index.

Everything here is a subquery, so that a right that ends has ended at the next query, and the whole
of `sharing.visible` stays one query.
"""

import functools
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from budgets.models import Member, Person, Relation, Responsibility
from budgets.models.family import ADULT_AT
from marketplace.people import appointments
from marketplace.people.models import Membership, User
from marketplace.people.roles import Power
from marketplace.sharing.models import Information, Reason, ReasonKind, Scope
from marketplace.sharing.paths import Paths


@dataclass(frozen=True)
class Ground:
    """Persons, and families for what names no person; both are subqueries or lists of ids."""

    persons: Any
    families: Any
    # Her household's eyes see what happens in this household, not in one somebody had before.
    only_in_these_families: bool = False


def conditions(path: Paths, *, user: User, at: datetime) -> Iterator[Q]:
    """Return every condition under which a row is for this user's eyes; any of them is enough.

    What is held back is for nobody but whoever was asked about that very thing; what is its
    author's is for nobody else.
    """
    day, hers = timezone.localdate(at), _hers(path, user)
    for condition in _standing(path, user=user, day=day):
        yield condition & _let_out(path, day) & hers
    for live in reasons(user, at):
        if not path.is_private:
            yield from (condition & hers for condition in under(path, live, day=day))
        elif path.is_opened_by_reasons:
            yield from _whole(path, live, day=day)


def _standing(path: Paths, *, user: User, day: date) -> Iterator[Q]:
    """Return what she may know as who she is to the person, with no reason opened for it."""
    shown = _shown(path)
    if path.is_private:
        yield from _private(path, user=user, day=day, shown=shown)
        return
    if user.person_id is not None:
        yield from _about(path, household(user, day), shown=shown)
        yield from _own(path, user)
        for other in same([user.person_id]):
            yield from _about(path, other, shown=shown)
    yield from _about(path, appointed(user, day), shown=shown)
    for other in same(appointed(user, day).persons):
        yield from _about(path, other, shown=shown)
    yield from _about(path, confided(user, day))
    whole = path.information != Information.HOUSEHOLD
    yield from _about(path, led(user, day, whole=whole), shown=shown)


def under(path: Paths, live: QuerySet[Reason], *, day: date) -> Iterator[Q]:
    """Return the conditions that these reasons open."""
    yield from _whole(path, live, day=day)
    if path.subject is not None:
        yield Q(**{f"{path.subject}__in": live.values("subject")})
    if path.person == "pk":
        yield Q(pk__in=live.values("person"))


def _whole(path: Paths, live: QuerySet[Reason], *, day: date) -> Iterator[Q]:
    """Return what reasons for the whole record open, of the kinds of information they open.

    Where a model has rows of many kinds, whatever any of the reasons opens is found by its index,
    and then narrowed: a branch for each kind would be many for few rows.
    """
    shown = _shown(path) & _let_out(path, day)
    whole = live.filter(scope=Scope.RECORD)
    by_kind = [
        list(_about(path, _ground(whole.filter(**opening), day), shown=shown & of_that_kind))
        for opening, of_that_kind in _kinds(path)
    ]
    if len(by_kind) == 1:
        yield from by_kind[0]
        return
    for place, found in enumerate(_about(path, _ground(whole, day))):
        yield found & functools.reduce(operator.or_, (kind[place] for kind in by_kind))


def _ground(reasons: QuerySet[Reason], day: date) -> Ground:
    persons = reasons.values("person")
    return Ground(persons, households(persons, day))


def _kinds(path: Paths) -> Iterator[tuple[dict[str, bool], Q]]:
    """Return, for each kind of information in a model, what opens it and which rows are of it."""
    if path.information is not None:
        yield {f"opens_{path.information}": True}, Q()
        return
    at = f"{path.information_at}__in"
    for kind, names in path.information_of:
        yield {f"opens_{kind}": True}, Q(**{at: names})
    named = [name for _kind, names in path.information_of for name in names]
    yield {f"opens_{each}": True for each in Information}, ~Q(**{at: named})


def household(user: User, day: date) -> Ground:
    """Return whoever lives with the user, and her households; a visitor sees only her own.

    Of those who are hidden, only whom she decides for.
    """
    families = households([user.person_id], day)
    stays = Member.objects.on(day).filter(family__in=families)
    seen = stays.filter(Q(person__is_shielded=False) | Q(person__in=decided_for(user, day)))
    return Ground(seen.values("person"), families, only_in_these_families=True)


def appointed(user: User, day: date) -> Ground:
    """Return who appointed the user, and the households of those whom she may represent."""
    represented = appointments.of(user=user, on=day, power=Power.REPRESENT).values("person")
    return Ground(appointments.of(user=user, on=day).values("person"), households(represented, day))


def same(persons: Any) -> list[Ground]:
    """Return the other records of these persons; a hidden person's lead nowhere."""
    return [Ground(keys, None) for keys in Person.objects.all().ways_to_same(persons)]


def confided(user: User, day: date) -> Ground:
    """Return who tells the user what they tell nobody else."""
    return Ground(appointments.of(user=user, on=day, power=Power.CONFIDE).values("person"), None)


def led(user: User, day: date, *, whole: bool = True) -> Ground:
    """Return the families that the user leads for.

    From a school, a landlord or the police she sees who they are, and not the whole (design §5).
    """
    leads = appointments.leads_whole if whole else appointments.leads_of
    families = leads(user=user, on=day).values("family")
    return Ground(at_home(families, day), families, only_in_these_families=True)


def reasons(user: User, at: datetime) -> tuple[QuerySet[Reason], QuerySet[Reason]]:
    """Return the live reasons of the user's roles, and her own while she works there.

    Two, since one query with an OR in it would walk every reason that is open.
    """
    works = Membership.objects.on(timezone.localdate(at)).filter(
        user=user, organisation=OuterRef("organisation")
    )
    # What an emergency opens is read on a page of its own, and nowhere else (emergencies.py).
    live = Reason.objects.live(at).exclude(kind=ReasonKind.EMERGENCY)
    return (
        live.filter(Exists(works.filter(role=OuterRef("role"))), user__isnull=True),
        live.filter(Q(organisation__isnull=True) | Exists(works), user=user),
    )


def reasons_of_colleagues(user: User, at: datetime) -> QuerySet[Reason]:
    """Return the live reasons of anybody where the user works."""
    works = Membership.objects.on(timezone.localdate(at)).filter(user=user)
    live = Reason.objects.live(at).exclude(kind=ReasonKind.EMERGENCY)
    return live.filter(organisation__in=works.values("organisation"))


def _shown(path: Paths) -> Q:
    if path.confidential is None or path.author is not None:
        return Q()
    return Q(**{path.confidential: False})


def _hers(path: Paths, user: User) -> Q:
    """Return what she wrote herself, of what is for its author's eyes only."""
    return Q(**{path.author: user.pk}) if path.author else Q()


def _let_out(path: Paths, day: date) -> Q:
    """Return what is not held back any more."""
    if path.held_back is None:
        return Q()
    return Q(**{f"{path.held_back}__isnull": True}) | Q(**{f"{path.held_back}__lte": day})


def households(persons: Any, day: date) -> Any:
    """Return where these persons live; visiting is not living there."""
    stays = Member.objects.on(day).filter(person__in=persons)
    return stays.exclude(relation=Relation.VISITOR).values("family")


def at_home(families: Any, day: date) -> Any:
    """Return who lives in these households and is not hidden, visitors included."""
    stays = Member.objects.on(day).filter(family__in=families, person__is_shielded=False)
    return stays.values("person")


def decided_for(user: User, day: date) -> Any:
    """Return the children whom the user decides for, and who do not decide alone yet.

    Who decides alone under one of her records does so under each; a hidden person's records lead
    nowhere, here neither.
    """
    alone = Person.objects.filter(
        Q(decides_alone_on__lte=day) | Q(born_on__lte=years_before(day, ADULT_AT)),
        is_shielded=False,
    )
    held = Responsibility.objects.on(day).filter(holder=user.person_id, may_decide=True)
    return held.filter(
        Q(person__decides_alone_on__isnull=True) | Q(person__decides_alone_on__gt=day),
        Q(person__born_on__isnull=True) | Q(person__born_on__gt=years_before(day, ADULT_AT)),
        ~Exists(alone.filter(merged_into=OuterRef("person"))),
        ~Exists(alone.filter(pk=OuterRef("person__merged_into"))),
        ~Exists(alone.filter(merged_into=OuterRef("person__merged_into"))),
    ).values("person")


def years_before(day: date, years: int) -> date:
    """Return the same day some years earlier; 28 February for a leap day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _about(path: Paths, ground: Ground, *, shown: Q | None = None) -> Iterator[Q]:
    """Return what is about these persons, and what is about their family and nobody named."""
    shown = shown or Q()
    in_families = Q(**{f"{path.family}__in": ground.families})
    if path.person is None:
        if ground.families is not None:
            yield in_families & shown
        return
    about = Q(**{f"{path.person}__in": ground.persons})
    if ground.only_in_these_families and not path.is_reached_by_person:
        about &= in_families
    yield about & shown
    if ground.families is not None and not path.is_reached_by_person:
        yield Q(**{f"{path.person}__isnull": True}) & in_families & shown


def _own(path: Paths, user: User) -> Iterator[Q]:
    if path.person is not None:
        yield Q(**{path.person: user.person_id})


def _private(path: Paths, *, user: User, day: date, shown: Q) -> Iterator[Q]:
    if path.person is None:
        return
    if user.person_id is not None:
        yield from _own(path, user)
        yield Q(**{f"{path.person}__in": decided_for(user, day)}) & shown
    represented = appointments.of(user=user, on=day, power=Power.REPRESENT).values("person")
    yield Q(**{f"{path.person}__in": represented}) & shown
    yield from _about(path, confided(user, day))
