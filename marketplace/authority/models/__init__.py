from marketplace.authority.models.agreement import Agreement, AgreementState, Cover, CoverKind
from marketplace.authority.models.rule import Rule, RuleQuerySet, Use

__all__ = ["Agreement", "AgreementState", "Cover", "CoverKind", "Rule", "RuleQuerySet", "Use"]
