"""The rows the search reads, written from services: what it says, whom for, when and where."""

import datetime
import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.db import models, transaction
from django.utils.text import slugify

from cms import words as language
from cms.filters import COLUMNS
from cms.models import (
    ConsentPart,
    ContactCheck,
    FreeHour,
    Listing,
    Mention,
    Mentor,
    Place,
    Schedule,
    Service,
    Term,
    TermTaxonomy,
    Word,
)

ELSEWHERE = "elsewhere"  # it has places, none of them in a district we know
UNKNOWN = "-"
NOON, EVENING = datetime.time(12), datetime.time(17)
# Up to where a price and a wait are counted together, in pence and days.
PRICE_STEPS = (0, 2500, 5000)
WAIT_STEPS = (7, 28)
TRAITS = ("kind", "unit", "price", "wait", "step_free")
# How much a word says about a service, by where it stands.
IN_NAME, IN_SUMMARY, IN_TEXT, IN_KIND, ELSEWHERE_SAID, MOST_POINTS = 10, 5, 3, 5, 1, 30
IN_TERM = {
    TermTaxonomy.ISSUE: 7,
    TermTaxonomy.NEED: 3,
    TermTaxonomy.CATEGORY: 5,
    TermTaxonomy.LANGUAGE: 8,
    TermTaxonomy.AUDIENCE: 3,
    TermTaxonomy.BARRIER: 2,
    TermTaxonomy.VISION: 2,
    TermTaxonomy.INTEREST: 4,
}
AT_A_TIME = 500


class Keep(enum.Enum):
    """Says that a value handed down earlier stays as it is."""

    KEEP = enum.auto()


KEEP = Keep.KEEP


@transaction.atomic
def write(service: Service, handed_down: Mapping[str, object]) -> Listing:
    """Write a service's row and its words afresh, with what rooms above hand down."""
    terms = [*Term.objects.filter(services=service.pk).select_related("parent__parent")]
    places = [*Place.objects.filter(services=service.pk)]
    mentor = Mentor.objects.whole().filter(service=service.pk).first()
    listing, _is_new = Listing.objects.select_for_update(no_key=True).get_or_create(
        service=service, defaults={"name": service.name, "kind": service.kind}
    )
    times: list[Schedule | FreeHour] = [*Schedule.objects.filter(service=service.pk)]
    times += free_hours(mentor)
    fill(listing, service, terms, places, times, handed_down)
    listing.save()
    say(listing, [*said_by(service, terms, places), *said_of_a_mentor(mentor)])
    return listing


def fill(
    listing: Listing,
    service: Service,
    terms: Sequence[Term],
    places: Sequence[Place],
    times: Iterable[Schedule | FreeHour],
    handed_down: Mapping[str, object],
) -> None:
    """Put into a listing what its service is and what is handed down."""
    point = next((place for place in places if place.has_point), None)
    is_offered, offered_until = offered_days(service)
    columns = {
        "name": service.name,
        "kind": service.kind,
        "is_offered": is_offered,
        "offered_until": offered_until,
        "minimum_age": service.minimum_age,
        "maximum_age": service.maximum_age,
        "wait_days": service.wait_days,
        "step_free": any(place.step_free for place in places),
        "latitude": point.latitude if point else None,
        "longitude": point.longitude if point else None,
        "districts": spaced(districts_of(service, places)),
        "hours": spaced(hours_of(times)),
        **sets_of(with_parents(terms)),
    }
    for name, value in {**columns, **handed_down}.items():
        setattr(listing, name, value)
    listing.traits = traits_of(listing)


def free_hours(mentor: Mentor | None) -> list[FreeHour]:
    """Return when a mentor is usually free."""
    return [*FreeHour.objects.filter(mentor=mentor)] if mentor else []


def offered_days(service: Service) -> tuple[bool, datetime.date | None]:
    """Return whether a service is offered, and the first day on which it is not, if there is one.

    The same as `Service.objects.offered`, remembered so that a search need not read services.
    """
    ends = [service.withdrawn_on] if service.withdrawn_on else []
    is_named = service.contact_check != ContactCheck.NONE
    held = service.check_valid_until if is_named else None
    needs_check = is_named or service.is_mentor
    if needs_check and held:
        ends.append(held + datetime.timedelta(days=1))
    is_offered = service.live and service.merged_into_id is None and not (needs_check and not held)
    return is_offered, min(ends, default=None)


def sets_of(terms: Iterable[Term]) -> dict[str, str]:
    """Return a service's terms as its listing keeps them: by taxonomy, in one order."""
    found: dict[str, list[int]] = {name: [] for name in COLUMNS.values()}
    for term in terms:
        found[COLUMNS[TermTaxonomy(term.taxonomy)]].append(term.pk)
    return {name: spaced(map(str, sorted(keys))) for name, keys in found.items()}


def hours_of(times: Iterable[Schedule | FreeHour]) -> list[str]:
    """Return each day and part of the day in which something is on: "3e", Thursday evening."""
    found = {
        f"{UNKNOWN if time.weekday is None else time.weekday}{part}"
        for time in times
        for part in parts_of(time.opens_at, time.closes_at)
    }
    return sorted(found)


def parts_of(opens_at: datetime.time | None, closes_at: datetime.time | None) -> Iterator[str]:
    """Return the parts of the day between two times: m(orning), a(fternoon), e(vening)."""
    if opens_at is None:
        yield UNKNOWN
        return
    until = closes_at or opens_at
    if opens_at < NOON:
        yield "m"
    if opens_at < EVENING and (until > NOON or opens_at >= NOON):
        yield "a"
    if until > EVENING or opens_at >= EVENING:
        yield "e"


