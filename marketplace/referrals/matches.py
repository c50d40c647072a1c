"""Which mentors fit a person and her goals today, and why, in words she can read.

Only who may be offered on the day is looked at: in the catalogue, with the check that the contact
needs. What a mentor has lived through counts only while she lets it be told; a goal that somebody
keeps to herself counts only on her own page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from budgets.models import Family, Goal, Person
from cms import places, words
from cms.models import (
    ConsentPart,
    Listing,
    Mentor,
    Service,
    Term,
    TermTaxonomy,
    Weekday,
)
from marketplace.referrals import eligibility, facts, matching
from marketplace.referrals.matching import Because

MOST = 3
MOST_LOOKED_AT = 300
KM_A_MILE = 1.609344
# Answers to "When is a good time for you?", as hours of the day.
GOOD_TIMES = {
    "Mornings": (range(5), 9 * 60, 12 * 60),
    "Afternoons": (range(5), 12 * 60, 17 * 60),
    "After school": (range(5), 15 * 60 + 30, 18 * 60),
    "Evenings": (range(5), 17 * 60, 21 * 60),
    "Weekends": (range(5, 7), 9 * 60, 18 * 60),
}
DAYS = {
    Weekday.MONDAY: gettext_lazy("Mondays"),
    Weekday.TUESDAY: gettext_lazy("Tuesdays"),
    Weekday.WEDNESDAY: gettext_lazy("Wednesdays"),
    Weekday.THURSDAY: gettext_lazy("Thursdays"),
    Weekday.FRIDAY: gettext_lazy("Fridays"),
    Weekday.SATURDAY: gettext_lazy("Saturdays"),
    Weekday.SUNDAY: gettext_lazy("Sundays"),
}


@dataclass(frozen=True)
class Asked:
    """Whom a mentor is looked for, and what was said for it on the page."""

    person: Person
    family: Family | None
    goals: tuple[Goal, ...] = ()
    issue: Term | None = None
    interests: tuple[Term, ...] = ()
    languages: tuple[Term, ...] = ()
    hours: tuple[matching.Hours, ...] = ()
    is_herself: bool = False
    """The page is the person's own: what she keeps to herself counts, and it says "you"."""


@dataclass(frozen=True)
class Matched:
    """One mentor who fits, and why."""

    service: Service
    mentor: Mentor | None
    score: int
    reasons: tuple[str, ...] = field(default=())


def find(*, asked: Asked, on: date, most: int = MOST) -> list[Matched]:
    """Return the mentors who fit best on a day, each with its reasons, the weightiest first.

    A constant number of statements, however many mentors there are.
    """
    known = _known(asked, on)
    wanted, names = _wanted(asked, known, on)
    services = {
        service.pk: service
        for service in _candidates(wanted, asked.family, on)
        if eligibility.evaluate(facts.criteria(service), known).met is not False
    }
    ranked = matching.rank(wanted, [_offered(service) for service in services.values()])
    return [
        Matched(
            service=services[match.key],
            mentor=mentor_of(services[match.key]),
            score=match.score,
            reasons=tuple(
                _sentence(reason, services[match.key], names, asked) for reason in match.reasons
            ),
        )
        for match in ranked[:most]
    ]


def mentor_of(service: Service) -> Mentor | None:
    """Return who is behind an entry, where that is known."""
    return getattr(service, "mentor", None)


def liked(text: str, interests: Iterable[Term]) -> list[Term]:
    """Return the interests that somebody's own words name."""
    said = set(words.stems(text))
    return [term for term in interests if said & set(words.stems(term.name))]


def _known(asked: Asked, on: date) -> dict[str, Any]:
    if asked.family is None:
        age = asked.person.age_on(on)
        return {} if age is None else {"age": age}
    return facts.known(person=asked.person, family=asked.family, day=on)


def _wanted(
    asked: Asked, known: Mapping[str, Any], on: date
) -> tuple[matching.Wanted, dict[int, str]]:
    """Return what is wanted, in numbers, and the words of the numbers."""
    goals = [goal for goal in asked.goals if asked.is_herself or not goal.is_confidential]
    terms = [goal.term for goal in goals if goal.term is not None]
    terms += [asked.issue] if asked.issue is not None else []
    common = list(Term.objects.filter(taxonomy__in=[TermTaxonomy.INTEREST, TermTaxonomy.LANGUAGE]))
    interests = [term for term in common if term.taxonomy == TermTaxonomy.INTEREST]
    likes = [*asked.interests, *liked(str(known.get("likes") or ""), interests)]
    # Nearly everybody here speaks English: it speaks for nobody.
    languages = [term for term in asked.languages if term.slug != "english"]
    wanted = matching.Wanted(
        terms=frozenset(term.pk for term in terms),
        age=asked.person.age_on(on),
        interests=frozenset(term.pk for term in likes),
        languages=frozenset(term.pk for term in languages),
        hours=asked.hours or _good_time(known),
        point=_point(asked.family),
    )
    return wanted, {term.pk: term.shown for term in [*terms, *likes, *languages]}


def _good_time(known: Mapping[str, Any]) -> tuple[matching.Hours, ...]:
    days, start, end = GOOD_TIMES.get(str(known.get("best_time")), (range(0), 0, 0))
    return tuple(matching.Hours(day, start, end) for day in days)


