"""Forms made of what services ask: who can have it, and their applications' questions."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from budgets.models import Goal, Person
from cms.models import Band, Criterion, Question, QuestionKind, Service, Term, TermTaxonomy
from marketplace.referrals import drafts
from marketplace.referrals.applications import AskedQuestion

FACT, ANSWER = "fact_", "answer_"
NONE = "none"
YES_NO = [("yes", _("Yes")), ("no", _("No"))]
LONGEST_TURN = 18
LONGEST = 5_000
"""Characters that are kept of what is typed into one field: twice what any takes."""

# The questions behind the facts that services go by; a fact not named here is asked for by the
# rule's own sentence.
FACTS: dict[str, object] = {
    "age": _("How old are they?"),
    "attends_school": _("Do they go to school?"),
    "expects_or_has_baby": _("Are they expecting a baby, or have they a baby under one?"),
    "has_autism": _("Have they been told that they are autistic?"),
    "has_child_aged_11_to_17": _("Is there a child aged 11 to 17 at home?"),
    "has_child_at_home": _("Is there a child or young person under 18 at home?"),
    "has_disability": _("Have they a disability or a long illness?"),
    "has_low_income": _("Is money very short at home?"),
    "housing_at_risk": _("Could they lose their home?"),
    "is_carer": _("Do they look after somebody who is ill or disabled?"),
    "is_parent": _("Are they a mum, dad or carer of a child?"),
    "is_pregnant": _("Are they pregnant?"),
    "is_tenant": _("Do they rent their home?"),
    "known_to_police": _("Have they been in trouble with the police?"),
    "school_attendance_percent": _("How much of school do they get to, out of 100?"),
    "uses_drugs": _("Do they use drugs?"),
    "works": _("Do they have a job?"),
}


class Named(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among rows, each called by one of its own fields."""

    def __init__(self, *args: Any, words: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def label_from_instance(self, obj: Any) -> str:
        """Return what the row is called."""
        return str(getattr(obj, self.words))


class _RowsAndNone(forms.models.ModelChoiceIterator):
    """The rows, and then the answer that it is none of them."""

    field: Any

    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        yield (NONE, self.field.none)


class NamedOrNone(Named):
    """A choice among rows, or the answer that there is none; nothing chosen is no answer."""

    iterator = _RowsAndNone

    def __init__(self, *args: Any, none: Any, **kwargs: Any) -> None:
        super().__init__(*args, required=False, empty_label=_("Choose one"), **kwargs)
        self.none = none

    def to_python(self, value: Any) -> Any:
        """Return the row, the word for none of them, or None where nothing was chosen."""
        return NONE if value == NONE else super().to_python(value)


def choose(form: forms.Form, name: str, found: QuerySet[Any]) -> None:
    """Offer these rows in a field of a form."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = found


class Why(forms.Form):
    """Why somebody asks, before what is asked (report 3.3, 4.8)."""

    goal = NamedOrNone(
        words="words",
        label=_("Which goal is it for?"),
        queryset=Goal.objects.none(),
        to_field_name="reference",
        none=_("No goal of the plan"),
    )
    need = Named(
        words="shown",
        label=_("What is it about?"),
        queryset=Term.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("Something else"),
    )
    comes = forms.ChoiceField(
        label=_("Does it come instead of something they have now?"),
        choices=[("as_well", _("No, as well")), ("instead", _("Yes, instead of something"))],
        initial="as_well",
        widget=forms.RadioSelect,
    )
    instead_of = forms.CharField(
        label=_("Instead of what?"),
        help_text=_("Only if it comes instead of something."),
        max_length=200,
        required=False,
    )
    barrier = NamedOrNone(
        words="shown",
        label=_("What could stop this working?"),
        help_text=_("What helps with it is offered beside."),
        queryset=Term.objects.none(),
        to_field_name="slug",
        none=_("Nothing we know of"),
    )
    met_by = forms.CharField(
        label=_("What would help with that?"),
        help_text=_("Only if something could stop it. In the family’s words."),
        max_length=200,
        required=False,
    )
    is_private = forms.BooleanField(
        label=_("Keep this from the rest of the household"),
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        goals: Any,
        services: Iterable[Service],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        choose(self, "goal", goals)
        needs = Term.objects.filter(
            taxonomy__in=[TermTaxonomy.NEED, TermTaxonomy.ISSUE], services__in=list(services)
        )
        choose(self, "need", needs.order_by("taxonomy", "name").distinct())
        barriers = Term.objects.filter(taxonomy=TermTaxonomy.BARRIER).order_by("name")
        choose(self, "barrier", barriers)

    def clean(self) -> dict[str, Any]:
        """Ask what it comes instead of where that was said; tell whether all was answered.

        `is_weighed` is true where what has to be asked before buying was answered.
        """
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("comes") == "instead" and not cleaned.get("instead_of"):
            self.add_error("instead_of", str(_("Say what it comes instead of.")))
        barrier, goal = cleaned.get("barrier"), cleaned.get("goal")
        is_met = barrier == NONE or bool(cleaned.get("met_by", "").strip())
        cleaned["is_weighed"] = bool(goal and barrier and cleaned.get("comes")) and is_met
        for name in ("goal", "barrier"):
            cleaned[name] = None if cleaned.get(name) == NONE else cleaned.get(name)
        return cleaned


def add_facts(
    form: forms.Form, *, missing: Iterable[str], services: Iterable[Service], person: Person
) -> None:
    """Add a field for each fact that a service goes by and nobody gave yet."""
    rules: dict[str, Band | Criterion] = {}
    for service in services:
        rules |= {band.fact: band for band in service.bands.all()}
        rules |= {rule.fact: rule for rule in service.criteria.all()}
    for fact in missing:
        form.fields[FACT + fact] = _fact_field(fact, rules.get(fact), person)


def add_answers(
    form: forms.Form, *, asked: Iterable[AskedQuestion], known: Mapping[str, Any], name_them: bool
) -> None:
    """Add a field for each question, filled with what is known; say who gets the answer if told."""
    for one in asked:
        question = one.question
        field = _answer_field(question, is_required=one.is_required)
        if name_them:
            who = _("Goes to: %(services)s.") % {"services": ", ".join(one.services)}
            field.help_text = f"{question.help_text} {who}".strip()
        form.fields[ANSWER + question.key] = field
        given = known.get(question.key)
        if given not in (None, ""):
            form.initial.setdefault(ANSWER + question.key, _as_typed(given))


def as_typed(text: str) -> str:
    """Return what was typed as it is kept before it is checked: long enough to be too long."""
    return text[:LONGEST]


def turn_of(data: Mapping[str, Any]) -> drafts.Typed | None:
    """Return in what order a page's form was filled in, where scripts say so."""
    page, turn = str(data.get("form_key", "")), str(data.get("turn", ""))
    if not (turn.isascii() and turn.isdigit() and len(turn) < LONGEST_TURN):
        return None
    try:
        return drafts.Typed(page=UUID(page), turn=int(turn))
    except ValueError:
        return None


def facts(form: forms.Form) -> dict[str, Any]:
    """Return the facts of a valid form: yes and no as true and false."""
    found = _given(form, FACT)
    return {key: {"yes": True, "no": False}.get(str(value), value) for key, value in found.items()}


def answers(form: forms.Form) -> dict[str, Any]:
    """Return the answers of a valid form, as they are kept."""
    return _given(form, ANSWER)


def _given(form: forms.Form, prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value.isoformat() if isinstance(value, date) else value
        for name, value in form.cleaned_data.items()
        if name.startswith(prefix) and value not in (None, "")
    }


def _as_typed(given: Any) -> Any:
    if isinstance(given, bool):
        return "yes" if given else "no"
    return given


def _fact_field(fact: str, rule: Band | Criterion | None, person: Person) -> forms.Field:
    label = str(FACTS.get(fact) or (rule.sentence if rule else fact.replace("_", " ")))
    if rule is not None and rule.operator in ("between", "at_least", "at_most"):
        return forms.IntegerField(label=label, min_value=0, max_value=1000)
    if rule is not None and isinstance(rule.value, list):
        choices = [(str(value), str(value)) for value in rule.value]
        choices.append(("other", str(_("Something else"))))
        return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)
    return forms.ChoiceField(label=label, choices=YES_NO, widget=forms.RadioSelect)


def _answer_field(question: Question, *, is_required: bool) -> forms.Field:
    words: dict[str, Any] = {
        "label": question.text,
        "help_text": question.help_text,
        "required": is_required,
    }
    if question.kind == QuestionKind.YES_NO:
        return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect, **words)
    if question.kind == QuestionKind.DATE:
        return forms.DateField(**words)
    if question.kind == QuestionKind.NUMBER:
        return forms.IntegerField(min_value=0, max_value=100_000, **words)
    if question.kind == QuestionKind.CHOICE:
        choices = [(choice, choice) for choice in question.choices]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **words)
    return forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), **words)
