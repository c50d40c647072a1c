"""What to do when a search finds nothing: always three steps, made from this very search."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cms import searches
from cms.models import ServiceKind
from marketplace.pages.public import filters

STEPS = 3
FOR_EVERYBODY = {
    ServiceKind.ADVOCATE: gettext_lazy("Find somebody to help you choose"),
    ServiceKind.UNIVERSAL: gettext_lazy("See what is open to everyone"),
}


@dataclass(frozen=True)
class NextStep:
    """One thing to do next, and where."""

    text: str
    href: str


@dataclass(frozen=True)
class Wider:
    """The same search with less asked, and how many it would find."""

    words: str
    query: str
    total: int


def after_nothing(chosen: filters.Catalogue, *, path: str, on: date) -> list[NextStep]:
    """Return three things to do: what would find most, then somebody to ask.

    A few searches a filter that is on, however large the catalogue is.
    """
    found = [*_farther(chosen, on=on), *_without_one(chosen, on=on)]
    if len(found) < STEPS - 1:
        found += _only_one(chosen, on=on)
    seen: dict[str, Wider] = {}
    for wider in found:
        seen.setdefault(wider.query, wider)
    steps = [
        NextStep(_counted(wider), filters.address(path, wider.query)) for wider in seen.values()
    ]
    if len(steps) < STEPS - 1:
        steps += _for_everybody(chosen, path=path, on=on, but={step.href for step in steps})
    ask = NextStep(_("Tell us what you need, and we will get back to you"), reverse("ask_for_help"))
    return [*steps[: STEPS - 1], ask]


def _for_everybody(
    chosen: filters.Catalogue, *, path: str, on: date, but: set[str]
) -> list[NextStep]:
    """Return where anybody may go on: whom to ask, what is open to all, everything there is."""
    steps = []
    for kind, words in FOR_EVERYBODY.items():
        query = chosen.query(without={*chosen.form.fields} - {"kind"}, instead={"kind": [kind]})
        if _total(searches.Asked(kinds=(kind,)), on=on):
            steps.append(NextStep(str(words), filters.address(path, query)))
    steps.append(NextStep(_("Look at everything there is"), path))
    steps.append(NextStep(_("Begin again"), reverse("home")))
    return [step for step in steps if step.href not in but]


def _counted(wider: Wider) -> str:
    return ngettext("%(what)s: %(count)s choice", "%(what)s: %(count)s choices", wider.total) % {
        "what": wider.words,
        "count": wider.total,
    }


def _total(asked: searches.Asked, *, on: date) -> int:
    return searches.find(asked=asked, on=on, per_page=1, facets=False).total


def _farther(chosen: filters.Catalogue, *, on: date) -> list[Wider]:
    """Return the next distance at which there is something, if a distance is chosen."""
    miles = chosen.chosen.get("miles")
    if not miles or chosen.point is None:
        return []
    for farther, words in filters.MILES:
        if int(farther) <= int(miles):
            continue
        total = _total(chosen.asked(instead={"miles": farther}), on=on)
        if total:
            said = _("Look up to %(miles)s away") % {"miles": words}
            return [Wider(said, chosen.query(instead={"miles": farther}), total)]
    return []


def _without_one(chosen: filters.Catalogue, *, on: date) -> list[Wider]:
    """Return the search without each of its filters, what finds most first."""
    found = []
    for name in chosen.names_on:
        without = _with_what_needs_it(name)
        total = _total(chosen.asked(without=without), on=on)
        if total:
            said = _("Take off “%(filter)s”") % {"filter": _said(chosen, name)}
            found.append(Wider(said, chosen.query(without=without), total))
    return sorted(found, key=lambda wider: -wider.total)


def _only_one(chosen: filters.Catalogue, *, on: date) -> list[Wider]:
    """Return what each filter finds by itself, in the order of the page."""
    names = chosen.names_on
    if len(names) < 2:
        return []
    found = []
    for name in names:
        without = [other for other in chosen.form.fields if other != name]
        total = _total(chosen.asked(without=without), on=on)
        if total and name not in ("miles", "postcode"):
            said = _("Look only for “%(filter)s”") % {"filter": _said(chosen, name)}
            found.append(Wider(said, chosen.query(without=without), total))
    return found


def _with_what_needs_it(name: str) -> tuple[str, ...]:
    """Return what goes with a filter: a distance means nothing without a postcode."""
    return ("postcode", "miles") if name == "postcode" else (name,)


def _said(chosen: filters.Catalogue, name: str) -> str:
    """Return a filter that is on in words: what was chosen in it."""
    return _(", ").join(chosen.words_on(name))
