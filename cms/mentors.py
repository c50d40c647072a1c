"""The verbs of mentors: what stands about them, and their own yes to showing it.

Nothing of it is carried by a draft: a yes counts, and is taken back, at once and everywhere.
"""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry, Revision

from cms import catalogue, pictures
from cms.models import (
    ConsentPart,
    FreeHour,
    Mentor,
    MentorConsent,
    Picture,
    Service,
    Term,
    TermTaxonomy,
)

MOST_INTERESTS = 12
MOST_HOURS = 21


class NotAMentor(catalogue.Refused):
    """An entry that is no mentor's."""


class IsThereAlready(catalogue.Refused):
    """An entry whose mentor is known."""


class NothingToShow(catalogue.Refused):
    """A yes to nothing."""


class HasChanged(catalogue.Refused):
    """A yes to something else than what is there now."""


class TooMuch(catalogue.Refused):
    """More than anybody reads."""


@dataclass(frozen=True)
class Yes:
    """Whose yes it is, how it was said (`Through`), and when."""

    by: str
    through: str
    at: datetime.datetime


@transaction.atomic
def add(*, service: Service, first_name: str, yes: Yes | None = None) -> Mentor:
    """Say who is behind an entry. Until she says yes herself, nothing of her is shown.

    `yes` is hers to her first name, where she puts herself in. Raises `NotAMentor`,
    `IsThereAlready`, catalogue.Unfit where the entry's words name her.
    """
    service = _locked(service)
    if not service.is_mentor:
        raise NotAMentor(_("This entry is not a mentor’s or a role model’s."))
    if Mentor.objects.filter(service=service).exists():
        raise IsThereAlready(_("We know who this is already."))
    mentor = Mentor(service=service, first_name=first_name.strip())
    catalogue.must_be_fit(mentor)
    mentor.save()
    if yes is not None:
        _agree(mentor, {ConsentPart.FIRST_NAME: mentor.digest(ConsentPart.FIRST_NAME)}, yes)
    _write_entry(mentor, must_fit=True)
    return mentor


@transaction.atomic
def describe(
    *,
    mentor: Mentor,
    first_name: str,
    story: str,
    lived_through: Iterable[Term],
    by: str,
    at: datetime.datetime,
) -> Mentor:
    """Change what she is called and has lived through; a yes to what was there before ends.

    Raises catalogue.Unfit.
    """
    mentor = locked(mentor)
    before = {part: mentor.digest(part) for part in ConsentPart.values}
    if first_name.strip() != mentor.first_name:
        _forget(mentor)
    mentor.first_name, mentor.story = first_name.strip(), story.strip()
    catalogue.must_be_fit(mentor)
    mentor.save(update_fields=["first_name", "story"])
    mentor.lived_through.set(_of(TermTaxonomy.ISSUE, lived_through))
    mentor = locked(mentor)
    changed = [part for part in before if before[part] != mentor.digest(part)]
    _end(mentor, changed, by=by, at=at)
    _write_entry(locked(mentor), must_fit=True)
    return mentor


@transaction.atomic
def like(*, mentor: Mentor, interests: Iterable[Term]) -> Mentor:
    """Say what she likes, by the common words. Raises `TooMuch`."""
    mentor, liked = locked(mentor), _of(TermTaxonomy.INTEREST, interests)
    if len(liked) > MOST_INTERESTS:
        raise TooMuch(_("Choose twelve interests at most."))
    mentor.interests.set(liked)
    _write_entry(mentor)
    return mentor


@transaction.atomic
def free(*, mentor: Mentor, hours: Sequence[FreeHour]) -> Mentor:
    """Say when in the week she is usually free; `hours` are unsaved. Raises catalogue.Unfit."""
    mentor = locked(mentor)
    if len(hours) > MOST_HOURS:
        raise TooMuch(_("Three times a day are enough."))
    FreeHour.objects.filter(mentor=mentor).delete()
    for hour in hours:
        hour.mentor = mentor
        catalogue.must_be_fit(hour)
        hour.save()
    _write_entry(mentor)
    return mentor


@transaction.atomic
def picture(
    *, mentor: Mentor, content: bytes, is_drawing: bool, by: str, at: datetime.datetime
) -> Picture:
    """Put a picture in the place of the old one, which is deleted; her yes to that one ends.

    Raises pictures.NotAPicture.
    """
    mentor, small = locked(mentor), pictures.small(content=content)
    Picture.objects.filter(mentor=mentor).delete()
    _end(mentor, [ConsentPart.PICTURE], by=by, at=at)
    return Picture.objects.create(
        mentor=mentor,
        content=small.content,
        digest=small.digest,
        width=small.width,
        height=small.height,
        is_drawing=is_drawing,
        added_at=at,
        added_by=by,
    )


