"""Fred's household: who lives there, who decides for whom, what worries, the plan and its money."""

from datetime import date, timedelta
from typing import Any

from budgets import families, funds, plans, relationships
from budgets.models import Arm, Family, Kin, Plan, Relation
from marketplace.management.demonstration import funds as pools
from marketplace.management.demonstration import people
from marketplace.management.demonstration.stage import Stage, moment, read
from marketplace.people import appointments
from marketplace.people.roles import AdvocateKind
from marketplace.sharing import safeguards
from marketplace.sharing.models import SafeguardKind
from pricing import money

FILE = "budgets/data/household.json"
OLD_YEAR_SHARE, NEW_YEAR_SHARE = 1, 3


def build(stage: Stage) -> Plan:
    """Build the household of the report's profiles, and return its plan."""
    data = read(FILE)
    family = _family(stage, data["family"])
    for row in data["people"]:
        _person(stage, family, row)
    people.invite(stage)
    _relationships(stage, data["relationships"])
    _responsibilities(stage, data["responsibilities"])
    for row in data["people"]:
        _decide_alone(stage, row)
    _helpers(stage, family, data)
    people.befriend(stage, data["friends"])
    for row in data["safeguards"]:
        _safeguard(stage, row)
    _join_arm(stage, family, data["family"])
    return _plan(stage, family, data)


def _family(stage: Stage, row: dict[str, Any]) -> Family:
    return families.add_family(
        name=row["name"],
        postcode=row["postcode"],
        district=row["district"],
        is_synthetic=row["is_synthetic"],
        by=stage.by("ruth"),
        at=moment(stage.working_day(120)),
    )


def _person(stage: Stage, family: Family, row: dict[str, Any]) -> None:
    by, at = stage.by("ruth"), moment(stage.working_day(120), 10, 30)
    person = families.add_person(
        first_name=row["first_name"],
        last_name=row["last_name"],
        born_on=birthday(row, stage.on),
        email=row["email"],
        phone=row["phone"],
        is_shielded=row["is_shielded"],
        by=by,
        at=at,
    )
    stage.persons[row["key"]] = person
    member = row["member"]
    if member is None:
        return
    joined = stage.day(member["joined_days_ago"])
    relation = Relation(member["relation"])
    families.join(family=family, person=person, relation=relation, on=joined, by=by, at=at)
    if member["left_days_ago"] is not None:
        left = stage.day(member["left_days_ago"])
        families.leave(family=family, person=person, on=left, by=by, at=at)


def birthday(row: dict[str, Any], on: date) -> date:
    """Return the day of birth that makes somebody exactly her age on a day."""
    month, day = map(int, row["birthday"].split("-"))
    had_it = (on.month, on.day) >= (month, day)
    return date(on.year - row["age"] - (0 if had_it else 1), month, day)


def _relationships(stage: Stage, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        relationships.relate(
            person=stage.persons[row["person"]],
            relative=stage.persons[row["relative"]],
            kind=Kin(row["kind"]),
            on=stage.day(row["starts_days_ago"]),
            by=stage.by("ruth"),
            at=moment(stage.working_day(119)),
        )


def _responsibilities(stage: Stage, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        families.set_responsibility(
            holder=stage.persons[row["holder"]],
            person=stage.persons[row["person"]],
            has_parental_responsibility=row["has_parental_responsibility"],
            may_decide=row["may_decide"],
            on=stage.day(row["starts_days_ago"]),
            by=stage.by("ruth"),
            at=moment(stage.working_day(119)),
        )


def _helpers(stage: Stage, family: Family, data: dict[str, Any]) -> None:
    lead = data["lead"]
    began = stage.day(lead["starts_days_ago"])
    appointments.lead(
        family=family,
        user=stage.users[lead["user"]],
        organisation=stage.organisations[lead["organisation"]],
        on=began,
        by=stage.by("ruth"),
        at=moment(began, 11),
    )
    for row in data["appointments"]:
        day = stage.day(row["starts_days_ago"])
        appointments.appoint(
            person=stage.persons[row["person"]],
            user=stage.users[row["user"]],
            kind=AdvocateKind(row["kind"]),
            on=day,
            by=stage.by(row["chosen_by"]),
            at=moment(day, 16),
        )


def _decide_alone(stage: Stage, row: dict[str, Any]) -> None:
    if not row["decides_alone"]:
        return
    day = stage.day(row["decides_alone_days_ago"])
    families.decide_alone(
        person=stage.persons[row["key"]],
        on=day,
        by=stage.by(row["decides_alone_by"]),
        at=moment(day, 15),
    )


def _safeguard(stage: Stage, row: dict[str, Any]) -> None:
    owner = row["owner"]
    safeguards.open(
        person=stage.persons[row["about"]],
        kind=SafeguardKind(row["kind"]),
        evidence=row["evidence"],
        owner=stage.users[owner["user"]],
        organisation=stage.organisations[owner["organisation"]],
        review_on=stage.on + timedelta(days=row["review_in_days"]),
        is_confidential=row["is_confidential"],
        by=stage.by(owner["user"]),
        at=moment(stage.working_day(row["opened_days_ago"]), 14),
    )


def _join_arm(stage: Stage, family: Family, row: dict[str, Any]) -> None:
    day = stage.day(row["arm_joined_days_ago"])
    families.join_arm(
        family=family,
        arm=Arm(row["arm"]),
        on=day,
        baseline=row["baseline"],
        by=stage.by("ruth"),
        at=moment(day, 9),
    )


def _plan(stage: Stage, family: Family, data: dict[str, Any]) -> Plan:
    row, by = data["plan"], stage.by("amira")
    start = stage.day(row["starts_days_ago"])
    plan = plans.open(
        family=family,
        starts_on=start,
        ends_on=start.replace(year=start.year + row["years"], day=min(start.day, 28)),
        vision=row["vision"],
        by=by,
        at=moment(start, 10),
    )
    for goal in sorted(row["goals"], key=lambda goal: goal["position"]):
        _goal(stage, plan, goal, start)
    plans.agree(plan=plan, by=by, at=moment(start, 12))
    review = stage.on + timedelta(days=row["review_in_days"])
    for fund in data["funds"]:
        _allocate(stage, plan, fund, start)
    return plans.activate(plan=plan, review_on=review, by=by, at=moment(start, 12, 30))


def _goal(stage: Stage, plan: Plan, row: dict[str, Any], start: date) -> None:
    by = stage.by("amira")
    goal = plans.add_goal(
        plan=plan,
        words=row["words"],
        person=stage.persons[row["person"]] if row["person"] else None,
        term=stage.terms[row["term"]],
        score_at_start=row["score_at_start"],
        is_confidential=row["is_confidential"],
        by=by,
        at=moment(start, 11),
    )
    if row["score_now"] != row["score_at_start"]:
        at = moment(stage.working_day(9), 15)
        plans.score(goal=goal, score=row["score_now"], by=by, at=at)


def _allocate(stage: Stage, plan: Plan, row: dict[str, Any], start: date) -> None:
    """Put a fund's share into the plan: where April fell since it began, for both years."""
    years = sorted({funds.year_of(start), funds.year_of(stage.on)})
    weights = [NEW_YEAR_SHARE] if len(years) == 1 else [OLD_YEAR_SHARE, NEW_YEAR_SHARE]
    for year, amount_pence in zip(years, money.split(row["amount_pence"], weights), strict=True):
        day = max(start, date(year, 4, 1))
        pools.allocate(
            stage, plan=plan, key=row["key"], year=year, amount_pence=amount_pence, day=day
        )
