"""What is known about me: where from, who checked it and when, and who was told."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from budgets.models import Person
from cms.models import Organisation
from marketplace.pages import doors
from marketplace.pages.family import household, sharing_words, words
from marketplace.people.roles import Role
from marketplace.sharing import facts
from marketplace.sharing.models import (
    Fact,
    FactForm,
    FactOffer,
    Reason,
    Source,
    Verification,
)


@dataclass(frozen=True)
class Known:
    """One fact in words: what, where from, who checked it, and who was told."""

    fact: Fact
    what: str
    value: str
    source: str
    checked: str
    told: tuple[str, ...]


@dataclass(frozen=True)
class About:
    """One person, and what is known about her."""

    title: str
    person: Person
    known: tuple[Known, ...]


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """List what is known about the visitor and the children she decides for."""
    home = household.of(visit)
    mine = Q(person=visit.person)
    children = Q(person__in=[child.pk for child in home.children], is_confidential=False)
    rows = visit.visible(Fact.objects.standing()).filter(mine | children)
    return render(
        request,
        "family/facts.html",
        {"home": home, "people": about(home.own, described(rows, visit=visit), home.called)},
    )


def about(
    persons: Iterable[Person], known: Iterable[Known], called: Callable[[Person], str]
) -> list[About]:
    """Return what is known, by person, in the persons' order."""
    by_person: dict[int, list[Known]] = defaultdict(list)
    for one in known:
        by_person[one.fact.person_id].append(one)
    return [
        About(title=called(person), person=person, known=tuple(by_person[person.pk]))
        for person in persons
    ]


def described(rows: Iterable[Fact], *, visit: doors.Visit) -> list[Known]:
    """Return facts in words, in a constant number of queries.

    Who was told is named only where the reader may know of the reason: neither a secret request
    nor what is held back shows in it.
    """
    found = list(
        Fact.objects.filter(pk__in=[row.pk for row in rows])
        .select_related(
            "person", "source_organisation", "entered_organisation", "verified_organisation"
        )
        .order_by("key", "pk")
    )
    told: dict[int, list[str]] = defaultdict(list)
    shown = visit.visible(Reason.objects.all())
    for offer in facts.offers_of(facts=found).filter(reason__in=shown):
        told[offer.fact_id].append(_told(offer))
    for reason in visit.visible(facts.opened_to(facts=found, at=visit.at)):
        for fact in found:
            if fact.person_id == reason.person_id and not fact.is_confidential:
                told[fact.pk].append(_may_see(reason))
    return [
        Known(
            fact=fact,
            what=sharing_words.fact(fact.key),
            value=sharing_words.value(fact.value),
            source=_source(fact),
            checked=_checked(fact),
            told=tuple(dict.fromkeys(told[fact.pk])),
        )
        for fact in found
    ]


def who(role: str, place: Organisation | None) -> str:
    """Return a role and a place, never a worker's name."""
    shown = str(words.ROLES[Role(role)]) if role else _("Somebody")
    return _("%(role)s at %(place)s") % {"role": shown, "place": place.name} if place else shown


def _source(fact: Fact) -> str:
    source = str(sharing_words.SOURCES[Source(fact.came_from)])
    if fact.source_organisation is not None:
        source = f"{source}: {fact.source_organisation.name}"
    return _("%(source)s. Put here by: %(who)s, %(day)s.") % {
        "source": source,
        "who": who(fact.entered_role, fact.entered_organisation),
        "day": sharing_words.day(fact.entered_at),
    }


def _checked(fact: Fact) -> str:
    if fact.verified_at is None:
        return ""
    return _("%(who)s %(how)s, %(day)s.") % {
        "who": who(fact.verified_role, fact.verified_organisation),
        "how": sharing_words.CHECKS[Verification(fact.verified_how)],
        "day": sharing_words.day(fact.verified_at),
    }


def _may_see(reason: Reason) -> str:
    return _("%(who)s can see this now.") % {"who": who(reason.role, reason.organisation)}


def _told(offer: FactOffer) -> str:
    named = {
        "who": who(offer.reason.role, offer.reason.organisation),
        "question": offer.question,
        "day": sharing_words.day(offer.offered_at),
    }
    if offer.form == FactForm.VALUE:
        return _("%(who)s was told this, %(day)s.") % named
    return _("%(who)s was told only yes or no to: “%(question)s” %(day)s.") % named
