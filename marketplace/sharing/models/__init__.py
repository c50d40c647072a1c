from marketplace.sharing.models.look import Look
from marketplace.sharing.models.reason import Basis, Reason, ReasonKind, Scope
from marketplace.sharing.models.safeguard import Safeguard, SafeguardKind

__all__ = [
    "Basis",
    "Look",
    "Reason",
    "ReasonKind",
    "Safeguard",
    "SafeguardKind",
    "Scope",
]
