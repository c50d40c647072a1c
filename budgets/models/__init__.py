from budgets.models.account import Account, AccountKind
from budgets.models.event import ActorKind, Event, EventText
from budgets.models.family import Arm, Family, Member, Person, Relation, Responsibility
from budgets.models.form_key import FormKey
from budgets.models.fund import Envelope, Fund
from budgets.models.merge import FamilyMerge, PersonMerge
from budgets.models.plan import Goal, Plan, PlanStatus
from budgets.models.proof import Proof
from budgets.models.relationship import Kin, Relationship
from budgets.models.source import FamilySource, PersonSource
from budgets.models.total import Total
from budgets.models.transfer import Phase, Transfer

__all__ = [
    "Account",
    "AccountKind",
    "ActorKind",
    "Arm",
    "Envelope",
    "Event",
    "EventText",
    "Family",
    "FamilyMerge",
    "FamilySource",
    "FormKey",
    "Fund",
    "Goal",
    "Kin",
    "Member",
    "Person",
    "PersonMerge",
    "PersonSource",
    "Phase",
    "Plan",
    "PlanStatus",
    "Proof",
    "Relation",
    "Relationship",
    "Responsibility",
    "Total",
    "Transfer",
]
