"""The form of a service's criteria and bands, in plain values: no brackets, no quotation marks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import CriterionOperator
from cms.models.process import value_problem
from marketplace.pages.advocate import questions
from marketplace.referrals import assessment, eligibility
from marketplace.referrals.offers import MOST_UNITS

BLANKS = 2
MOST_ROWS = 20
PARTS = ("fact", "operator", "value", "sentence")
WORDS: dict[str, object] = {
    "fact": gettext_lazy("What it goes by"),
    "operator": gettext_lazy("How it is compared"),
    "value": gettext_lazy("With what"),
    "sentence": gettext_lazy("What people read"),
    "units": gettext_lazy("How much they get"),
}
HINTS: dict[str, object] = {
    "value": gettext_lazy("11 to 17; or 11; or yes; or Charnwood, Blaby."),
    "sentence": gettext_lazy("A plain sentence. Empty the row to take it away."),
}
OTHER_FACTS: dict[str, object] = {
    "age": gettext_lazy("How old they are"),
    "district": gettext_lazy("Which district they live in"),
}


@dataclass(frozen=True)
class Group:
    """The fields of one row: what is compared, and the sentence that people read."""

    line: list[forms.BoundField]
    sentence: forms.BoundField
    is_blank: bool

    @property
    def has_errors(self) -> bool:
        """Tell whether something in the row has to be put right."""
        return any(field.errors for field in (*self.line, self.sentence))


class Criteria(forms.Form):
    """Who can have a service and how much: rows of rules, rows of bands, and why it changes."""

    is_filter = True  # an empty row is no rule: nothing is said to be optional

    def __init__(
        self,
        data: Any = None,
        *,
        rules: Iterable[eligibility.Criterion],
        bands: Iterable[assessment.Band],
        standard: int,
        was: int,
    ) -> None:
        super().__init__(data)
        self.rows: dict[str, list[str]] = {"rule": [], "band": []}
        typed = [{part: getattr(rule, part) for part in PARTS} for rule in rules]
        for_need = [
            {part: getattr(band.criterion, part) for part in PARTS} | {"units": band.units}
            for band in bands
        ]
        facts = _facts([*(row["fact"] for row in typed), *(row["fact"] for row in for_need)])
        self._add("rule", typed, facts, PARTS)
        self._add("band", for_need, facts, (*PARTS, "units"))
        self.fields["standard"] = forms.IntegerField(
            label=_("The standard offer, for everybody else"),
            min_value=1,
            max_value=MOST_UNITS,
            initial=standard,
        )
        self.fields["reason"] = forms.CharField(
            label=_("Why does it change?"),
            help_text=_("Kept with the change. Name nobody."),
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.fields["was"] = forms.IntegerField(widget=forms.HiddenInput, initial=was)

    @property
    def rule_groups(self) -> list[Group]:
        """Return the rows of who can have it."""
        return self._groups("rule", PARTS)

    @property
    def band_groups(self) -> list[Group]:
        """Return the rows of how much."""
        return self._groups("band", (*PARTS, "units"))

    @property
    def rules(self) -> list[eligibility.Criterion]:
        """Return the rules of a valid form; a row without a sentence and a value is none."""
        return [self._rule(row) for row in self.rows["rule"] if self._is_filled(row)]

    @property
    def bands(self) -> list[assessment.Band]:
        """Return the bands of a valid form."""
        return [
            assessment.Band(self._rule(row), self.cleaned_data[f"{row}_units"])
            for row in self.rows["band"]
            if self._is_filled(row)
        ]

    def clean(self) -> dict[str, Any]:
        """Read each row's value, and ask for what is missing in a row that is half filled."""
        cleaned: dict[str, Any] = super().clean() or {}
        for kind, rows in self.rows.items():
            for row in rows:
                if self._is_filled(row):
                    self._clean_row(row, cleaned, needs_units=kind == "band")
        return cleaned

    def _clean_row(self, row: str, cleaned: dict[str, Any], *, needs_units: bool) -> None:
        for part in ("fact", "sentence"):
            if not cleaned.get(f"{row}_{part}"):
                self.add_error(f"{row}_{part}", _("Fill this in, or empty the row."))
        units = f"{row}_units"
        if needs_units and units not in self.errors and not cleaned.get(units):
            self.add_error(units, _("Say how much they get."))
        operator = cleaned.get(f"{row}_operator", "")
        value = read(cleaned.get(f"{row}_value", ""), operator=operator)
        problem = (
            _("Say with what it is compared.")
            if value == ""
            else value_problem(operator=operator, value=value)
        )
        if problem:
            self.add_error(f"{row}_value", SAID.get(operator, problem))
        cleaned[f"{row}_read"] = value

    def _groups(self, kind: str, parts: tuple[str, ...]) -> list[Group]:
        return [
            Group(
                line=[self[f"{row}_{part}"] for part in parts if part != "sentence"],
                sentence=self[f"{row}_sentence"],
                is_blank=not any(self[f"{row}_{part}"].value() for part in ("fact", "sentence")),
            )
            for row in self.rows[kind]
        ]

    def _is_filled(self, row: str) -> bool:
        said = self.cleaned_data if hasattr(self, "cleaned_data") else {}
        return any(said.get(f"{row}_{part}") for part in ("value", "sentence", "units"))

    def _rule(self, row: str) -> eligibility.Criterion:
        said = self.cleaned_data
        return eligibility.Criterion(
            fact=said[f"{row}_fact"],
            operator=said[f"{row}_operator"],
            value=said[f"{row}_read"],
            sentence=said[f"{row}_sentence"],
        )

    def _add(
        self,
        kind: str,
        rows: list[dict[str, Any]],
        facts: list[tuple[str, str]],
        parts: tuple[str, ...],
    ) -> None:
        for number, row in enumerate([*rows, *({} for _blank in range(BLANKS))][:MOST_ROWS]):
            name = f"{kind}_{number + 1}"
            self.rows[kind].append(name)
            for part in parts:
                self.fields[f"{name}_{part}"] = _field(part, row.get(part), facts)


