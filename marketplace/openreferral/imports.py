"""Brings a directory's feed into the catalogue: one transaction, safe to repeat.

An entry is known again by (source, its number there). What an import last wrote is kept as a
digest: an entry that no longer matches it has been changed here since, and is left alone.
"""

import collections
import datetime
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from budgets.history import Actor
from cms import catalogue, problems
from cms.models import Organisation, Place, Problem, Term
from marketplace.openreferral import entries, written
from marketplace.openreferral.entries import Shelf
from marketplace.openreferral.feeds import (
    Feed,
    FeedOrganisation,
    FeedPlace,
    FeedProblem,
    FeedService,
    FeedTerm,
)

Progress = Callable[[Sequence[FeedService]], Iterable[FeedService]]


@dataclass(frozen=True)
class ImportReport:
    """What an import did, counted in services.

    `kept` were changed here and left alone; `refused` had values that no entry can have.
    """

    created: int
    updated: int
    unchanged: int
    kept: int
    refused: int
    problems: tuple[FeedProblem, ...]


@transaction.atomic
def import_feed(
    *,
    feed: Feed,
    source: str,
    by: Actor,
    at: datetime.datetime,
    progress: Progress = lambda services: services,
) -> ImportReport:
    """Bring a feed into the catalogue; the second time nothing changes.

    Imported services are live, owned and provided by their organisation. Nothing is un-withdrawn,
    and nothing that was changed here is overwritten. What is wrong goes to the review list; what
    no longer is gets settled there. The editors of the organisation that `by` acts for keep the
    entries of organisations that are new. `progress` may show how far it is.
    """
    shelf = Shelf(source=source, by=by, at=at, problems=[*feed.problems])
    writer = Writer(shelf)
    shelf.organisations = {row.source_id: writer.organisation(row) for row in feed.organisations}
    shelf.terms = writer.all_terms(feed.terms)
    shelf.places = writer.all_places(feed)
    outcomes = collections.Counter(writer.service(row) for row in progress(feed.services))
    writer.report(feed)
    return ImportReport(
        created=outcomes["created"],
        updated=outcomes["updated"],
        unchanged=outcomes["unchanged"],
        kept=outcomes["kept"],
        refused=outcomes["refused"],
        problems=tuple(shelf.problems),
    )


class Writer:
    """Writes one feed's rows, comparing before each save."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        for_whom = shelf.by.organisation
        self.keeper = Organisation.objects.get(reference=for_whom) if for_whom else None

    def organisation(self, row: FeedOrganisation) -> Organisation:
        """Write one organisation and return it; one that the feed has from us stays ours."""
        values = {name: getattr(row, name) for name in written.ORGANISATION_FIELDS}
        key = {"source": self.shelf.source, "source_id": row.source_id}
        found = Organisation.objects.filter(**key).first()
        reference = written.uuid_of(row.source_id)
        home = Organisation.objects.filter(reference=reference).first() if reference else None
        if found is None and home is not None:
            return home
        made = Organisation(**key, kept_by=self.keeper, reference=reference or uuid.uuid4())
        organisation = found or made
        self.bring(organisation, values, is_new=found is None)
        return organisation

    def all_terms(self, rows: Sequence[FeedTerm]) -> dict[str, Term]:
        """Write the words the feed files by, wider ones first; one that is there stays."""
        kept: dict[str, Term] = {}
        waiting = {row.source_id: row for row in rows}
        while waiting:
            ready = [row for row in waiting.values() if row.parent_id not in waiting]
            # Words that are each part of the other: take them as they come.
            for row in ready or [*waiting.values()]:
                del waiting[row.source_id]
                kept[row.source_id] = self.term(row, kept.get(row.parent_id))
        return kept

    def term(self, row: FeedTerm, parent: Term | None) -> Term:
        """Write one word, or return the one of ours that says the same."""
        reference = written.uuid_of(row.source_id)
        known = models.Q(source=self.shelf.source, source_id=row.source_id)
        if reference is not None:
            known |= models.Q(reference=reference)
        found = Term.objects.filter(known).first()
        if found is not None:
            return found
        return catalogue.add_term(
            taxonomy=row.taxonomy,
            name=row.name,
            slug=row.slug or slugify(row.name)[:120] or slugify(row.source_id),
            plain_name=row.plain_name,
            description=row.description,
            parent=parent,
            source=self.shelf.source,
            source_id=row.source_id,
            reference=reference,
        )

    def all_places(self, feed: Feed) -> dict[str, Place]:
        """Write every place that a service of the feed is at."""
        rows = {row.source_id: row for row in feed.places}
        kept: dict[str, Place] = {}
        for service in feed.services:
            for source_id in service.place_ids:
                if source_id in rows and source_id not in kept:
                    organisation = self.shelf.organisations[service.organisation_id]
                    kept[source_id] = self.place(rows[source_id], organisation)
        return kept

    def place(self, row: FeedPlace, organisation: Organisation) -> Place:
        """Write one place and return it; one that the feed has from us stays ours."""
        key = {"source": self.shelf.source, "source_id": row.source_id}
        found = Place.objects.filter(**key).first()
        reference = written.uuid_of(row.source_id)
        home = Place.objects.filter(reference=reference).first() if reference else None
        if found is None and home is not None:
            return home
        made = Place(**key, organisation=organisation, reference=reference or uuid.uuid4())
        place = found or made
        # Where several organisations share a place, it stays with the first.
        values = {name: getattr(row, name) for name in written.PLACE_FIELDS[1:]}
        self.bring(place, {"organisation_id": place.organisation_id, **values}, is_new=not found)
        return place

    def bring(self, row: Organisation | Place, values: written.Values, *, is_new: bool) -> None:
        """Save a row where the feed has something new and nobody here changed it."""
        wanted = written.digest(values)
        if not is_new:
            as_it_is = written.digest({name: getattr(row, name) for name in values})
            if wanted == row.import_digest or as_it_is != row.import_digest:
                return
        for name, value in values.items():
            setattr(row, name, value)
        row.import_digest = wanted
        row.save()

    def service(self, row: FeedService) -> str:
        """Write one service with all that belongs to it; return what became of it."""
        try:
            with transaction.atomic():
                return entries.bring(row, shelf=self.shelf)
        except catalogue.Unfit as refusal:
            sentence = _("%(name)s: we cannot take its %(fields)s. We left it out.")
            told = sentence % {"name": row.name, "fields": ", ".join(refusal.errors)}
            self.shelf.problems.append(FeedProblem(row.source_id, "unfit", told))
            return "refused"

    def report(self, feed: Feed) -> None:
        """Bring the review list up to date with what was found, and with what no longer is."""
        at_place = {place: row.source_id for row in feed.services for place in row.place_ids}
        owners = {row.source_id: row.organisation_id for row in feed.services}
        for problem in self.shelf.problems:
            kind, _colon, number = problem.source_id.rpartition(":")
            service_id = at_place.get(number, "") if kind == "place" else problem.source_id
            owner_id = number if kind == "organisation" else owners.get(service_id, "")
            problems.report(
                source=self.shelf.source,
                source_id=problem.source_id,
                code=problem.code,
                sentence=problem.sentence,
                at=self.shelf.at,
                service=self.shelf.services.get(service_id),
                organisation=self.shelf.organisations.get(owner_id, self.keeper),
            )
        found = {(problem.source_id, problem.code) for problem in self.shelf.problems}
        for listed in Problem.objects.open().filter(source=self.shelf.source):
            if (listed.source_id, listed.code) not in found:
                problems.settle(problem=listed, by=self.shelf.by.reference, at=self.shelf.at)
