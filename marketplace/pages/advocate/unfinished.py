"""Her own forms: one by its reference, and those that wait to be gone on with."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404

from budgets.models import Family
from marketplace.pages import doors
from marketplace.referrals import drafts
from marketplace.referrals.models import Draft


@dataclass(frozen=True)
class Unfinished:
    """A form that waits to be gone on with."""

    draft: Draft
    services: list[str]


def mine(visit: doors.Visit, reference: uuid.UUID) -> Draft:
    """Return a form of her own; 404 for any other."""
    found = (
        drafts.mine(user=visit.user, at=visit.at)
        .filter(reference=reference)
        .select_related("person", "family", "author")
        .first()
    )
    if found is None:
        raise Http404
    return found


def of(visit: doors.Visit, families: Iterable[Family]) -> list[Unfinished]:
    """Return her own forms that are not sent yet, of these households, the latest first."""
    rows = drafts.mine(user=visit.user, at=visit.at).unfinished().filter(family__in=families)  # type: ignore[attr-defined]
    found = rows.select_related("person", "family").prefetch_related("services")
    return [
        Unfinished(draft=draft, services=sorted(one.name for one in draft.services.all()))
        for draft in found.order_by("-saved_at", "-pk")
    ]
