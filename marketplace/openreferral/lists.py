"""The feed's lists: one page in the standard's envelope, or all of it as a stream of lines."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cms.models import Organisation, Service, Term
from marketplace.openreferral import narrowing, published, records
from marketplace.openreferral.asked import Asked
from marketplace.openreferral.records import Record

CHUNK = 200  # rows read at a time for a stream


@dataclass(frozen=True)
class Found:
    """What a question found: how many, some in the order asked for, and all one by one."""

    count: Callable[[], int]
    between: Callable[[int, int], Sequence[Record]]
    stream: Callable[[], Iterator[Record]]


def envelope(found: Found, *, page: int, per_page: int) -> Record:
    """Write one page in the standard's envelope; one beyond the last is empty."""
    total = found.count()
    pages = -(-total // per_page)
    start = (page - 1) * per_page
    contents = found.between(start, start + per_page) if start < total else []
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": page,
        "size": len(contents),
        "first_page": page == 1,
        "last_page": page >= pages,
        "empty": not contents,
        "contents": list(contents),
    }


def services(*, asked: Asked, at: datetime.datetime) -> Found:
    """Find services. With words the most relevant come first, and a stream is in no such order."""
    on = timezone.localdate(at)
    wanted = narrowing.services(asked=asked, on=on, at=at)

    def write(rows: QuerySet[Service]) -> list[Record]:
        if asked.minimal:
            return [records.minimal(row, at=at) for row in published.dated(rows)]
        if asked.full:
            return [records.service(row, on=on, at=at) for row in published.whole(rows)]
        return [records.listed(row, on=on, at=at) for row in published.dated(rows)]

    if not asked.search:
        return found_in(wanted, write)
    said = narrowing.said(words=asked.search, on=on).filter(service__in=wanted.values("pk"))

    def between(start: int, end: int) -> list[Record]:
        keys = [*said.values_list("service__pk", "service__reference")[start:end]]
        page = write(wanted.filter(pk__in=[key for key, _reference in keys]))
        written = {record["id"]: record for record in page}
        # An entry may have gone between the two statements.
        ids = [str(reference) for _key, reference in keys]
        return [written[one] for one in ids if one in written]

    in_order = wanted.filter(pk__in=said.order_by().values("service"))
    return Found(said.count, between, found_in(in_order, write).stream)


def at_locations(*, asked: Asked, at: datetime.datetime) -> Found:
    """Find services at places."""
    on = timezone.localdate(at)
    wanted = narrowing.at_locations(asked=asked, on=on, at=at)

    def write(rows: QuerySet[Any]) -> list[Record]:
        return located([*rows.select_related("place")], on=on, at=at, full=asked.full)

    return found_in(wanted, write)


def located(
    links: Sequence[Any], *, on: datetime.date, at: datetime.datetime, full: bool
) -> list[Record]:
    """Write services at places, each with its service and its place; as in lists, or whole."""
    keys = {link.service_id for link in links}
    fetched = published.whole if full else published.dated
    write = records.service if full else records.listed
    here = {row.pk: row for row in fetched(published.ever(on=on).filter(pk__in=keys))}
    return [
        records.at_place(here[link.service_id], link.place)
        | {"service": write(here[link.service_id], on=on, at=at)}
        for link in links
        if link.service_id in here
    ]


def organisations(*, asked: Asked, at: datetime.datetime) -> Found:
    """Find organisations, with their services where they are asked for."""
    on = timezone.localdate(at)

    def write(rows: QuerySet[Organisation]) -> list[Record]:
        listed = [*rows]
        if not (asked.full or asked.full_service):
            return [records.organisation(row) for row in listed]
        return with_services(listed, on=on, at=at, full=asked.full_service)

    return found_in(narrowing.organisations(asked=asked, on=on), write)


def with_services(
    rows: Sequence[Organisation], *, on: datetime.date, at: datetime.datetime, full: bool
) -> list[Record]:
    """Write organisations with what each runs: whole, or no more than id, name and status."""
    here = published.ever(on=on).filter(is_offered=True, provider__in=rows).order_by("pk")
    run: dict[int, list[Record]] = {}
    for service in published.whole(here) if full else here.select_related("mentor"):
        told = (
            records.service(service, on=on, at=at)
            if full
            else {
                "id": str(service.reference),
                "name": records.name_of(service),
                "status": published.ACTIVE,
            }
        )
        run.setdefault(service.provider_id, []).append(told)
    return [
        records.organisation(row) | records.present({"services": run.get(row.pk, [])})
        for row in rows
    ]


def terms(*, asked: Asked) -> Found:
    """Find terms of the taxonomies."""

    def write(rows: QuerySet[Term]) -> list[Record]:
        return [records.term(row) for row in rows]

    return found_in(narrowing.terms(asked=asked), write)


def taxonomies(*, asked: Asked) -> Found:
    """Find taxonomies."""
    names = narrowing.taxonomies(asked=asked)

    def between(start: int, end: int) -> list[Record]:
        return [records.taxonomy(name) for name in names[start:end]]

    return Found(lambda: len(names), between, lambda: iter(between(0, len(names))))


def found_in(wanted: QuerySet[Any], write: Callable[[QuerySet[Any]], list[Record]]) -> Found:
    """Make what was found of rows that stand in the order of their keys."""

    def page(start: int, end: int) -> list[Record]:
        keys = [*wanted.values_list("pk", flat=True)[start:end]]
        return write(wanted.filter(pk__in=keys))

    return Found(wanted.count, page, lambda: streamed(wanted, write))


def streamed(
    wanted: QuerySet[Any], write: Callable[[QuerySet[Any]], list[Record]]
) -> Iterator[Record]:
    """Yield all records, some hundred rows at a time, each read after the last key."""
    after = 0
    while keys := [*wanted.filter(pk__gt=after).values_list("pk", flat=True)[:CHUNK]]:
        yield from write(wanted.filter(pk__in=keys))
        after = keys[-1]
