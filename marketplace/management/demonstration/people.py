"""Who signs in: the cast and their colleagues, where they work, and what they are trusted with."""

from datetime import timedelta
from typing import Any

from budgets import history
from marketplace.management.demonstration.stage import (
    BEGINNING,
    SEED,
    Stage,
    Worker,
    moment,
    read,
)
from marketplace.people import appointments, competences, invitations, memberships, users
from marketplace.people.models import User
from marketplace.people.roles import AdvocateKind, Role

CAST = "marketplace/data/cast.json"
COLLEAGUES = "marketplace/data/colleagues.json"
NEWCOMER = "priti@alongside.example"


def hire(stage: Stage) -> None:
    """Let the workers sign in: the cast, whom visitors can be, and their colleagues."""
    for row in [*read(CAST)["cast"], *read(COLLEAGUES)["colleagues"]]:
        if row["organisation"] is not None:
            _hire(stage, row)


def invite(stage: Stage) -> None:
    """Let the cast's family members sign in, once they are in their household."""
    for row in read(CAST)["cast"]:
        if row["person"] is not None:
            stage.users[row["key"]] = users.add(
                email=row["email"],
                name=row["name"],
                person=stage.persons[row["person"]],
                by=stage.by("amira"),
                at=moment(stage.working_day(58)),
            )


def befriend(stage: Stage, rows: list[dict[str, Any]]) -> None:
    """Let people at home choose a friend and a volunteer, who work nowhere and sign in by that."""
    cast = {row["key"]: row for row in read(CAST)["cast"]}
    for row in rows:
        day = stage.day(row["starts_days_ago"])
        friend = cast[row["user"]]
        chosen = appointments.bring(
            person=stage.persons[row["person"]],
            email=friend["email"],
            name=friend["name"],
            kind=AdvocateKind(row["kind"]),
            on=day,
            by=stage.by(row["chosen_by"]),
            at=moment(day, 19),
        )
        stage.users[row["user"]] = chosen.user


def ask_to_work(stage: Stage) -> None:
    """Let the county's administrator ask somebody new to its finance; she has not answered yet."""
    invitations.invite(
        email=NEWCOMER,
        organisation=stage.organisations[stage.workers["adam"].organisation],
        role=Role.FINANCE,
        by=stage.by("adam"),
        at=moment(stage.working_day(1), 16),
    )


def _hire(stage: Stage, row: dict[str, Any]) -> None:
    start = stage.day(BEGINNING)
    user = users.add(
        email=row["email"], name=row["name"], is_staff=row["is_staff"], by=SEED, at=moment(start)
    )
    if row["role"] == Role.ADMINISTRATOR:
        user.is_superuser = True
        user.save(update_fields=["is_superuser"])
    organisation = stage.organisations[row["organisation"]]
    memberships.join(
        user=user,
        organisation=organisation,
        role=Role(row["role"]),
        on=start,
        by=SEED,
        at=moment(start),
    )
    for held in row["competences"]:
        competences.record(
            user=user,
            code=held["code"],
            checked_by=held["checked_by"],
            starts_on=start,
            ends_on=stage.on + timedelta(days=held["ends_in_days"]),
            by=SEED,
            at=moment(start),
        )
    for interest in row["interests"]:
        gains_from = stage.organisations[interest["organisation"]]
        competences.declare_interest(
            user=user, organisation=gains_from, on=start, by=SEED, at=moment(start)
        )
    _remember(stage, row, user, organisation.reference)


def _remember(stage: Stage, row: dict[str, Any], user: User, organisation: Any) -> None:
    by = history.Actor(
        kind=history.ActorKind.PERSON, reference=str(user.reference), organisation=organisation
    )
    stage.users[row["key"]] = user
    stage.workers[row["key"]] = Worker(
        key=row["key"], user=user, organisation=row["organisation"], role=row["role"], by=by
    )
