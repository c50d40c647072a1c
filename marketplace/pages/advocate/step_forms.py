"""The form of one step, or of all the steps of one interaction: each thing asked once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.models import Organisation, Step
from marketplace.pages.advocate import questions
from marketplace.referrals import applications, assessment, assessments, eligibility, facts
from marketplace.referrals.interactions import Given
from marketplace.referrals.models import Referral
from marketplace.referrals.offers import MOST_UNITS

BY_FACTS = "facts"
CRITERIA_STEPS = (Step.CHECK_ELIGIBILITY, Step.DECIDE_ELIGIBILITY)


class StepForm(forms.Form):
    """What a step asks, or all steps of an interaction; fields are added as they are needed."""

    def clean(self) -> dict[str, Any]:
        """Take an amount as a number."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "quantity" in cleaned:
            chosen = cleaned["quantity"]
            cleaned["quantity"] = int(chosen) if chosen not in (None, BY_FACTS) else None
        return cleaned


def of(
    *,
    steps: Iterable[str],
    referral: Referral,
    at: datetime,
    data: Any = None,
    told_to: Organisation | None = None,
) -> forms.Form:
    """Return one form for these steps; without fields where they only take a button.

    `told_to` fills it in only with what that owner was told.
    """
    form = StepForm(data)
    wanted = set(steps)
    known = facts.of(referral=referral, day=timezone.localdate(at), told_to=told_to)
    service = referral.service
    if wanted & set(CRITERIA_STEPS):
        missing = eligibility.evaluate(facts.criteria(service), known).missing
        questions.add_facts(form, missing=missing, services=[service], person=referral.person)
    if Step.TAKE_APPLICATION in wanted:
        asked = applications.union([service])
        questions.add_answers(form, asked=asked, known=known, name_them=False)
    if Step.ASSESS in wanted:
        result = assessments.weigh(referral=referral, at=at, told_to=told_to)
        _add_amount(form, referral, result)
    return form


def given(form: forms.Form) -> Given:
    """Return what a valid form says."""
    return Given(
        facts=questions.facts(form),
        answers=questions.answers(form),
        quantity=form.cleaned_data.get("quantity"),
        reason=form.cleaned_data.get("reason", ""),
    )


def _add_amount(form: forms.Form, referral: Referral, result: assessment.Result) -> None:
    standard = referral.service.standard_quantity
    if not result.weighed:
        form.fields["quantity"] = forms.IntegerField(
            label=_("How much?"),
            help_text=_("The standard offer is %(standard)s.") % {"standard": standard},
            min_value=1,
            max_value=MOST_UNITS,
        )
        form.initial.setdefault("quantity", referral.quantity or standard)
        return
    questions.add_facts(
        form, missing=result.missing, services=[referral.service], person=referral.person
    )
    by_facts = _("What the answers give")
    if result.units is not None:
        by_facts = _("What is known gives %(units)s") % {"units": result.units}
    others = [
        (str(units), _amount_words(units, result))
        for units in result.amounts
        if units != result.units
    ]
    form.fields["quantity"] = forms.ChoiceField(
        label=_("How much?"),
        choices=[(BY_FACTS, by_facts), *others],
        widget=forms.RadioSelect,
        initial=BY_FACTS,
    )
    form.fields["reason"] = forms.CharField(
        label=_("Why another amount?"),
        help_text=_("Only if it is not what the answers give. The family can read it."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _amount_words(units: int, result: assessment.Result) -> str:
    """Return an amount with the criteria that earn it."""
    said = [one.band.sentence for one in result.weighed if one.band.units == units]
    if units == result.standard:
        said.append(_("The standard offer."))
    return f"{units}: {' '.join(said)}"
