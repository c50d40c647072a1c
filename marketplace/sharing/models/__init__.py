from marketplace.sharing.models.call import Call
from marketplace.sharing.models.consent import Consent, ConsentHow
from marketplace.sharing.models.emergency import Attempt, Emergency, Finding
from marketplace.sharing.models.fact import Fact, FactForm, FactOffer, Source, Verification
from marketplace.sharing.models.held_back import HeldBack, HeldBackReason
from marketplace.sharing.models.look import Look
from marketplace.sharing.models.reason import (
    PURPOSE_OF,
    Basis,
    Information,
    Purpose,
    Reason,
    ReasonKind,
    Scope,
)
from marketplace.sharing.models.safeguard import Safeguard, SafeguardEnd, SafeguardKind

__all__ = [
    "PURPOSE_OF",
    "Attempt",
    "Basis",
    "Call",
    "Consent",
    "ConsentHow",
    "Emergency",
    "Fact",
    "FactForm",
    "FactOffer",
    "Finding",
    "HeldBack",
    "HeldBackReason",
    "Information",
    "Look",
    "Purpose",
    "Reason",
    "ReasonKind",
    "Safeguard",
    "SafeguardEnd",
    "SafeguardKind",
    "Scope",
    "Source",
    "Verification",
]
