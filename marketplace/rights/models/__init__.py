from marketplace.rights.models.hold import LegalHold
from marketplace.rights.models.night import Night
from marketplace.rights.models.redaction import Redaction, RedactionReason
from marketplace.rights.models.request import OPEN, RequestKind, RequestState, RightsRequest
from marketplace.rights.models.retention import RetentionAct, RetentionRule, RetentionRun

__all__ = [
    "OPEN",
    "LegalHold",
    "Night",
    "Redaction",
    "RedactionReason",
    "RequestKind",
    "RequestState",
    "RetentionAct",
    "RetentionRule",
    "RetentionRun",
    "RightsRequest",
]
