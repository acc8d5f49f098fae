"""The deadline rules a new office starts with, as data (domain-facts §1.13, §2.4), for `load_policies`."""

from typing import Any

from dispatch.policies.backlog import BACKLOG_POLICIES
from dispatch.policies.ladders import DAY, RUNG_LABELS
from dispatch.policies.legal import LEGAL_POLICIES
from dispatch.policies.orders import ORDER_POLICIES
from dispatch.policies.petitions import PETITION_POLICIES
from dispatch.policies.ratings import RATING_POLICIES
from dispatch.policies.records import RECORD_POLICIES
from dispatch.policies.returns import RETURN_POLICIES
from dispatch.policies.supervision import SUPERVISION_POLICIES

__all__ = ["DAY", "POLICIES", "RUNG_LABELS"]

POLICIES: list[dict[str, Any]] = [
    *LEGAL_POLICIES,
    *PETITION_POLICIES,
    *ORDER_POLICIES,
    *RETURN_POLICIES,
    *RATING_POLICIES,
    *SUPERVISION_POLICIES,
    *RECORD_POLICIES,
    *BACKLOG_POLICIES,
]
