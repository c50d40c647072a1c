"""The review list: what an import or a reader found wrong, until an editor settles it."""

import datetime

from django.db import transaction

from cms.models import Organisation, Problem, Service

READER = "reader"
"""The source of what somebody reading the catalogue reports."""


@transaction.atomic
def report(
    *,
    source: str,
    source_id: str,
    code: str,
    sentence: str,
    at: datetime.datetime,
    service: Service | None = None,
    organisation: Organisation | None = None,
) -> Problem:
    """Put a problem on the review list, once an entry and kind.

    The same finding again leaves the row alone, settled or not; another sentence opens it again.
    """
    organisation = organisation or (service.owner if service else None)
    problem, is_new = Problem.objects.select_for_update(no_key=True, of=("self",)).get_or_create(
        source=source,
        source_id=source_id,
        code=code,
        defaults={
            "sentence": sentence[:500],
            "service": service,
            "organisation": organisation,
            "found_at": at,
        },
    )
    if is_new:
        return problem
    if problem.sentence != sentence[:500]:
        problem.sentence, problem.found_at = sentence[:500], at
        problem.is_open, problem.settled_at, problem.settled_by = True, None, ""
        problem.answer = ""
        problem.save()
    if service and problem.service_id is None:
        problem.service, problem.organisation = service, organisation
        problem.save(update_fields=["service", "organisation"])
    return problem


@transaction.atomic
def settle(*, problem: Problem, by: str, at: datetime.datetime, answer: str = "") -> Problem:
    """Take a problem off the review list; `by` is a reference. One settled before stays so.

    `answer` says what was done, to whoever told of it.
    """
    problem = Problem.objects.select_for_update(no_key=True, of=("self",)).get(pk=problem.pk)
    if problem.is_open:
        problem.is_open, problem.settled_at, problem.settled_by = False, at, by
        problem.answer = answer[:500]
        problem.save(update_fields=["is_open", "settled_at", "settled_by", "answer"])
    return problem