SAID: dict[str, str] = {
    CriterionOperator.BETWEEN: gettext_lazy("Write two numbers, the lower first: 11 to 17."),  # type: ignore[dict-item]
    CriterionOperator.AT_LEAST: gettext_lazy("Write one number."),  # type: ignore[dict-item]
    CriterionOperator.AT_MOST: gettext_lazy("Write one number."),  # type: ignore[dict-item]
    CriterionOperator.ONE_OF: gettext_lazy("Write them with commas: Charnwood, Blaby."),  # type: ignore[dict-item]
}


def read(text: str, *, operator: str) -> Any:
    """Return what somebody typed as the value that an operator compares with.

    "11 to 17", "11", "yes" or "Charnwood, Blaby"; "" where nothing was typed.
    """
    text = text.strip()
    if not text:
        return ""
    if operator == CriterionOperator.BETWEEN:
        return [_number(part) for part in text.replace("–", " to ").split(" to ")]
    if operator in (CriterionOperator.AT_LEAST, CriterionOperator.AT_MOST):
        return _number(text)
    if operator == CriterionOperator.ONE_OF:
        return [part.strip() for part in text.split(",") if part.strip()]
    return {"yes": True, "no": False}.get(text.lower(), _number(text))


def write(value: Any) -> str:
    """Return a value as somebody would type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        is_range = len(value) == 2 and all(isinstance(part, int | float) for part in value)
        return (" to " if is_range else ", ").join(str(part) for part in value)
    return "" if value is None else str(value)


def _number(text: str) -> int | float | str:
    text = text.strip()
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if abs(number) < 1e9 else text  # "nan" compares as false, "inf" is too much


def _facts(used: Iterable[str]) -> list[tuple[str, str]]:
    known = {**OTHER_FACTS, **questions.FACTS}
    named = {fact: str(words) for fact, words in known.items()}
    named |= {fact: fact.replace("_", " ") for fact in used if fact not in named}
    return sorted(named.items(), key=lambda pair: pair[1])


def _field(part: str, value: Any, facts: list[tuple[str, str]]) -> forms.Field:
    label, hint = str(WORDS[part]), str(HINTS.get(part, ""))
    if part == "fact":
        return forms.ChoiceField(
            label=label, choices=[("", "–"), *facts], required=False, initial=value or ""
        )
    if part == "operator":
        return forms.ChoiceField(
            label=label,
            choices=CriterionOperator.choices,
            required=False,
            initial=value or CriterionOperator.IS,
        )
    if part == "units":
        return forms.IntegerField(
            label=label, min_value=1, max_value=MOST_UNITS, required=False, initial=value
        )
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=255,
        required=False,
        initial=write(value) if part == "value" else value or "",
    )
