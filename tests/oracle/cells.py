"""Every situation that is asked about: the columns, their values, and which are crossed.

The product of all columns has more cells than there are grains of sand, so that each sheet crosses
the columns that could meddle with one another in full, and a draw over everything looks for those
that nobody thought of. A row of the table that no cell reaches fails the build.
"""

import itertools
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

STEPS = (
    "check eligibility",
    "take application",
    "decide eligibility",
    "assess",
    "diagnose",
    "commission",
    "book",
)
DAYS = ("open", "first day", "last day", "the day before", "the day after")
LIMIT = ("no limit", "under", "equal", "a penny over")
AT_WORK = ("another organisation", "the owner", "the provider", "the owner, which provides it")
AT_HOME = (
    "herself: at home",
    "herself: decided for",
    "herself: visiting",
    "herself: moved out",
    "herself: in another household",
)

# Each column's first value is the plain case.
COLUMNS: dict[str, tuple[str, ...]] = {
    "Service": (
        "mentor",
        "role model",
        "family support",
        "parents' group",
        "youth club",
        "clinic",
        "scan after booking",
        "legal right",
        "talking help",
    ),
    "Role": (
        "advocate",
        "lead_professional",
        "intake_worker",
        "provider_worker",
        "commissioner",
        "finance",
        "editor",
        "administrator",
        "family",
        "none",
    ),
    "Works for": (*AT_WORK, *AT_HOME),
    "Asked by": ("a person", "a link", "the clock", "an import"),
    "Sign-in": ("active", "switched off", "suspended at work"),
    "Role dates": DAYS,
    "Agreement": (
        "signed",
        "proposed",
        "answered",
        "suspended",
        "suspended from today",
        "suspended from tomorrow",
        "suspended until today",
        "ended",
        "ends tomorrow",
        "with somebody else",
        "of another owner",
    ),
    "Agreement dates": DAYS,
    "Rule dates": DAYS,
    "Rule names": ("her role", "another role"),
    "Rule about": (
        "this service",
        "its need",
        "every service of the owner",
        "another service",
        "another need",
    ),
    "Rule steps": ("all", "commission only", "all but commission"),
    "Broader rule": ("none", "without limits"),
    "Second rule": ("none", "without limits"),
    "Competence": (
        "not asked for",
        "held",
        "from today",
        "last day",
        "missing",
        "until today",
        "from tomorrow",
    ),
    "Cover": (
        "insured",
        "insured from today",
        "last day",
        "self-insured",
        "the owner's",
        "none",
        "lapsed yesterday",
        "until today",
        "from tomorrow",
    ),
    "Appointed": (
        "by somebody at home",
        "from today",
        "last day",
        "by nobody",
        "by the neighbours",
        "until today",
        "from tomorrow",
        "as a volunteer",
        "as a family friend",
        "as a lead professional",
    ),
    "Interest": ("none", "declared", "declared until today"),
    "Limit a time": LIMIT,
    "Limit a family and year": LIMIT,
    "Limit of the rule a year": LIMIT,
    "Price": ("set", "none"),
    "Plan": ("enough", "exactly enough", "in review", "a penny short", "agreed only", "closed"),
    "Yes": ("said", "not said"),
    "Weighed": ("yes", "no"),
    "Offered": (
        "yes",
        "check's last day",
        "check ran out",
        "withdrawn",
        "not published",
        "page read 15 months ago less a day",
        "page read 15 months ago",
    ),
    "Assessed already": ("yes", "no"),
    "Rung": (
        "hard_referred",
        "signposted",
        "soft_referred",
        "applied",
        "commissioned",
        "booked",
        "completed",
        "declined",
        "withdrawn",
        "expired",
    ),
    "Basis": (
        "public task",
        "legal obligation",
        "vital interests",
        "consent",
        "consent withdrawn",
        "none",
    ),
    "Safeguard": ("none", "open", "with a social worker"),
}
PLAIN = {column: values[0] for column, values in COLUMNS.items()}

# Who usually asks: each of these is somebody's everyday.
ADVOCATE = ("advocate", "another organisation")
PLACES = (
    ADVOCATE,
    ("commissioner", "the owner"),
    ("intake_worker", "the owner"),
    ("provider_worker", "the provider"),
    ("family", "herself: at home"),
)


