"""The owner's answer to what was offered: many lines at once, of one cell or of many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models import Step
from marketplace.authority import pathways
from marketplace.authority.models import Answer, Cover, CoverKind, Offer, Risk
from marketplace.pages.commissioner.forms import Pounds
from marketplace.people.roles import Role

YES, NO = "yes", "no"
OPEN = [("", gettext_lazy("open"))]
ANSWERS = [*OPEN, (YES, gettext_lazy("Yes")), (NO, gettext_lazy("No"))]
RISKS = [*OPEN, *Risk.choices]
LIMITS = {
    "limit_commission_pence": gettext_lazy("A time"),
    "limit_family_year_pence": gettext_lazy("A family and year"),
    "limit_year_pence": gettext_lazy("A year in all"),
}


@dataclass(frozen=True)
class Row:
    """One offered line and the fields of its answer, as the page lays them out."""

    offer: Offer
    who: str
    step: str
    answer: forms.BoundField
    risk: forms.BoundField
    words: forms.BoundField
    competence: forms.BoundField
    limits: tuple[forms.BoundField, ...]


class Answers(forms.Form):
    """Yes or no to each line, with the risk, the limits, and who bears the risk."""

    all_answer = forms.ChoiceField(
        label=gettext_lazy("Every line left open"), choices=ANSWERS, required=False
    )
    all_risk = forms.ChoiceField(label=gettext_lazy("Its risk"), choices=RISKS, required=False)
    cover_kind = forms.ChoiceField(
        label=gettext_lazy("Who bears the risk"),
        choices=[("", "–"), *CoverKind.choices],
        required=False,
    )
    insurer = forms.CharField(label=gettext_lazy("Insurer"), max_length=150, required=False)
    policy_reference = forms.CharField(label=gettext_lazy("Policy"), max_length=64, required=False)
    amount = Pounds(label=gettext_lazy("Insured for"), required=False)
    expires_on = forms.DateField(
        label=gettext_lazy("Cover ends on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    starts_on = forms.DateField(
        label=gettext_lazy("Holds from (else: once signed)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    words = forms.CharField(
        label=gettext_lazy("A word to the other side"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        offers: Sequence[Offer],
        competences: Iterable[str] = (),
        cover: Cover | None = None,
    ) -> None:
        super().__init__(data, initial=_cover_before(cover))
        self.offers = offers
        codes = [("", _("none")), *((code, code.replace("_", " ")) for code in competences)]
        for offer in offers:
            self._line(offer, codes)

    def _line(self, offer: Offer, codes: list[tuple[str, str]]) -> None:
        key, before = offer.reference.hex, standing_answer(offer)
        about = {"who": Role(offer.role).label, "step": Step(offer.step).label}

        def add(name: str, field: forms.Field, value: object) -> None:
            field.label, field.required, field.initial = str(field.label) % about, False, value
            self.fields[f"{name}_{key}"] = field

        said = "" if before is None else (YES if before.accepted else NO)
        add("answer", _choice(_("%(who)s: %(step)s"), ANSWERS), said)
        add("risk", _choice(_("Risk of %(who)s: %(step)s"), RISKS), before.risk if before else "")
        add(
            "words",
            forms.CharField(label=_("Why, for %(who)s: %(step)s"), max_length=500),
            before.risk_words if before else "",
        )
        known = {code for code, _words in codes}
        own = [] if offer.competence in known else [(offer.competence, offer.competence)]
        add(
            "competence",
            _choice(_("Qualification of %(who)s: %(step)s"), [*codes, *own]),
            (before.competence if before and before.accepted else "") or offer.competence,
        )
        if offer.step == Step.COMMISSION:
            for name, label in LIMITS.items():
                field = Pounds(label=f"{label}: %(who)s")
                add(name, field, _pounds(getattr(before, name) if before else None))

    @property
    def rows(self) -> list[Row]:
        """Return the lines, each with its fields."""
        return [self._row(offer) for offer in self.offers]

    def _row(self, offer: Offer) -> Row:
        key = offer.reference.hex
        return Row(
            offer=offer,
            who=str(Role(offer.role).label),
            step=capfirst(str(Step(offer.step).label)),
            answer=self[f"answer_{key}"],
            risk=self[f"risk_{key}"],
            words=self[f"words_{key}"],
            competence=self[f"competence_{key}"],
            limits=tuple(
                self[f"{name}_{key}"] for name in LIMITS if f"{name}_{key}" in self.fields
            ),
        )

    def clean(self) -> dict[str, Any]:
        """Refuse an answer to nothing, a yes without its risk, and one without cover."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        said = {offer: self._said(offer) for offer in self.offers}
        if not any(said.values()):
            raise forms.ValidationError(_("Say yes or no to at least one line."))
        for offer, answer in said.items():
            if answer == YES and not self._risk(offer):
                name = f"risk_{offer.reference.hex}"
                self.add_error(name, _("Say how high the risk is."))
        if YES in said.values() and not cleaned.get("cover_kind"):
            self.add_error("cover_kind", _("Say who bears the risk before you say yes."))
        return cleaned

    def _said(self, offer: Offer) -> str:
        own = self.cleaned_data.get(f"answer_{offer.reference.hex}")
        return str(own or self.cleaned_data.get("all_answer") or "")

    def _risk(self, offer: Offer) -> str:
        own = self.cleaned_data.get(f"risk_{offer.reference.hex}")
        return str(own or self.cleaned_data.get("all_risk") or "")

    @property
    def cover(self) -> pathways.CoverTerms | None:
        """Return who bears the risk; None where nobody was named."""
        cleaned = self.cleaned_data
        if not cleaned["cover_kind"]:
            return None
        kind = CoverKind(cleaned["cover_kind"])
        if kind == CoverKind.OWNER:
            return pathways.CoverTerms(kind=kind)
        return pathways.CoverTerms(
            kind=kind,
            insurer=cleaned["insurer"],
            policy_reference=cleaned["policy_reference"],
            amount_pence=cleaned["amount"],
            expires_on=cleaned["expires_on"],
        )

    def said(self) -> list[pathways.LineAnswer]:
        """Return the answers that were given; lines left open are not among them."""
        return [self._answer(offer) for offer in self.offers if self._said(offer)]

    def _answer(self, offer: Offer) -> pathways.LineAnswer:
        key, accepted = offer.reference.hex, self._said(offer) == YES
        risk = self._risk(offer)
        return pathways.LineAnswer(
            offer=offer.reference,
            accepted=accepted,
            risk=Risk(risk) if risk else None,
            risk_words=self.cleaned_data[f"words_{key}"],
            competence=self.cleaned_data[f"competence_{key}"] if accepted else "",
            **{name: self.cleaned_data.get(f"{name}_{key}") for name in LIMITS},
        )

    @property
    def first_day(self) -> date | None:
        """Return the first day that was asked for."""
        day: date | None = self.cleaned_data["starts_on"]
        return day


def standing_answer(offer: Offer) -> Answer | None:
    """Return the answer to a line that no later one replaced; it must have been fetched."""
    return next((one for one in offer.answers.all() if one.replaced_at is None), None)


def _choice(label: str, choices: Sequence[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices)


def _pounds(pence: int | None) -> str:
    return "" if pence is None else f"{pence // 100}.{pence % 100:02d}"


def _cover_before(cover: Cover | None) -> dict[str, object]:
    if cover is None:
        return {}
    return {
        "cover_kind": cover.kind,
        "insurer": cover.insurer,
        "policy_reference": cover.policy_reference,
        "amount": _pounds(cover.amount_pence),
        "expires_on": cover.valid_to,
    }
