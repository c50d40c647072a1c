"""Deliberate faults: each a line of the product written wrongly, and the tests that must see it.

A dropped filter, a flipped comparison, an ignored date, an ignored relation. The words on the left
stand exactly once in their file; `test_the_table_is_of_today` goes red where they do not any more.
"""

from dataclasses import dataclass

AUTHORITY, SHARING = "tests/marketplace/authority", "tests/marketplace/sharing"


@dataclass(frozen=True)
class Mutation:
    """One fault: in which file, which words become which, and which tests notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


def in_authority(name: str, before: str, after: str, *tests: str) -> Mutation:
    """Return a fault in `authority.decide` itself."""
    found = tuple(f"{AUTHORITY}/{test}" for test in tests)
    return Mutation(name, "marketplace/authority/authority.py", before, after, found)


def in_grounds(name: str, before: str, after: str, *tests: str) -> Mutation:
    """Return a fault in the grounds on which somebody may know."""
    found = tuple(f"{SHARING}/{test}" for test in tests)
    return Mutation(name, "marketplace/sharing/grounds.py", before, after, found)


IN_AUTHORITY = (
    in_authority(
        "the limit itself is over the limit",
        "amount_pence > limit_pence",
        "amount_pence >= limit_pence",
        "test_limits.py::test_a_commission_up_to_the_limit_goes_through",
    ),
    in_authority(
        "the limit is a floor",
        "amount_pence > limit_pence",
        "amount_pence < limit_pence",
        "test_limits.py::test_a_commission_up_to_the_limit_goes_through",
    ),
    in_authority(
        "what the family had before is not added",
        "used.family_pence + amount, rule.limit_family_year_pence",
        "amount, rule.limit_family_year_pence",
        "test_limits.py::test_splitting_does_not_get_round_the_limit_of_a_family",
    ),
    in_authority(
        "what all had before is not added",
        "_passes(used.all_pence + amount, rule.limit_year_pence)",
        "_passes(amount, rule.limit_year_pence)",
        "test_limits.py::test_what_another_family_used_counts_for_the_rule_and_not_for_the_family",
    ),
    in_authority(
        "the organisation of the owner is ignored",
        "case.by.organisation == case.service.owner.reference\n        and ",
        "",
        "test_decide.py::test_a_worker_at_two_organisations_acts_for_the_one_she_names",
        "test_decide.py::test_everybody_may_do_what_was_agreed_and_nothing_else",
    ),
    in_authority(
        "the organisation of the provider is ignored",
        "and case.by.organisation == case.service.provider.reference",
        "",
        "test_decide.py::test_everybody_may_do_what_was_agreed_and_nothing_else",
    ),
    in_authority(
        "what was gathered for another family is believed",
        "return self.by == by and self.family == family",
        "return self.by == by",
        "test_decide.py::test_nobody_is_judged_by_what_was_gathered_for_another",
    ),
    in_authority(
        "intake diagnoses",
        "and case.step != Step.DIAGNOSE\n        ",
        "",
        "test_persons.py::test_diagnosis_stays_with_the_providers_specialists",
    ),
    in_authority(
        "the owner's own scheme is not asked",
        "and not any(rule.role == Role.INTAKE_WORKER for rule in found)",
        "",
        "test_persons.py::test_intake_is_judged_by_the_owners_own_scheme_where_there_is_one",
    ),
    in_authority(
        "an agreement is anybody's",
        "return case.by.organisation == (holder.reference if holder else None)",
        "return holder is not None or case.by.organisation is None",
        "test_decide.py::test_a_refusal_says_why_in_words_and_in_code",
    ),
    in_authority(
        "a rule is for any role",
        "rule.step == case.step and rule.role in case.roles and _is_holders(case, rule)",
        "rule.step == case.step and _is_holders(case, rule)",
        "test_decide.py::test_the_role_at_another_organisation_does_not_count",
        "test_decide.py::test_everybody_may_do_what_was_agreed_and_nothing_else",
    ),
    in_authority(
        "the least of what equals say holds",
        "return max((_judge(case, rule) for rule in found), key=_merit)",
        "return min((_judge(case, rule) for rule in found), key=_merit)",
        "test_decide.py::test_among_equals_the_one_that_lets_her_wins",
    ),
    in_authority(
        "a competence is not asked for",
        "if rule.competence and not competences.holds(",
        "if False and not competences.holds(",
        "test_persons.py::test_a_step_that_asks_for_a_competence_is_refused_without_it",
    ),
    in_authority(
        "an advocate acts for anybody",
        "if rule.role == Role.ADVOCATE and not _is_appointed(case):",
        "if False:",
        "test_persons.py::test_an_advocate_acts_only_for_a_family_that_asked_her",
    ),
    in_authority(
        "a friend represents",
        "on=case.day, power=Power.REPRESENT)",
        "on=case.day)",
        "test_persons.py::test_only_who_may_represent_acts",
    ),
    in_authority(
        "a visitor is at home",
        "lives_here.exclude(relation=Relation.VISITOR).exists()",
        "lives_here.exists()",
        "test_persons.py::test_a_visitor_commissions_nothing",
    ),
    in_authority(
        "no plan is needed",
        "Plan.objects.active().filter(family=family).exists()",
        "Plan.objects.filter(family=family).exists()",
        "test_persons.py::test_only_with_an_active_plan",
    ),
    in_authority(
        "an approval makes up for what is missing",
        "needs_approval=bool(soft) and not hard,",
        "needs_approval=bool(soft or hard),",
        "test_limits.py::test_cover_holds_until_the_day_it_ends",
        "test_persons.py::test_an_advocate_acts_only_for_a_family_that_asked_her",
    ),
    in_authority(
        "one's own employer is nobody's interest",
        "return own_employer or competences.has_interest(",
        "return competences.has_interest(",
        "test_persons.py::test_booking_ones_own_employer_needs_somebody_elses_yes",
    ),
    Mutation(
        "the least specific rule wins",
        "marketplace/authority/rules.py",
        "top = max((rule.specificity for rule in rules), default=0)",
        "top = min((rule.specificity for rule in rules), default=0)",
        (
            f"{AUTHORITY}/test_decide.py::test_the_most_specific_rule_wins_also_where_it_allows_less",
        ),
    ),
    Mutation(
        "a rule for all is for everybody's services",
        "marketplace/authority/rules.py",
        "        agreement__owner=service.owner_id,\n",
        "",
        (f"{AUTHORITY}/test_decide.py::test_a_rule_for_all_is_about_one_owners_services_only",),
    ),
    Mutation(
        "cover holds a day longer",
        "marketplace/authority/models/agreement.py",
        "self.valid_from <= day and (self.valid_to is None or day < self.valid_to)",
        "self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)",
        (f"{AUTHORITY}/test_limits.py::test_cover_holds_until_the_day_it_ends",),
    ),
    Mutation(
        "cover holds before it begins",
        "marketplace/authority/models/agreement.py",
        "self.valid_from <= day and (self.valid_to is None or day < self.valid_to)",
        "self.valid_to is None or day < self.valid_to",
        (f"{AUTHORITY}/test_limits.py::test_cover_does_not_hold_before_its_first_day",),
    ),
    Mutation(
        "a suspension holds nothing up",
        "marketplace/authority/models/agreement.py",
        '            ~Exists(Suspension.objects.on(day).filter(agreement=OuterRef("pk"))),\n',
        "",
        (
            f"{AUTHORITY}/test_decide.py::"
            "test_a_suspended_agreement_holds_no_more_and_a_resumed_one_does",
        ),
    ),
    Mutation(
        "a rule holds on its last day and after",
        "marketplace/authority/models/rule.py",
        "            Q(valid_to__isnull=True) | Q(valid_to__gt=day),\n",
        "",
        (f"{AUTHORITY}/test_decide.py::test_everything_is_judged_on_the_day",),
    ),
    Mutation(
        "running totals run on through the years",
        "marketplace/authority/uses.py",
        "Use.objects.filter(lineage=rule.lineage, year=year).aggregate(",
        "Use.objects.filter(lineage=rule.lineage).aggregate(",
        (f"{AUTHORITY}/test_limits.py::test_last_years_use_does_not_count",),
    ),
)

WHOLE = "test_visible.py::test_everybody_sees_what_they_may_and_nothing_else"

IN_SHARING = (
    in_grounds(
        "a role at any organisation opens a reason",
        'user=user, organisation=OuterRef("organisation")\n    )\n    # What',
        "user=user\n    )\n    # What",
        WHOLE,
    ),
    in_grounds(
        "a role is not asked for",
        'Exists(works.filter(role=OuterRef("role")))',
        "Exists(works)",
        "test_grounds.py::test_a_reason_is_for_its_role",
    ),
    in_grounds(
        "any reason opens the whole record",
        "whole = live.filter(scope=Scope.RECORD)",
        "whole = live",
        "test_grounds.py::test_the_police_see_what_they_were_asked_for_and_not_the_plan",
    ),
    in_grounds(
        "a visit is a home",
        'return stays.exclude(relation=Relation.VISITOR).values("family")',
        'return stays.values("family")',
        "test_grounds.py::test_a_visitor_sees_only_what_is_hers",
    ),
    in_grounds(
        "a child is decided for when it decides alone",
        "Q(person__decides_alone_on__isnull=True) | Q(person__decides_alone_on__gt=day),",
        "Q(),",
        "test_grounds.py::test_once_a_young_person_decides_alone_looks_are_hers",
    ),
    in_grounds(
        "any advocate is a confidante",
        "appointments.of(user=user, on=day, power=Power.CONFIDE).values",
        "appointments.of(user=user, on=day).values",
        "test_grounds.py::test_each_kind_of_advocate_has_exactly_its_powers",
    ),
    in_grounds(
        "confidential items are shown",
        "return Q(**{path.confidential: False})",
        "return Q()",
        "test_grounds.py::test_fred_and_anne_see_no_confidential_item_of_anothers",
    ),
    in_grounds(
        "what is held back is let out",
        'return Q(**{f"{path.held_back}__isnull": True}) | Q(**{f"{path.held_back}__lte": day})',
        "return Q()",
        "test_grounds.py::test_a_look_that_is_held_back_is_shown_on_its_day",
    ),
    in_grounds(
        "another household's past is this one's",
        "families, only_in_these_families=True)\n\n\ndef appointed",
        "families)\n\n\ndef appointed",
        "test_grounds.py::test_what_happened_in_an_earlier_household_stays_there",
    ),
    in_grounds(
        "one kind of information opens every other",
        'yield {f"opens_{path.information}": True}, Q()',
        "yield {}, Q()",
        "test_consents.py::test_one_kind_of_information_opens_no_other",
    ),
    Mutation(
        "a closed reason is open",
        "marketplace/sharing/models/reason.py",
        "            Q(closed_at__isnull=True) | Q(closed_at__gt=at),\n",
        "",
        (f"{SHARING}/test_grounds.py::test_a_closed_reason_opens_nothing_and_one_to_come_not_yet",),
    ),
    Mutation(
        "a sharing goes on after its end",
        "marketplace/sharing/models/reason.py",
        "            Q(ends_at__isnull=True) | Q(ends_at__gt=at),\n",
        "",
        (
            f"{SHARING}/test_consents.py::"
            "test_a_yes_opens_what_it_says_to_whom_it_says_until_its_end",
        ),
    ),
    Mutation(
        "somebody let go still sees",
        "marketplace/sharing/sharing.py",
        "queryset.filter(is_active, pk__in=found)",
        "queryset.filter(pk__in=found)",
        (
            f"{SHARING}/test_grounds.py::"
            "test_a_deactivated_user_sees_nothing_whatever_object_is_held",
        ),
    ),
    Mutation(
        "visible narrows nothing",
        "marketplace/sharing/sharing.py",
        "queryset.filter(is_active, pk__in=found)",
        "queryset.filter(is_active)",
        (f"{SHARING}/{WHOLE}",),
    ),
    Mutation(
        "no look is written",
        "marketplace/sharing/sharing.py",
        "reference=reference, user=user, at=at, kind=kind)\n    return row",
        "reference=reference, user=user, at=at, kind=kind) if False else None\n    return row",
        (f"{SHARING}/test_looks.py::test_a_look_says_who_for_whom_at_what_and_why",),
    ),
    Mutation(
        "anybody takes back anybody's yes",
        "marketplace/sharing/sharing.py",
        "    return user.person_id in [decider.pk for decider in deciders] or appointments",
        "    return True or appointments",
        (f"{SHARING}/test_reasons.py::test_whose_yes_it_is_takes_it_back_and_nobody_else",),
    ),
    Mutation(
        "a paid advocate needs no employer",
        "marketplace/people/appointments.py",
        "    AdvocateKind.PAID_ADVOCATE: Role.ADVOCATE,\n",
        "",
        (f"{SHARING}/test_grounds.py::test_an_advocate_sees_nothing_any_more_at_once",),
    ),
    Mutation(
        "a role ends a day late",
        "marketplace/people/models/membership.py",
        "Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day",
        "Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day",
        (
            f"{SHARING}/test_grounds.py::test_a_worker_who_left_sees_nothing_by_her_former_role",
            f"{AUTHORITY}/test_decide.py::test_everything_is_judged_on_the_day",
        ),
    ),
)

MUTATIONS = (*IN_AUTHORITY, *IN_SHARING)
