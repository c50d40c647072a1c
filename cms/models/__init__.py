from cms.models.approval import GuideApproval, OwnerApproval
from cms.models.band import Band
from cms.models.criteria_suggestion import CriteriaSuggestion, SuggestionState
from cms.models.criteria_version import CriteriaVersion
from cms.models.listing import Listing, Word
from cms.models.organisation import Organisation, OrganisationKind, Place
from cms.models.pages import GlossaryEntry, GlossaryPage, GuideIndexPage, GuidePage
from cms.models.problem import Problem
from cms.models.process import (
    Criterion,
    CriterionOperator,
    Process,
    Question,
    QuestionKind,
    Schedule,
    Step,
    Weekday,
)
from cms.models.reminder import Reminder, ReminderStage
from cms.models.service import ContactCheck, Service, ServiceKind
from cms.models.taxonomy import Term, TermTaxonomy
from cms.models.unmet_search import UnmetSearch

__all__ = [
    "Band",
    "ContactCheck",
    "CriteriaSuggestion",
    "CriteriaVersion",
    "Criterion",
    "CriterionOperator",
    "GlossaryEntry",
    "GlossaryPage",
    "GuideApproval",
    "GuideIndexPage",
    "GuidePage",
    "Listing",
    "Organisation",
    "OrganisationKind",
    "OwnerApproval",
    "Place",
    "Problem",
    "Process",
    "Question",
    "QuestionKind",
    "Reminder",
    "ReminderStage",
    "Schedule",
    "Service",
    "ServiceKind",
    "Step",
    "SuggestionState",
    "Term",
    "TermTaxonomy",
    "UnmetSearch",
    "Weekday",
    "Word",
]