@transaction.atomic
def say_yes(*, mentor: Mentor, seen: dict[str, str], yes: Yes) -> Mentor:
    """Let parts of her be shown, exactly as she saw them: `seen` is each part's digest.

    Whoever calls has made sure that it is the mentor herself. Raises `NothingToShow`,
    `HasChanged` where a part is not what she saw.
    """
    mentor = locked(mentor)
    for part, digest in seen.items():
        now = mentor.digest(part)
        if not now:
            raise NothingToShow(_("There is nothing to show there yet."))
        if digest != now:
            raise HasChanged(_("This has changed since you looked. Look again before you say yes."))
    fresh = {part: digest for part, digest in seen.items() if part not in mentor.agreed()}
    _end(mentor, fresh, by=yes.by, at=yes.at)
    _agree(mentor, fresh, yes)
    mentor = locked(mentor)
    _write_entry(mentor)
    return mentor


@transaction.atomic
def hide(*, mentor: Mentor, by: str, at: datetime.datetime) -> Mentor:
    """Show nothing of her until she says yes again; nothing is deleted."""
    mentor = locked(mentor)
    _end(mentor, ConsentPart.values, by=by, at=at)
    mentor = locked(mentor)
    _write_entry(mentor)
    return mentor


@transaction.atomic
def take_back(*, mentor: Mentor, parts: Iterable[str], by: str, at: datetime.datetime) -> Mentor:
    """Show parts of her no more, at once and everywhere. A picture and a story are deleted.

    Without her first name the entry has a new address too, where the old one says it.
    """
    mentor, gone = locked(mentor), set(parts)
    _end(mentor, gone, by=by, at=at)
    if ConsentPart.PICTURE in gone:
        Picture.objects.filter(mentor=mentor).delete()
    if ConsentPart.STORY in gone:
        mentor.story = ""
        mentor.save(update_fields=["story"])
        mentor.lived_through.clear()
    mentor = locked(mentor)
    _write_entry(mentor)
    return mentor


def locked(mentor: Mentor) -> Mentor:
    """Lock a mentor's entry and herself, and return her as she is now."""
    _locked(Service(pk=mentor.service_id))
    Mentor.objects.select_for_update(no_key=True, of=("self",)).get(pk=mentor.pk)
    return Mentor.objects.whole().get(pk=mentor.pk)


def shown_picture(*, reference: uuid.UUID) -> Picture | None:
    """Return a picture with its bytes, while her yes to it stands and her entry does."""
    found = Picture.objects.select_related("mentor__service").filter(reference=reference).first()
    if found is None or not found.mentor.service.live or found.mentor.service.is_withdrawn:
        return None
    return found if ConsentPart.PICTURE in found.mentor.agreed() else None


def _locked(service: Service) -> Service:
    return Service.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.pk)


def _of(taxonomy: str, terms: Iterable[Term]) -> list[Term]:
    return [term for term in terms if term.taxonomy == taxonomy]


def _end(mentor: Mentor, parts: Iterable[str], *, by: str, at: datetime.datetime) -> None:
    MentorConsent.objects.open().filter(mentor=mentor, part__in=list(parts)).update(
        withdrawn_at=at, withdrawn_by=by
    )


def _agree(mentor: Mentor, seen: dict[str, str], yes: Yes) -> None:
    MentorConsent.objects.bulk_create(
        MentorConsent(
            mentor=mentor,
            part=part,
            digest=digest,
            given_at=yes.at,
            given_by=yes.by,
            through=yes.through,
        )
        for part, digest in seen.items()
    )


def _write_entry(mentor: Mentor, *, must_fit: bool = False) -> None:
    """Write the entry's name as far as she says yes, its address likewise, and its search row.

    Taking a yes back is never refused, whatever else is wrong with the entry.
    """
    service = Service.objects.get(pk=mentor.service_id)
    service.mentor = mentor
    service.name = mentor.entry_name(service.name) or str(service.get_kind_display())
    if not mentor.called() and mentor.is_in_address(service.slug):
        service.slug = catalogue.free_slug(name=service.name)
    if not mentor.called():
        _forget_in_history(mentor, service)
    if must_fit:
        catalogue.must_be_fit(service)
    service.save(update_fields=["name", "slug", "check_valid_until", "changed_at"])
    catalogue.list(service=service)


def _forget(mentor: Mentor) -> None:
    """Take a first name that is about to change out of the entry: nobody would know it after."""
    service = Service.objects.get(pk=mentor.service_id)
    service.name = mentor.plain_name(service.name) or str(service.get_kind_display())
    if mentor.is_in_address(service.slug):
        service.slug = catalogue.free_slug(name=service.name)
    service.save(update_fields=["name", "slug"])
    _forget_in_history(mentor, service)


def _forget_in_history(mentor: Mentor, service: Service) -> None:
    """Take her first name out of the earlier versions of her entry, and out of the log of them."""
    for revision in Revision.objects.for_instance(service):
        said = {**revision.content, "name": mentor.plain_name(revision.content["name"])}
        if mentor.is_in_address(said["slug"]):
            said["slug"] = service.slug
        called = mentor.plain_name(revision.object_str)
        if (said, called) != (revision.content, revision.object_str):
            Revision.objects.filter(pk=revision.pk).update(content=said, object_str=called)
    for entry in ModelLogEntry.objects.for_instance(service):
        called = mentor.plain_name(entry.label)
        if called != entry.label:
            ModelLogEntry.objects.filter(pk=entry.pk).update(label=called)
