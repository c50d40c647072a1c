"""Where a cell of the table stands: told from the days of its versions, never set by hand."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from marketplace.authority.models import Agreement, AgreementState, Pathway, PathwayState


def settle(*, pathway: Pathway, on: date) -> Pathway:
    """Set the state of a cell, and of what was replaced, to what its versions say on a day."""
    versions = list(pathway.versions.order_by("version"))
    for version in versions:
        if version.state != AgreementState.ENDED and version.ended_on and version.ended_on <= on:
            version.state = AgreementState.ENDED
            version.save(update_fields=["state"])
    state = _state(versions, on)
    if state != pathway.state:
        pathway.state = state
        pathway.save(update_fields=["state"])
    return pathway


def settle_all(*, on: date) -> int:
    """Move on every cell that a day has changed: begun, or run out. Returns how many."""
    due = Pathway.objects.filter(
        Q(state=PathwayState.AGREED)
        | Q(
            state__in=(PathwayState.LIVE, PathwayState.SUSPENDED),
            versions__in=Agreement.objects.signed().filter(
                Q(valid_to__lte=on) | Q(ended_on__lte=on)
            ),
        )
    ).distinct()
    moved = 0
    for pathway in due.prefetch_related("versions"):
        before = pathway.state
        moved += settle(pathway=pathway, on=on).state != before
    return moved


def _state(versions: Sequence[Agreement], on: date) -> PathwayState:
    signed = [version for version in versions if version.is_signed_by_both]
    lasting = [version for version in signed if not _is_over(version, on)]
    begun = [version for version in lasting if version.valid_from <= on]
    if any(version.state == AgreementState.SUSPENDED for version in begun or lasting):
        return PathwayState.SUSPENDED
    if lasting:
        return PathwayState.LIVE if begun else PathwayState.AGREED
    table = [version for version in versions if version.is_on_the_table]
    if table:
        answered = table[-1].state == AgreementState.ANSWERED
        return PathwayState.ANSWERED if answered else PathwayState.OFFERED
    return PathwayState.ENDED if signed else PathwayState.LISTED


def _is_over(version: Agreement, on: date) -> bool:
    return any(end is not None and end <= on for end in (version.valid_to, version.ended_on))
