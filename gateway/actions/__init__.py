"""The only code that writes in this room, one module per concern."""

from gateway.actions.clients import (
    IssuedKey,
    change_client,
    check_networks,
    create_client,
    create_sandbox,
    digest_of,
    issue_key,
    live_keys,
    note_use,
    purge_idempotency,
    revoke_key,
    set_active,
)
from gateway.actions.refusals import note_refusal, purge_refusals

__all__ = [
    "IssuedKey",
    "change_client",
    "check_networks",
    "create_client",
    "create_sandbox",
    "digest_of",
    "issue_key",
    "live_keys",
    "note_refusal",
    "note_use",
    "purge_idempotency",
    "purge_refusals",
    "revoke_key",
    "set_active",
]
