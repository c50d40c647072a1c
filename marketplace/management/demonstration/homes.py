"""The made-up families: who lives there, where, what they struggle with, and who helps them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from budgets import families
from budgets.models import Arm, Family, Goal, Person, Plan, Relation
from cms import places
from marketplace.management.demonstration.stage import Stage, moment, read
from marketplace.people import appointments, users
from marketplace.people.models import User
from marketplace.people.roles import AdvocateKind, Role
from pricing import money

FILE = "marketplace/data/families.json"
LEADS = {
    "education": "brockfield-school",
    "crime_and_asb": "leicestershire-youth-justice",
    "housing": "hearthside-homes",
}
NURSES = "leicestershire-community-nhs-trust"
STEPPING_STONES_DISTRICTS = {"Charnwood", "Melton", "North West Leicestershire"}
SIGN_INS_IN_TEN = 4
"""Of ten pilot families, so many do some things themselves."""


@dataclass
class Home:
    """One made-up family, with what the demonstration knows of it."""

    number: int
    family: Family
    arm: Arm
    needs: list[str]
    dice: random.Random
    lead: str
    adults: list[Person] = field(default_factory=list)
    children: list[Person] = field(default_factory=list)
    advocate: str | None = None
    sign_in: User | None = None
    plan: Plan | None = None
    goals: list[Goal] = field(default_factory=list)
    asked: set[tuple[int, str]] = field(default_factory=set)

    @property
    def everybody(self) -> list[Person]:
        """Return everybody at home, the adults first."""
        return [*self.adults, *self.children]

    def decider(self, person: Person, day: date) -> Person:
        """Return who says yes for somebody."""
        return person if person.is_adult_on(day) else self.adults[0]


@cache
def data() -> dict[str, Any]:
    """Return what made-up families are made of."""
    return read(FILE)


def arms(stage: Stage) -> list[Arm]:
    """Return an arm for each family, in the shares of the file, shuffled."""
    shares = data()["arms"]
    counts = money.split(stage.families, [round(share * 100) for share in shares.values()])
    found = [Arm(arm) for arm, count in zip(shares, counts, strict=True) for _ in range(count)]
    stage.dice("arms").shuffle(found)
    return found


def settle(stage: Stage, *, number: int, arm: Arm, at: datetime) -> Home:
    """Put a made-up family on record: home, people, who decides, its lead, and its arm."""
    dice = stage.dice(f"family {number}")
    needs = _needs(dice)
    lead = _lead(stage, needs, dice)
    district = dice.choices(
        [row["district"] for row in data()["districts"]],
        [row["families"] for row in data()["districts"]],
    )[0]
    last_name = data()["family_names"][number * 7 % len(data()["family_names"])]
    family = families.add_family(
        name=f"The {last_name} family (made up)",
        postcode=dice.choice(_postcodes(district)),
        district=district,
        is_synthetic=True,
        by=stage.by(lead),
        at=at,
    )
    home = Home(number, family, arm, needs, dice, lead)
    _people(stage, home, last_name, at)
    _join_arm(stage, home, at)
    worker = stage.workers[lead]
    appointments.lead(
        family=family,
        user=worker.user,
        organisation=stage.organisations[worker.organisation],
        on=at.date(),
        by=stage.by(lead),
        at=at,
    )
    return home


def appoint(stage: Stage, home: Home, *, day: date) -> None:
    """Let everybody in a family choose an advocate, whose group works where they live."""
    near = home.family.district in STEPPING_STONES_DISTRICTS
    group = "stepping-stones-advocacy" if near else "beacon-advocacy"
    home.advocate = home.dice.choice(stage.at(group, Role.ADVOCATE)).key
    for person in home.everybody:
        appointments.appoint(
            person=person,
            user=stage.users[home.advocate],
            kind=AdvocateKind.PAID_ADVOCATE,
            on=day,
            by=replace(stage.by(home.lead), on_behalf_of=person.reference),
            at=moment(day),
        )


def sign_up(stage: Stage, home: Home, *, at: datetime) -> None:
    """Let some families act for themselves."""
    if home.dice.randrange(10) < SIGN_INS_IN_TEN:
        person = home.adults[0]
        home.sign_in = users.add(
            email=f"family{home.number}@alongside.example",
            name=person.name,
            person=person,
            by=stage.by(home.advocate or home.lead),
            at=at,
        )


def _needs(dice: random.Random) -> list[str]:
    found: list[str] = []
    for row in data()["needs"]:
        if (row["given"] is None or row["given"] in found) and dice.random() < row["share"]:
            found.append(row["code"])
    return found or [data()["needs"][0]["code"]]


def _lead(stage: Stage, needs: list[str], dice: random.Random) -> str:
    organisations = [LEADS[need] for need in needs if need in LEADS] + [NURSES]
    organisation = dice.choice(organisations)
    return dice.choice(stage.at(organisation, Role.LEAD_PROFESSIONAL)).key


@cache
def _postcodes(district: str) -> list[str]:
    exact, _roughly = places.table()
    return [postcode for postcode, point in exact.items() if point.district == district]


def _people(stage: Stage, home: Home, last_name: str, at: datetime) -> None:
    shapes = data()["shapes"]
    shape = home.dice.choices(shapes, [row["weight"] for row in shapes])[0]
    home.adults = _persons(stage, home, shape["adults"], "adult", last_name, at)
    home.children = _persons(stage, home, shape["children"], "child", last_name, at)
    for adult in home.adults:
        for child in home.children:
            families.set_responsibility(
                holder=adult,
                person=child,
                has_parental_responsibility=True,
                may_decide=True,
                on=at.date(),
                by=stage.by(home.lead),
                at=at,
            )


def _persons(
    stage: Stage, home: Home, ages: Sequence[list[int]], born: str, last_name: str, at: datetime
) -> list[Person]:
    names = [row["name"] for row in data()["given_names"] if row["born"] in (born, "any")]
    found: list[Person] = []
    for name, (low, high) in zip(home.dice.sample(names, len(ages)), ages, strict=True):
        age_days = home.dice.randint(low * 365 + 30, high * 365 + 340)
        born_on = at.date() - timedelta(days=age_days)
        by = stage.by(home.lead)
        person = families.add_person(
            first_name=name, last_name=last_name, born_on=born_on, by=by, at=at
        )
        is_first = born == "adult" and not found
        relation = Relation.CHILD if born == "child" else Relation.PARTNER
        families.join(
            family=home.family,
            person=person,
            relation=Relation.PARENT if is_first else relation,
            on=max(born_on, at.date() - timedelta(days=home.dice.randint(300, 2500))),
            by=by,
            at=at,
        )
        found.append(person)
    return found


def _join_arm(stage: Stage, home: Home, at: datetime) -> None:
    if home.arm == Arm.NONE:
        return
    dice = home.dice
    home.family = families.join_arm(
        family=home.family,
        arm=home.arm,
        on=at.date(),
        baseline={
            "police_calls_last_year": dice.randint(0, 9) * ("crime_and_asb" in home.needs),
            "a_and_e_visits_last_year": dice.randint(0, 6),
            "school_attendance_percent": dice.randint(45, 88) if "education" in home.needs else 95,
            "weeks_behind_with_rent": dice.randint(2, 12) if "housing" in home.needs else 0,
            "agencies_involved": dice.randint(2, 9),
        },
        by=stage.by(home.lead),
        at=moment(at.date(), 16),
    )
