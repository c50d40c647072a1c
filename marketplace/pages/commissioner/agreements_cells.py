"""What a cell of the table of agreements says: in seven small marks, and in a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Organisation, Step
from marketplace.authority import matrix as table
from marketplace.authority.models import PathwayState
from marketplace.pages.templatetags.alongside import day as day_words
from marketplace.people.roles import Role
from pricing import money

LETTERS: dict[str, str] = {
    Step.CHECK_ELIGIBILITY: "C",
    Step.TAKE_APPLICATION: "A",
    Step.DECIDE_ELIGIBILITY: "D",
    Step.ASSESS: "S",
    Step.DIAGNOSE: "X",
    Step.COMMISSION: "£",
    Step.BOOK: "B",
}
SHORT_ROLES: dict[str, object] = {
    Role.LEAD_PROFESSIONAL: gettext_lazy("Lead prof."),
    Role.INTAKE_WORKER: gettext_lazy("Intake"),
    Role.PROVIDER_WORKER: gettext_lazy("Provider"),
    Role.COMMISSIONER: gettext_lazy("Commiss."),
    Role.FINANCE: gettext_lazy("Finance"),
    Role.EDITOR: gettext_lazy("Editor"),
    Role.ADMINISTRATOR: gettext_lazy("Admin."),
    Role.FAMILY: gettext_lazy("Family"),
}

# What we are to do, and where others have come, in a word or two and in a sentence.
OURS: dict[str, tuple[object, object]] = {
    "offer": (gettext_lazy("Offer"), gettext_lazy("Asked: waits for what you have the skills for")),
    "answer": (gettext_lazy("Answer"), gettext_lazy("Offered: waits for your answer")),
    "sign": (gettext_lazy("Sign"), gettext_lazy("Answered: waits for your signature")),
}
THEIRS: dict[str, tuple[object, object]] = {
    "asked": (gettext_lazy("Asked"), gettext_lazy("Asked, and not offered yet")),
    "offered": (gettext_lazy("Offered"), gettext_lazy("Offered, and not answered yet")),
    "declined": (gettext_lazy("Declined"), gettext_lazy("The owner said no to every line")),
    "answered": (gettext_lazy("Answered"), gettext_lazy("Answered, and signed by nobody yet")),
    "owner_signed": (gettext_lazy("Owner signed"), gettext_lazy("Signed by the owner only")),
    "holder_signed": (gettext_lazy("Holder signed"), gettext_lazy("Signed by the holder only")),
    PathwayState.AGREED: (gettext_lazy("Begins later"), gettext_lazy("Signed, and begins later")),
    PathwayState.SUSPENDED: (gettext_lazy("Suspended"), gettext_lazy("Suspended")),
    PathwayState.ENDED: (gettext_lazy("Ended"), gettext_lazy("Ended")),
}


@dataclass(frozen=True)
class Square:
    """One of the seven marks: may take the step, may not, or the service does not need it."""

    letter: str
    state: str
    """may, not or none."""


@dataclass(frozen=True)
class Line:
    """One role in a cell."""

    role: str
    short: str
    squares: tuple[Square, ...]
    limit: str
    cover: str
    """good, soon, lapsed or none: who bears the risk, and whether it is in force."""
    sentence: str


@dataclass(frozen=True)
class Chip:
    """Where a negotiation stands, in a word or two."""

    words: str
    sentence: str
    is_ours: bool
    state: str


def name_of(holder: Organisation | None) -> str:
    """Return what a column is called; the null one is families themselves."""
    return holder.name if holder else _("Families themselves")


def legend() -> list[dict[str, str]]:
    """Return what each letter means."""
    return [{"letter": LETTERS[step], "words": capfirst(str(step.label))} for step in Step]


def steps_words(steps: Iterable[str]) -> str:
    """Return steps as words: check eligibility, take the application."""
    return ", ".join(str(Step(step).label) for step in steps)


def lines(
    standings: Iterable[table.Standing], *, needed: frozenset[str], for_families: bool = False
) -> tuple[Line, ...]:
    """Return a cell's roles, each with its marks."""
    return tuple(_line(one, needed=needed, for_families=for_families) for one in standings)


def chip(cell: table.Cell, *, ours: Organisation) -> Chip | None:
    """Return where the talk of a cell stands, from one organisation's side; None where nothing."""
    talk = cell.talk
    if talk is None:
        return None
    if talk.is_turn_of(ours):
        words, sentence = OURS[talk.due]
        return Chip(str(words), str(sentence), is_ours=True, state=talk.due)
    state = _state(talk)
    if state not in THEIRS:
        return None
    words, sentence = THEIRS[state]
    return Chip(str(words), str(sentence), is_ours=False, state=state)


def _state(talk: table.Talk) -> str:
    """Return where a talk stands, as whoever has not the next word is told."""
    version = talk.version
    if version is None:
        return "asked" if talk.turns else talk.pathway.state
    if talk.due == "answer":
        return "offered"
    if talk.due == "offer":
        return "declined"
    if version.owner_signed_at is not None:
        return "owner_signed"
    return "holder_signed" if version.holder_signed_at is not None else "answered"


def _line(standing: table.Standing, *, needed: frozenset[str], for_families: bool) -> Line:
    role = str(Role(standing.role).label)
    limit, limits = _limits(standing)
    cover, cover_words = ("none", "") if for_families else _cover(standing)
    said = [f"{role}: {steps_words(standing.steps)}"]
    if limits:
        said[0] += f" {limits}"
    said += [cover_words] if cover_words else []
    return Line(
        role=role,
        short=str(SHORT_ROLES.get(standing.role, role)),
        squares=tuple(
            Square(LETTERS[step], _square(step, standing, needed)) for step in Step.values
        ),
        limit=limit,
        cover=cover,
        sentence=". ".join(said) + ".",
    )


def _square(step: str, standing: table.Standing, needed: frozenset[str]) -> str:
    if step in standing.steps:
        return "may"
    return "not" if step in needed else "none"


def _limit(limit: table.Limit) -> str:
    if limit.pence is None:
        return _("no limit")
    return _("up to %(amount)s") % {"amount": money.show(limit.pence)}


def _limits(standing: table.Standing) -> tuple[str, str]:
    """Return the limit for everybody in the role, and all of them as a sentence has them."""
    said = [
        _("%(limit)s with “%(competence)s”")
        % {"limit": _limit(limit), "competence": limit.competence.replace("_", " ")}
        if limit.competence
        else _limit(limit)
        for limit in standing.limits
    ]
    more = "" if len(said) < 2 else " +"
    return (_limit(standing.limits[0]) + more if said else "", ", ".join(said))


def _cover(standing: table.Standing) -> tuple[str, str]:
    cover = standing.cover
    if cover is None:
        return "lapsed", _("Nobody has said who bears the risk")
    words = str(cover.get_kind_display())
    if cover.valid_to is None:
        return "good", words
    shown = {"words": words, "day": day_words(cover.valid_to)}
    if standing.has_lapsed:
        return "lapsed", _("%(words)s: lapsed on %(day)s") % shown
    if standing.lapses_soon:
        return "soon", _("%(words)s: lapses soon, on %(day)s") % shown
    return "good", _("%(words)s until %(day)s") % shown
