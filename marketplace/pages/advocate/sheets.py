"""A draft laid out in sheets: why, who can have it, what they ask, and the check at the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.pages import doors
from marketplace.pages.advocate import ask, questions
from marketplace.referrals import applications, drafts, facts
from marketplace.referrals.models import Draft

WHY, FACTS, ANSWERS, CHECK = "why", "facts", "answers", "check"
SHEETS = (WHY, FACTS, ANSWERS, CHECK)
NOTHING = "–"
TITLES = {
    WHY: gettext_lazy("Why"),
    FACTS: gettext_lazy("Who can have it: what we don’t know yet"),
    ANSWERS: gettext_lazy("What they ask"),
    CHECK: gettext_lazy("Check what each service gets"),
}


@dataclass(frozen=True)
class Line:
    """One thing that was said, with the way to change it."""

    key: str
    value: str
    href: str = ""
    action: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was said."""
        return self.value == NOTHING


@dataclass(frozen=True)
class Sheets:
    """A draft with a form for each sheet that it needs."""

    visit: doors.Visit
    draft: Draft
    parts: list[applications.Part]
    known: Mapping[str, Any]
    blanks: dict[str, forms.Form] = field(default_factory=dict)

    @property
    def needed(self) -> list[str]:
        """Return the sheets that there is something on, the check last."""
        return [name for name in SHEETS if name in (WHY, CHECK) or self.blanks[name].fields]

    @property
    def title(self) -> dict[str, object]:
        """Return what each sheet is called."""
        return dict(TITLES)

    def after(self, name: str) -> str:
        """Return the sheet that follows."""
        needed = self.needed
        return needed[needed.index(name) + 1]

    def before(self, name: str) -> str:
        """Return the sheet before, or nothing for the first."""
        place = self.needed.index(name)
        return self.needed[place - 1] if place else ""

    def bound(self, name: str) -> forms.Form:
        """Return a sheet's form as if it were sent as it is saved, and known things with it."""
        blank = self.blanks[name]
        saved = {**_texts(blank.initial), **self.saved(name)}
        return _form(self, name, {each: saved.get(each, "") for each in blank.fields})

    def saved(self, name: str) -> dict[str, Any]:
        """Return what was saved of a sheet."""
        return dict(self.draft.why if name == WHY else self.draft.answers)

    def first_open(self) -> str:
        """Return where to go on: the first sheet that nobody saved, or that is not complete."""
        for name in self.needed[:-1]:
            blank = self.blanks[name]
            is_touched = any(each in self.saved(name) for each in _asked(name, blank))
            if not is_touched or not self.bound(name).is_valid():
                return name
        return CHECK

    def incomplete(self) -> str:
        """Return the first sheet on which something is wrong, or nothing."""
        wrong = (name for name in self.needed[:-1] if not self.bound(name).is_valid())
        return next(wrong, "")

    def filled(self) -> drafts.Filled:
        """Return what the draft says; every sheet has to be complete."""
        bound = {name: self.bound(name) for name in (WHY, FACTS, ANSWERS)}
        for each in bound.values():
            each.is_valid()
        return drafts.Filled(
            why=ask.why_of(self.visit, self.draft.family, bound[WHY]),  # type: ignore[arg-type]
            facts=questions.facts(bound[FACTS]),
            answers=questions.answers(bound[ANSWERS]),
        )

    def said(self, name: str) -> list[Line]:
        """Return what was said on a sheet, in words, each with the way to change it."""
        path = reverse("advocate_draft_step", args=[self.draft.reference, name])
        bound = self.bound(name)
        return [
            Line(
                key=str(each.label),
                value=shown(each),
                href=f"{path}#{each.id_for_label}",
                action=_("Change"),
            )
            for each in bound
        ]


def lay_out(visit: doors.Visit, draft: Draft) -> Sheets:
    """Lay a draft out: what is known already is filled in, and what was saved over it."""
    parts = applications.parts(
        person=draft.person,
        services=drafts.services_of(draft, at=visit.at),
        user=visit.user,
        by=visit.by,
        at=visit.at,
    )
    known = facts.known(person=draft.person, family=draft.family, day=visit.today)
    found = Sheets(visit=visit, draft=draft, parts=parts, known=known)
    for name in (WHY, FACTS, ANSWERS):
        found.blanks[name] = _form(found, name, None)
    return found


def typed(form: forms.Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed into the fields of a form, as it came; an empty box is told too."""
    return {name: questions.as_typed(data.get(name, "")) for name in form.fields}


def shown(bound: forms.BoundField) -> str:
    """Return what was said in a field, in the words it was chosen by."""
    value = bound.value()
    if value in (None, ""):
        return NOTHING
    if isinstance(bound.field, forms.BooleanField):
        return _("Yes") if value else _("No")
    for choice, words in getattr(bound.field, "choices", ()):
        if str(getattr(choice, "value", choice)) == str(value):
            return str(words)
    return str(value)


def _asked(name: str, form: forms.Form) -> list[str]:
    """Return the fields by which one knows that a sheet was saved, and not only begun from afar."""
    return ["comes"] if name == WHY else list(form.fields)


def _texts(initial: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "" if value is None else value for name, value in initial.items()}


def _form(sheets: Sheets, name: str, data: Mapping[str, Any] | None) -> forms.Form:
    visit, draft, parts = sheets.visit, sheets.draft, sheets.parts
    if name == WHY:
        return _why(visit, draft, parts, data)
    form = forms.Form(data, initial=dict(draft.answers) if data is None else None)
    parts = [part for part in parts if not _is_out(part, sheets.known)]
    if name == FACTS:
        checked = [part.service for part in parts if part.may_check]
        missing = facts.missing(services=checked, facts=dict(sheets.known))
        questions.add_facts(form, missing=missing, services=checked, person=draft.person)
    else:
        asked = applications.union(part.service for part in parts if part.may_send)
        questions.add_answers(form, asked=asked, known=sheets.known, name_them=True)
    return form


def _is_out(part: applications.Part, known: Mapping[str, Any]) -> bool:
    """Tell whether what is known already turns the person away: then nothing is asked for it."""
    return bool(applications.pack(part, known=known, said={}, answers={}).failed)


def _why(
    visit: doors.Visit,
    draft: Draft,
    parts: list[applications.Part],
    data: Mapping[str, Any] | None,
) -> questions.Why:
    form = questions.Why(
        data,
        goals=ask.goals_for(visit, draft.family, draft.person),
        services=[part.service for part in parts],
        initial=draft.why,
    )
    if not ask.may_confide(visit, draft.person):
        del form.fields["is_private"]
    return form
