"""Two years of the made-up families: how they come, plan, ask, and go on."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.utils import timezone

from budgets import funds, plans
from budgets.models import Arm, Envelope, Goal
from marketplace.management.demonstration import asking, homes, wants
from marketplace.management.demonstration import funds as pools
from marketplace.management.demonstration.asking import Town
from marketplace.management.demonstration.days import Days, Life
from marketplace.management.demonstration.homes import Home, data
from marketplace.management.demonstration.stage import Stage, moment, next_working_day
from marketplace.referrals import nudges
from marketplace.sharing import safeguards

FIRST_DAY, LAST_DAY = 772, 40
"""Days before today between which the families come."""

MONDAY, THURSDAY = 0, 3
AT_ONCE, SLOWING = 8, 1.4
"""So many come in the first days, so that money moves from the first month on."""

DAYS_BETWEEN_SITTINGS = {Arm.PILOT: 230, Arm.NONE: 330, Arm.CONTROL: 330}
ASKED_AT_FIRST = {Arm.PILOT: 3, Arm.NONE: 1, Arm.CONTROL: 2}
LATELY_DAYS, LATELY_PERCENT = 12, 40
"""So many families ask for something in the last days, so that every list has open work."""


def live(stage: Stage, *, watch: Callable[[datetime], object]) -> None:
    """Let all the made-up families live from their first day until today."""
    town = Town(stage=stage, days=Days(until=stage.now), offers=wants.offers(stage))
    for number, arm in enumerate(homes.arms(stage)):
        start = moment(next_working_day(_first_day(stage, number)), 9, number % 50)
        town.days.begin(_family(town, number, arm, start), at=start)
    first = moment(stage.day(FIRST_DAY), 7)
    town.days.begin(_chase(first), at=first)
    yesterday = moment(stage.working_days_ago(1), 10)
    town.days.begin(asking.yesterday(town, yesterday), at=yesterday)
    town.days.run(watch=watch)


def _first_day(stage: Stage, number: int) -> date:
    """Return when a family comes: the first few at once, then fewer and fewer."""
    if number < AT_ONCE:
        return stage.day(FIRST_DAY - number)
    share = (number - AT_ONCE) / max(stage.families - AT_ONCE, 1)
    span = FIRST_DAY - AT_ONCE - LAST_DAY
    return stage.day(FIRST_DAY - AT_ONCE - round(span * share**SLOWING))


def _chase(at: datetime) -> Life:
    """Chase what is late, as the sweep does, but twice a week: two years of mornings take long."""
    while True:
        nudges.sweep(at=at)
        at += timedelta(days=3 if at.weekday() == MONDAY else 1)
        while at.weekday() not in (MONDAY, THURSDAY):
            at += timedelta(days=1)
        yield at


def _family(town: Town, number: int, arm: Arm, at: datetime) -> Life:
    home = homes.settle(town.stage, number=number, arm=arm, at=at)
    if arm == Arm.PILOT:
        yield from _plan(town, home, at)
        at = moment(next_working_day(timezone.localdate(at) + timedelta(days=13)), 10)
    town.homes.append(home)
    first = timezone.localdate(at) + timedelta(days=2)
    for day, count in _days_to_ask(town.stage, home, first):
        at = max(at, moment(next_working_day(day), home.dice.randint(9, 15)))
        yield at
        asking.sit_down(town, home, count=count, at=at)


def _days_to_ask(stage: Stage, home: Home, first: date) -> list[tuple[date, int]]:
    """Return when a family asks, and for how many things: some of them in the last days too."""
    found, day = [(first, ASKED_AT_FIRST[home.arm])], first
    between = DAYS_BETWEEN_SITTINGS[home.arm]
    while day < stage.on:
        day += timedelta(days=home.dice.randint(between // 2, between * 3 // 2))
        found.append((day, 1))
    lately = stage.day(home.dice.randint(1, LATELY_DAYS))
    if first < lately and home.dice.randrange(100) < LATELY_PERCENT:
        found.append((lately, 1))
    return sorted(found)


def _plan(town: Town, home: Home, at: datetime) -> Life:
    """Find an advocate, make a plan in the family's words, and put the first year's money in."""
    stage = town.stage
    day = next_working_day(timezone.localdate(at) + timedelta(days=4))
    yield moment(day)
    homes.appoint(stage, home, day=day)
    homes.sign_up(stage, home, at=moment(day, 12))
    day = next_working_day(day + timedelta(days=6))
    at = moment(day)
    yield at
    by, dice = stage.by(home.advocate or home.lead), home.dice
    vision = dice.choice(data()["visions"])["words"]
    ends_on = day + timedelta(days=365 * dice.randint(3, 5))
    plan = plans.open(
        family=home.family, starts_on=day, ends_on=ends_on, vision=vision, by=by, at=at
    )
    home.plan = plan
    home.goals = _goals(stage, home, at)
    plans.agree(plan=plan, by=by, at=at + timedelta(minutes=40))
    home.plan = plans.activate(
        plan=plan, review_on=day + timedelta(days=182), by=by, at=at + timedelta(minutes=50)
    )
    _money(stage, home, day=day)
    town.days.begin(_years(stage, home, day), at=moment(_new_year(day)))


def _goals(stage: Stage, home: Home, at: datetime) -> list[Goal]:
    """Write down a goal or two of each person, and one of everybody's."""
    assert home.plan is not None
    found = []
    for person in home.everybody:
        age = person.age_on(timezone.localdate(at)) or 0
        who = "adult" if age >= 18 else "young_person" if age >= 11 else "child"
        rows = [row for row in data()["goals"] if row["who"] == who]
        if age < 4:
            continue
        row = home.dice.choice(rows)
        found.append(
            plans.add_goal(
                plan=home.plan,
                words=row["words"],
                person=person,
                term=stage.terms[row["term"]],
                score_at_start=home.dice.randint(1, 5),
                by=stage.by(home.advocate or home.lead),
                at=at + timedelta(minutes=20),
            )
        )
    return found


def _money(stage: Stage, home: Home, *, day: date) -> None:
    assert home.plan is not None
    low, high = data()["envelope_pence"]
    pools.allocate_year(
        stage,
        plan=home.plan,
        year=funds.year_of(day),
        total_pence=home.dice.randrange(low, high, 5000),
        day=day,
    )


def _new_year(day: date) -> date:
    return next_working_day(date(funds.year_of(day) + 1, 4, 2))


def _years(stage: Stage, home: Home, day: date) -> Life:
    """Every April, give back what is left of the old year and put the new year's money in."""
    assert home.plan is not None
    while True:
        day = _new_year(day)
        for envelope in Envelope.objects.of(plan=home.plan, year=funds.year_of(day) - 1):
            funds.release(
                envelope=envelope,
                key=f"demo:release:{envelope.pk}",
                must_be_safe=safeguards.must_be_none_at_home,
                by=pools.treasurer_of(stage, envelope.fund),
                at=moment(day),
            )
        _money(stage, home, day=day)
        yield moment(_new_year(day))
