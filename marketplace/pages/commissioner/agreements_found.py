"""A cell that somebody may open, as it stands now, with what held on the day asked about."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpResponseRedirect

from cms.models import Organisation, Service
from marketplace.authority import matrix as table
from marketplace.authority import pathways
from marketplace.authority.models import Pathway, Rule
from marketplace.pages.commissioner.agreements_desk import Desk


@dataclass(frozen=True)
class Found:
    """A cell that its reader may open, as it stands now, and what held on the day asked about."""

    service: Service
    holder: Organisation | None
    talk: table.Talk | None
    rules: tuple[Rule, ...]
    is_owner: bool
    is_holder: bool

    @property
    def is_party(self) -> bool:
        """Tell whether the reader's organisation is one of the two."""
        return self.is_owner or self.is_holder

    @property
    def needed(self) -> frozenset[str]:
        """Return the steps that the service needs."""
        return frozenset(process.step for process in self.service.processes.all())

    @property
    def pathway(self) -> Pathway:
        """Return what was begun here. Raises Http404 where nothing was."""
        if self.talk is None:
            raise Http404
        return self.talk.pathway


def back(desk: Desk, found: Found) -> HttpResponseRedirect:
    """Go back to a cell's page, as it is now."""
    return HttpResponseRedirect(desk.cell_href(found.service, found.holder))


def find(desk: Desk, *, slug: str, holder: uuid.UUID | None, day: date) -> Found:
    """Return a cell; 404 unless its reader is a party, or something holds in it that day."""
    service = (
        Service.objects.filter(live=True, slug=slug)
        .select_related("owner", "provider")
        .prefetch_related("terms", "processes", "criteria")
        .first()
    )
    who = Organisation.objects.filter(reference=holder).first() if holder else None
    if service is None or (holder is not None and who is None):
        raise Http404
    held = tuple(pathways.on_day(service=service, holder=who, day=day))
    found = Found(
        service=service,
        holder=who,
        talk=table.talk(service=service, holder=who),
        rules=held,
        is_owner=service.owner_id == desk.ours.pk,
        is_holder=who is not None and who.pk == desk.ours.pk,
    )
    if not found.is_party and not held:
        raise Http404
    return found
