"""What a family fills in: short, in big fields, and kept as it was typed."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.models import Goal, Person
from cms.models import Criterion, CriterionOperator, Question, QuestionKind, Term
from marketplace.pages.family import household, words
from marketplace.referrals import endings
from marketplace.referrals.models import GoalMet, WhatNext, WhyEnds, YesHow

YES_NO: list[tuple[str, Any]] = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
# Where what counts is that something is not so, "yes, that is right" means no.
NO_YES: list[tuple[str, Any]] = [("no", gettext_lazy("Yes")), ("yes", gettext_lazy("No"))]
NOWHERE = ""
LONGEST = 2000
HELPED = GoalMet.choices


def score_choices() -> list[tuple[str, str]]:
    """Return the ten answers to "where are we now?", in words."""
    return [(str(value), f"{value} – {said}") for value, said in words.SCORES.items()]


def as_number(value: str) -> int | None:
    """Return a chosen number, or None where none was chosen."""
    return int(value) if value else None


class GoalForm(forms.Form):
    """What somebody wants to change."""

    words = forms.CharField(
        label=gettext_lazy("What do you want to change?"),
        help_text=gettext_lazy("Say it your way. One thing at a time."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    person = forms.ChoiceField(
        label=gettext_lazy("Whose is it?"), widget=forms.RadioSelect, required=False
    )
    score = forms.TypedChoiceField(
        label=gettext_lazy("Where are you now?"),
        help_text=gettext_lazy("Nobody marks this. It helps you see what gets better."),
        coerce=as_number,
        empty_value=None,
        required=False,
        widget=forms.Select,
    )
    is_secret = forms.BooleanField(
        label=gettext_lazy("Keep this from the rest of the family"),
        help_text=gettext_lazy("Only for something that is just yours."),
        required=False,
    )

    def __init__(self, *args: Any, home: household.Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = home
        whose = [("", _("All of us"))]
        whose += [(str(home.person.reference), _("Just me"))]
        whose += [(str(child.reference), child.first_name) for child in home.children]
        self.fields["person"].choices = whose  # type: ignore[attr-defined]
        self.fields["person"].initial = ""
        self.fields["score"].choices = [(NOWHERE, _("Choose one")), *score_choices()]  # type: ignore[attr-defined]

    def clean_person(self) -> Person | None:
        """Return the person whose goal it is, or None for all."""
        chosen = self.cleaned_data["person"]
        return self.home.find(chosen) if chosen else None

    def clean(self) -> dict[str, Any]:
        """Let only what is one's own be kept from the others."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("is_secret") and said.get("person") != self.home.person:
            self.add_error("is_secret", _("Choose “Just me” if only you should see it."))
        return said