def _point(family: Family | None) -> tuple[float, float] | None:
    found = places.find(postcode=family.postcode) if family and family.postcode else None
    return (found.latitude, found.longitude) if found else None


def _candidates(wanted: matching.Wanted, family: Family | None, on: date) -> QuerySet[Service]:
    """Return who may be offered on the day and has something in common with what is wanted."""
    helps = Service.terms.through.objects.filter(
        service=OuterRef("pk"), term__in=wanted.terms | wanted.languages
    )
    lived = Mentor.lived_through.through.objects.filter(
        mentor__service=OuterRef("pk"), term__in=wanted.terms
    )
    likes = Mentor.interests.through.objects.filter(
        mentor__service=OuterRef("pk"), term__in=wanted.interests
    )
    found = (
        Service.objects.offered(on).mentors().filter(Exists(helps) | Exists(lived) | Exists(likes))
    )
    if wanted.age is not None:
        found = found.filter(
            Q(minimum_age__isnull=True) | Q(minimum_age__lte=wanted.age),
            Q(maximum_age__isnull=True) | Q(maximum_age__gte=wanted.age),
        )
    if family is not None and family.district:
        here = Q(districts__contains=f" {slugify(family.district)} ") | Q(districts=" ")
        found = found.filter(Exists(Listing.objects.filter(here, service=OuterRef("pk"))))
    return found.select_related("provider", "listing").prefetch_related(
        "terms", "places", "criteria", Prefetch("mentor", Mentor.objects.whole())
    ).order_by("pk")[:MOST_LOOKED_AT]  # fmt: skip


def _offered(service: Service) -> matching.Offered:
    mentor, terms = mentor_of(service), list(service.terms.all())
    may_tell = mentor is not None and ConsentPart.STORY in mentor.agreed()
    return matching.Offered(
        key=service.pk,
        terms=frozenset(term.pk for term in terms if term.taxonomy != TermTaxonomy.LANGUAGE),
        languages=frozenset(term.pk for term in terms if term.taxonomy == TermTaxonomy.LANGUAGE),
        lived=frozenset(term.pk for term in mentor.lived_through.all())
        if mentor is not None and may_tell
        else frozenset(),
        interests=frozenset(term.pk for term in mentor.interests.all()) if mentor else frozenset(),
        hours=tuple(
            matching.Hours(hour.weekday, minutes(hour.opens_at), minutes(hour.closes_at))
            for hour in mentor.hours.all()
        )
        if mentor
        else (),
        points=tuple(
            (place.latitude, place.longitude)
            for place in service.places.all()
            if place.latitude is not None and place.longitude is not None
        ),
        minimum_age=service.minimum_age,
        maximum_age=service.maximum_age,
    )


def minutes(moment: Any) -> int:
    """Return a time of day as minutes of it."""
    return int(moment.hour * 60 + moment.minute)


def _sentence(
    reason: matching.Reason, service: Service, names: Mapping[int, str], asked: Asked
) -> str:
    """Return a reason in words. A mentor whose first name is not shown is "this mentor"."""
    mentor = mentor_of(service)
    called = (mentor.called() if mentor else "") or _("This mentor")
    shared = [names[number] for number in reason.shared if number in names]
    if reason.because == Because.LIVED:
        said = {"name": called, "what": _listed([_quoted(word) for word in shared])}
        return _("%(name)s has been there too: %(what)s.") % said
    if reason.because == Because.GOAL:
        said = {"name": called, "what": _listed([_quoted(word) for word in shared])}
        return _("%(name)s helps with this: %(what)s.") % said
    if reason.because == Because.INTEREST:
        return _("%(name)s likes this too: %(what)s.") % {
            "name": called,
            "what": _listed([_small(word) for word in shared]),
        }
    if reason.because == Because.LANGUAGE:
        return _("%(name)s speaks %(what)s.") % {"name": called, "what": _listed(shared)}
    if reason.because == Because.HOURS:
        return _when(called, reason.shared, asked)
    return _near(reason.shared[0])


def _when(called: str, days: tuple[int, ...], asked: Asked) -> str:
    said = _listed([str(DAYS[Weekday(day)]) for day in days])
    if asked.is_herself:
        return _("%(name)s is free on %(days)s, when you are.") % {"name": called, "days": said}
    return _("%(name)s is free on %(days)s, when %(person)s is.") % {
        "name": called,
        "days": said,
        "person": asked.person.first_name,
    }


def _near(kilometres: int) -> str:
    miles = round(kilometres / KM_A_MILE)
    if miles < 1:
        return _("Less than a mile from home.")
    return ngettext("%(count)s mile from home.", "%(count)s miles from home.", miles) % {
        "count": miles
    }


def _quoted(word: str) -> str:
    """Return a word that is somebody's own: "I have been in care"."""
    return f"“{word}”"


def _small(word: str) -> str:
    """Return a word as it stands inside a sentence; names and "I" stay as they are."""
    is_own = word[1:2].isupper() or word[:2] == "I "
    return word if is_own else word[:1].lower() + word[1:]


def _listed(said: list[str]) -> str:
    if len(said) < 2:
        return "".join(said)
    return _("%(first)s and %(last)s") % {"first": ", ".join(said[:-1]), "last": said[-1]}
