from marketplace.sharing.models.look import Look
from marketplace.sharing.models.reason import Basis, Reason, ReasonKind, Scope
from marketplace.sharing.models.safeguard import Safeguard, SafeguardEnd, SafeguardKind

__all__ = [
    "Basis",
    "Look",
    "Reason",
    "ReasonKind",
    "Safeguard",
    "SafeguardEnd",
    "SafeguardKind",
    "Scope",
]