class ScoreForm(forms.Form):
    """Where somebody is now."""

    score = forms.TypedChoiceField(
        label=gettext_lazy("Where are you now?"), coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"].choices = score_choices()  # type: ignore[attr-defined]


class StopForm(forms.Form):
    """Why something is stopped, if somebody wants to say."""

    words = forms.CharField(
        label=gettext_lazy("Do you want to say why?"),
        help_text=gettext_lazy("You do not have to."),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HowForm(forms.Form):
    """How it went, why it ends, and what comes next."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Did it help?"), choices=HELPED, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=gettext_lazy("Tell us more, if you like"),
        help_text=gettext_lazy("What was good? What would you change?"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    why = forms.ChoiceField(
        label=gettext_lazy("Why does it end?"), choices=WhyEnds.choices, widget=forms.RadioSelect
    )
    next = forms.ChoiceField(
        label=gettext_lazy("What do you want next?"),
        choices=WhatNext.choices,
        widget=forms.RadioSelect,
    )
    next_words = forms.CharField(
        label=gettext_lazy("Do you want to say more about that?"),
        help_text=gettext_lazy("You do not have to."),
        max_length=500,
        required=False,
    )

    def told(self, by: Person) -> endings.Told:
        """Return what somebody said in a valid form."""
        said = self.cleaned_data
        return endings.Told(
            by=by,
            how=YesHow.SIGNED_IN,
            goal_met=GoalMet(said["reason"]),
            why=WhyEnds(said["why"]),
            next=WhatNext(said["next"]),
            words=said["words"],
            next_words=said["next_words"],
        )


class AgainForm(forms.Form):
    """What is new, so that they look at it again."""

    note = forms.CharField(
        label=gettext_lazy("What is new?"),
        help_text=gettext_lazy("They read this. You do not have to fill in the rest again."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TimesForm(forms.Form):
    """Which free time."""

    slot = forms.ChoiceField(label=gettext_lazy("Which time is best?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"].choices = choices  # type: ignore[attr-defined]


class ChooseForm(forms.Form):
    """For whom, and what should change."""

    def __init__(
        self,
        *args: Any,
        home: household.Household,
        goals: Iterable[Goal],
        issues: Iterable[Term],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(home.person.reference), _("Me"))]
        people += [(str(child.reference), child.first_name) for child in home.children]
        wishes = [(f"goal-{goal.reference}", _wish(goal, home)) for goal in goals]
        others = [(f"issue-{term.slug}", term.shown) for term in issues]
        groups: list[Any] = [("", _("Show me everything"))]
        if wishes:
            groups.append((_("What is in your plan"), wishes))
        if others:
            groups.append((_("Something else"), others))
        self.fields["for"] = forms.ChoiceField(
            label=_("Who is it for?"), choices=people, widget=forms.RadioSelect, required=False
        )
        self.fields["change"] = forms.ChoiceField(
            label=_("What do you want to change?"), choices=groups, required=False
        )


def _wish(goal: Goal, home: household.Household) -> str:
    """Return a goal's words, after the name of the child whose it is."""
    if goal.person is None or goal.person == home.person:
        return goal.words
    return f"{goal.person.first_name}: {goal.words}"


class AskForm(forms.Form):
    """What a service needs to know: each fact and question once, filled in where it is known."""

    def __init__(
        self,
        *args: Any,
        criteria: Iterable[Criterion],
        questions: Iterable[Question],
        goals: Iterable[Goal],
        barriers: Iterable[Term],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.facts: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        for criterion in criteria:
            name = f"fact-{criterion.fact}"
            self.facts[name] = criterion.fact
            self.fields[name] = _fact(criterion)
        for question in questions:
            name = f"answer-{question.key}"
            self.answers[name] = question.key
            self.fields[name] = _question(question)
        wishes = [(str(goal.reference), goal.words) for goal in goals]
        if wishes:
            self.fields["goal"] = forms.ChoiceField(
                label=_("Which of these is it for?"),
                choices=[("", _("None of them")), *wishes],
                required=False,
            )
        stops = [(term.slug, term.shown) for term in barriers]
        if stops:
            self.fields["barrier"] = forms.ChoiceField(
                label=_("Could anything get in the way?"),
                help_text=_("If so, we can show you what helps with that too."),
                choices=[("", _("Nothing")), *stops],
                required=False,
            )
            self.fields["met_by"] = _met_by()
        self.fields["instead_of"] = _instead_of()

    def said(self, names: dict[str, str]) -> dict[str, Any]:
        """Return the answers that were given, by fact or question."""
        return {
            key: _plain(self.cleaned_data[name], self.fields[name])
            for name, key in names.items()
            if self.cleaned_data.get(name) not in (None, "")
        }


class BeforeForm(forms.Form):
    """What is asked before money is set aside, where it was not asked yet."""

    def __init__(
        self, *args: Any, goals: Iterable[Goal], barriers: Iterable[Term], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        wishes = [(str(goal.reference), goal.words) for goal in goals]
        stops = [(term.slug, term.shown) for term in barriers]
        self.fields["goal"] = forms.ChoiceField(
            label=_("Which of these is it for?"),
            choices=[("", _("None of them")), *wishes],
            required=False,
        )
        self.fields["barrier"] = forms.ChoiceField(
            label=_("Could anything get in the way?"),
            choices=[("", _("Nothing")), *stops],
            required=False,
        )
        self.fields["met_by"] = _met_by()
        self.fields["instead_of"] = _instead_of()

    def clean(self) -> dict[str, Any]:
        """Ask what would help where something could get in the way."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("barrier") and not said.get("met_by", "").strip():
            self.add_error("met_by", _("Say what would help with that. A few words will do."))
        return said


def _instead_of() -> forms.CharField:
    return forms.CharField(
        label=_("Is it instead of something you have now?"),
        help_text=_("If so, say what. If not, leave this empty."),
        max_length=200,
        required=False,
    )


def _met_by() -> forms.Field:
    return forms.CharField(
        label=_("What would help with that?"),
        help_text=_("Only if something could get in the way. Such as: “Anne drives me there.”"),
        max_length=200,
        required=False,
    )


class AmendForm(forms.Form):
    """A service's questions as they were answered, and why an answer changes."""

    def __init__(
        self, *args: Any, questions: Iterable[Question], known: Mapping[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.answers = {f"answer-{question.key}": question.key for question in questions}
        for question in questions:
            name = f"answer-{question.key}"
            self.fields[name] = _question(question)
            self.initial[name] = known_answer(known.get(question.key))
        self.fields["why"] = forms.CharField(
            label=_("Do you want to say why?"),
            help_text=_("You do not have to."),
            max_length=500,
            required=False,
        )

    @property
    def said(self) -> dict[str, Any]:
        """Return every answer by its question; an empty one takes out what was there."""
        return {
            key: _plain(self.cleaned_data.get(name), self.fields[name])
            for name, key in self.answers.items()
        }


def known_answer(value: Any) -> Any:
    """Return what was answered before, as a field shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _plain(value: Any, field: forms.Field) -> Any:
    if isinstance(field, forms.ChoiceField) and value in ("yes", "no"):
        return value == "yes"
    return value.isoformat() if hasattr(value, "isoformat") else value


def _fact(criterion: Criterion) -> forms.Field:
    """Ask for a fact by the sentence that says who can have it."""
    if isinstance(criterion.value, bool) and criterion.operator == CriterionOperator.IS:
        return forms.ChoiceField(
            label=criterion.sentence.rstrip("."),
            help_text=_("Is that right for this person?"),
            choices=YES_NO if criterion.value else NO_YES,
            widget=forms.RadioSelect,
        )
    if criterion.operator in (CriterionOperator.IS, CriterionOperator.ONE_OF):
        return forms.CharField(label=criterion.sentence.rstrip("."), max_length=200)
    return forms.IntegerField(
        label=criterion.sentence.rstrip("."), help_text=_("Your best guess, as a number.")
    )


def _question(question: Question) -> forms.Field:
    asked: dict[str, Any] = {
        "label": question.text,
        "help_text": question.help_text,
        "required": question.is_required,
    }
    if question.kind == QuestionKind.YES_NO:
        return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect, **asked)
    if question.kind == QuestionKind.CHOICE:
        choices = [(choice, choice) for choice in question.choices]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **asked)
    if question.kind == QuestionKind.DATE:
        return forms.DateField(widget=forms.DateInput, **asked)
    if question.kind == QuestionKind.NUMBER:
        return forms.IntegerField(**asked)
    return forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}), **asked)
