"""Every agreement in one table: services down, organisations across (report §5.4.2)."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from cms.models import Organisation
from marketplace.authority import matrix as table
from marketplace.pages import doors
from marketplace.pages.commissioner import agreements_cells as cells
from marketplace.pages.commissioner.agreements_desk import Desk, asked_day, at_desk
from marketplace.pages.commissioner.agreements_forms import (
    EVERYTHING,
    FAMILIES,
    WAITING,
    Narrow,
)

PER_PAGE = 30
T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """A cell as the table draws it."""

    href: str
    holder: str
    lines: tuple[cells.Line, ...]
    chip: cells.Chip | None
    can_offer: bool

    @property
    def is_waiting(self) -> bool:
        """Tell whether it waits for the reader's organisation."""
        return self.chip is not None and self.chip.is_ours


@at_desk
def matrix(request: HttpRequest, visit: doors.Visit, desk: Desk) -> HttpResponse:
    """Show who may do what on which service, on any day, and what waits for us."""
    ours = desk.ours
    form = Narrow(
        request.GET, today=visit.today, services=table.services(day=asked_day(request, visit.today))
    )
    found = table.matrix(
        day=form.day,
        among=list(form.narrowed(ours)),
        first=None if form.is_past else ours,
        with_talks=not form.is_past,
    )
    narrowed = _narrow(found, form, ours=ours)
    page = Paginator(narrowed.rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "commissioner/agreements.html",
        {
            "form": form,
            "on": form.day,
            "is_past": form.is_past,
            "is_today": form.day == visit.today,
            "ours": ours,
            "heads": [_head(holder, ours) for holder in narrowed.holders],
            "rows": [_row(row, desk=desk, ours=ours, is_past=form.is_past) for row in page],
            "page_obj": page,
            "legend": cells.legend(),
            "waiting": sum(is_waiting(cell, ours) for row in narrowed.rows for cell in row.cells),
            "desk": desk,
            "clear_href": reverse(f"{desk.door}_agreements"),
        },
    )


def is_waiting(cell: table.Cell, ours: Organisation) -> bool:
    """Tell whether a cell waits for an organisation."""
    return cell.talk is not None and cell.talk.is_turn_of(ours)


def _narrow(found: table.Matrix, form: Narrow, *, ours: Organisation) -> table.Matrix:
    """Drop the columns that were not asked for, and the rows that then say nothing."""
    show, holder = form.value("show"), form.value("holder")
    if show == WAITING:
        kept = [[is_waiting(cell, ours) for cell in row.cells] for row in found.rows]
        columns = {index for row in kept for index, is_kept in enumerate(row) if is_kept}
    else:
        columns = set(range(len(found.holders)))
    if holder:
        columns &= {index for index, one in enumerate(found.holders) if _key(one) == holder}
    rows = [dataclasses.replace(row, cells=_pick(row.cells, columns)) for row in found.rows]
    if show == WAITING:
        rows = [row for row in rows if any(is_waiting(cell, ours) for cell in row.cells)]
    elif show != EVERYTHING:
        rows = [row for row in rows if not all(cell.is_empty for cell in row.cells)]
    return table.Matrix(holders=_pick(found.holders, columns), rows=tuple(rows))


def _pick(values: Iterable[T], columns: set[int]) -> tuple[T, ...]:
    return tuple(value for index, value in enumerate(values) if index in columns)


def _key(holder: Organisation | None) -> str:
    return str(holder.reference) if holder else FAMILIES


def _head(holder: Organisation | None, ours: Organisation) -> dict[str, object]:
    name = cells.name_of(holder)
    is_ours = holder is not None and holder.pk == ours.pk
    # What stands in brackets tells apart, in full; at the head of a column there is no room.
    return {"name": name, "short": name.partition(" (")[0], "is_ours": is_ours}


def _row(row: table.Row, *, desk: Desk, ours: Organisation, is_past: bool) -> dict[str, object]:
    return {
        "service": row.service,
        "owner": row.service.owner.name.partition(" (")[0],
        "is_ours": row.service.owner_id == ours.pk,
        "cells": [_shown(cell, row, desk=desk, ours=ours, is_past=is_past) for cell in row.cells],
    }


def _shown(
    cell: table.Cell, row: table.Row, *, desk: Desk, ours: Organisation, is_past: bool
) -> Shown:
    can_offer = (
        desk.may_speak
        and not is_past
        and cell.holder is not None
        and cell.holder.pk == ours.pk
        and row.service.owner_id != ours.pk
        and (cell.talk is None or not cell.talk.is_open)
    )
    is_open_to_us = (
        bool(cell.standings) or can_offer or (cell.talk is not None and cell.is_party(ours))
    )
    return Shown(
        href=desk.cell_href(cell.service, cell.holder) if is_open_to_us else "",
        holder=cells.name_of(cell.holder),
        lines=cells.lines(cell.standings, needed=row.needed, for_families=cell.holder is None),
        chip=cells.chip(cell, ours=ours),
        can_offer=can_offer and not cell.standings,
    )
