from cms.models.approval import GuideApproval, OwnerApproval
from cms.models.band import Band
from cms.models.check import Check
from cms.models.criteria_suggestion import CriteriaSuggestion, SuggestionState
from cms.models.criteria_version import CriteriaVersion
from cms.models.listing import Listing, Mention, Word
from cms.models.mentor import (
    ConsentPart,
    FreeHour,
    Mentor,
    MentorConsent,
    Picture,
    Through,
)
from cms.models.not_duplicate import NotDuplicate
from cms.models.organisation import Organisation, OrganisationKind, Place
from cms.models.pages import GlossaryEntry, GlossaryPage, GuideIndexPage, GuidePage
from cms.models.problem import Problem, ReaderProblem
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
from cms.models.sheet import Sheet
from cms.models.taxonomy import Term, TermTaxonomy
from cms.models.unmet_search import UnmetSearch

__all__ = [
    "Band",
    "Check",
    "ConsentPart",
    "ContactCheck",
    "CriteriaSuggestion",
    "CriteriaVersion",
    "Criterion",
    "CriterionOperator",
    "FreeHour",
    "GlossaryEntry",
    "GlossaryPage",
    "GuideApproval",
    "GuideIndexPage",
    "GuidePage",
    "Listing",
    "Mention",
    "Mentor",
    "MentorConsent",
    "NotDuplicate",
    "Organisation",
    "OrganisationKind",
    "OwnerApproval",
    "Picture",
    "Place",
    "Problem",
    "Process",
    "Question",
    "QuestionKind",
    "ReaderProblem",
    "Reminder",
    "ReminderStage",
    "Schedule",
    "Service",
    "ServiceKind",
    "Sheet",
    "Step",
    "SuggestionState",
    "Term",
    "TermTaxonomy",
    "Through",
    "UnmetSearch",
    "Weekday",
    "Word",
]