def traits_of(listing: Listing) -> str:
    """Return what is counted in one go, as `TRAITS` names it: "group|session|2500|7|1"."""
    return "|".join(
        (
            listing.kind,
            listing.price_unit,
            step(listing.price_from_pence, PRICE_STEPS),
            step(listing.wait_days, WAIT_STEPS),
            "1" if listing.step_free else "",
        )
    )


def step(value: int | None, steps: Sequence[int]) -> str:
    """Return the lowest step that a value does not exceed; nothing where there is none."""
    if value is None:
        return ""
    return next((str(up_to) for up_to in steps if value <= up_to), "")


def said_by(
    service: Service, terms: Sequence[Term], places: Sequence[Place]
) -> Iterator[tuple[str, int]]:
    """Return all that a service says, each with how many points its words have there."""
    yield service.name, IN_NAME
    yield str(service.get_kind_display()), IN_KIND
    yield service.summary, IN_SUMMARY
    yield service.description, IN_TEXT
    yield service.provider.name, ELSEWHERE_SAID
    for place in places:
        yield f"{place.name} {place.district}", ELSEWHERE_SAID
    own = {term.pk for term in terms}
    for term in with_parents(terms):
        points = IN_TERM[TermTaxonomy(term.taxonomy)]
        if term.pk in own:
            yield f"{term.name} {term.plain_name} {term.also_said}", points
        else:
            # The wider term finds it too, but says less about it.
            yield f"{term.name} {term.plain_name}", points // 2


def said_of_a_mentor(mentor: Mentor | None) -> Iterator[tuple[str, int]]:
    """Return what a mentor says and likes: her story only while her own yes to it stands."""
    if mentor is None:
        return
    if ConsentPart.STORY in mentor.agreed():
        yield mentor.story, IN_TEXT
    for term in mentor.interests.all():
        yield f"{term.name} {term.plain_name} {term.also_said}", IN_TERM[TermTaxonomy.INTEREST]


def say(listing: Listing, texts: Iterable[tuple[str, int]]) -> None:
    """Keep what a listing says: each stem with its points; what it says no longer is forgotten."""
    points, found = points_of(texts)
    kept = {mention.stem: mention for mention in listing.mentions.all()}
    changed = [row.pk for stem, row in kept.items() if points.get(stem) != row.points]
    Mention.objects.filter(pk__in=changed).delete()
    Mention.objects.bulk_create(
        Mention(listing=listing, stem=stem, points=each)
        for stem, each in points.items()
        if stem not in kept or kept[stem].points != each
    )
    forget(kept.keys() - points.keys())
    learn(found)


def points_of(texts: Iterable[tuple[str, int]]) -> tuple[dict[str, int], set[str]]:
    """Return each stem of some texts with its points, and all words as they are written."""
    points: dict[str, int] = {}
    found: set[str] = set()
    for text, each in texts:
        said = language.unique(language.split(text))
        found.update(said)
        for stem in language.unique(map(language.stem, said)):
            points[stem] = min(points.get(stem, 0) + each, MOST_POINTS)
    return points, found


def with_parents(terms: Sequence[Term]) -> list[Term]:
    """Return terms and what they are part of, so that the wider term finds the service."""
    found: dict[int, Term] = {}
    for term in terms:
        step: Term | None = term
        while step is not None and step.pk not in found:
            found[step.pk] = step
            step = step.parent
    return [*found.values()]


def districts_of(service: Service, places: Sequence[Place]) -> list[str]:
    """Return the slugs of the districts a service is for; none means everywhere."""
    names = service.districts or [place.district for place in places if place.district]
    if not names and places:
        return [ELSEWHERE]
    return language.unique(slugify(name) for name in names)


def spaced(entries: Iterable[str]) -> str:
    """Return entries as a listing keeps them: a space before and after each."""
    return " " + "".join(f"{entry} " for entry in entries)


def learn(said: set[str]) -> None:
    """Add the words of a listing to the vocabulary that spelling is mended from."""
    known = set(Word.objects.filter(text__in=said).values_list("text", flat=True))
    Word.objects.bulk_create(
        [
            Word(text=word, stem=language.stem(word), length=len(word))
            for word in sorted(said - known)
        ],
        ignore_conflicts=True,
    )


def set_next_free(*, service_id: int, at: datetime.datetime | None) -> None:
    """Hand down when a service is next free, and nothing else."""
    Listing.objects.filter(service=service_id).update(next_free_at=at)


def forget(stems: Collection[str]) -> None:
    """Take words out of the vocabulary that no listing says any more."""
    if stems:
        said = Mention.objects.filter(stem__in=stems).values("stem")
        Word.objects.filter(stem__in=stems).exclude(stem__in=said).delete()


def rebuild(*, services: models.QuerySet[Service] | None = None) -> int:
    """Write the rows of all services, or of some, afresh; return how many.

    What was handed down stays. Words that nothing says any more are forgotten when all are written.
    """
    rows = Service.objects.all() if services is None else services
    count = 0
    for service in rows.select_related("provider").order_by("pk").iterator(AT_A_TIME):
        write(service, {})
        count += 1
    if services is None:  # else nobody has looked at all of them
        Word.objects.exclude(stem__in=Mention.objects.values("stem")).delete()
    return count


def unsaid() -> models.QuerySet[Service]:
    """Return the services whose row says nothing: none was written since rows have had words."""
    return Service.objects.filter(listing__mentions=None)


def concerning(row: Place | Term) -> models.QuerySet[Service]:
    """Return the services whose rows say something of a place, of a term or of what is under it."""
    if isinstance(row, Place):
        return Service.objects.filter(places=row)
    under = models.Q(terms=row) | models.Q(terms__parent=row) | models.Q(terms__parent__parent=row)
    return Service.objects.filter(under).distinct()