@dataclass(frozen=True)
class Sheet:
    """One full crossing: these columns against each other, the others plain."""

    name: str
    crossed: dict[str, tuple[str, ...]]
    who: tuple[tuple[str, str], ...] = PLACES

    def situations(self) -> Iterator[dict[str, str]]:
        """Return every situation of the sheet."""
        for role, works_for in self.who:
            for values in itertools.product(*self.crossed.values()):
                found = dict(PLAIN, **dict(zip(self.crossed, values, strict=True)))
                yield settled(found | {"Role": role, "Works for": works_for})

    def __len__(self) -> int:
        return len(self.who) * _product(self.crossed.values())


def _product(columns: Iterable[tuple[str, ...]]) -> int:
    return math.prod(len(values) for values in columns)


def everybody() -> tuple[tuple[str, str], ...]:
    """Return every role at every kind of organisation, and every relation to the household."""
    staff = [role for role in COLUMNS["Role"] if role != "family"]
    return (
        *itertools.product(staff, AT_WORK),
        *itertools.product(["family"], AT_HOME),
    )


def some(column: str, *values: str) -> dict[str, tuple[str, ...]]:
    """Return a column with all its values, or those that are named."""
    return {column: values or COLUMNS[column]}


# Sent in, so that some steps are done, one is next and others come too early.
EARLY, READY = "applied", "hard_referred"

SHEETS = (
    Sheet(
        "who they are, on every rung of every service",
        some("Service") | some("Agreement", "signed", "of another owner") | some("Rung"),
        who=everybody(),
    ),
    Sheet(
        "limits and cover",
        some("Service", "mentor", "legal right")
        | some("Cover")
        | some("Limit a time")
        | some("Limit a family and year")
        | some("Limit of the rule a year"),
    ),
    Sheet(
        "days",
        some("Rung", EARLY)
        | some("Role dates")
        | some("Agreement dates")
        | some("Rule dates")
        | some("Cover", "insured", "last day", "until today", "from tomorrow"),
    ),
    Sheet(
        "days of an advocate",
        some("Rung", EARLY, READY)
        | some("Appointed")
        | some("Role dates")
        | some("Rule dates")
        | some("Cover"),
        who=(ADVOCATE,),
    ),
    Sheet(
        "which rule",
        some("Rung", EARLY)
        | some("Agreement")
        | some("Rule names")
        | some("Rule about")
        | some("Rule steps")
        | some("Broader rule")
        | some("Second rule")
        | some("Limit a time", "equal", "a penny over"),
    ),
    Sheet(
        "qualified, and without an interest",
        some("Rung", READY, EARLY)
        | some("Sign-in")
        | some("Asked by", "a person", "a link")
        | some("Competence")
        | some("Interest")
        | some("Second rule")
        | some("Cover", "insured", "until today")
        | some("Limit a time", "no limit", "a penny over"),
        who=(*PLACES, ("intake_worker", "the owner, which provides it")),
    ),
    Sheet(
        "where the referral stands",
        some("Service", "family support", "legal right")
        | some("Plan")
        | some("Rung", READY, "applied")
        | some("Assessed already")
        | some("Price")
        | some("Yes")
        | some("Weighed")
        | some("Offered")
        | some("Limit a time", "no limit", "a penny over"),
    ),
    Sheet(
        "what makes no difference",
        some("Service") | some("Rung") | some("Basis") | some("Safeguard"),
    ),
)


def anywhere(number: int, seed: int) -> Iterator[dict[str, str]]:
    """Draw from the whole product: some of a situation's columns anything, the others plain."""
    chance, places = random.Random(seed), everybody()
    for _situation in range(number):
        found = {
            column: chance.choice(values) if chance.random() < 0.15 else values[0]
            for column, values in COLUMNS.items()
        }
        found["Role"], found["Works for"] = chance.choice(places)
        yield settled(found)


def sample(number: int, seed: int) -> list[dict[str, str]]:
    """Draw situations: two in three from the sheets, each as often as another; one from anywhere.

    They come sorted, so that a scene changes little from one to the next.
    """
    chance = random.Random(seed)
    found = list(anywhere(number // 3, seed))
    while len(found) < number:
        sheet = chance.choice(SHEETS)
        drawn = {column: chance.choice(values) for column, values in sheet.crossed.items()}
        found.append(
            settled(
                PLAIN
                | drawn
                | dict(zip(("Role", "Works for"), chance.choice(sheet.who), strict=True))
            )
        )
    return sorted(found, key=lambda each: [each[column] for column in COLUMNS])


def settled(situation: dict[str, str]) -> dict[str, str]:
    """Return a situation without what cannot be: a broader rule is broader than a narrow one."""
    if situation["Rule about"] == "every service of the owner":
        return situation | {"Broader rule": "none"}
    return situation
