from marketplace.authority.models.agreement import (
    Agreement,
    AgreementState,
    Cover,
    CoverKind,
    CoverWarning,
    Suspension,
)
from marketplace.authority.models.decision_review import DecisionReview
from marketplace.authority.models.pathway import (
    Answer,
    Message,
    Offer,
    Pathway,
    PathwayState,
    Risk,
)
from marketplace.authority.models.rule import Rule, RuleQuerySet
from marketplace.authority.models.use import Use

__all__ = [
    "Agreement",
    "AgreementState",
    "Answer",
    "Cover",
    "CoverKind",
    "CoverWarning",
    "DecisionReview",
    "Message",
    "Offer",
    "Pathway",
    "PathwayState",
    "Risk",
    "Rule",
    "RuleQuerySet",
    "Suspension",
    "Use",
]
