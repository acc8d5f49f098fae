"""The only code that writes in this room, one module per concern."""

from gateway.actions.clients import (
    IssuedKey,
    check_networks,
    create_client,
    create_sandbox,
    digest_of,
    issue_key,
    live_keys,
    note_use,
    purge_idempotency,
    revoke_key,
)

__all__ = [
    "IssuedKey",
    "check_networks",
    "create_client",
    "create_sandbox",
    "digest_of",
    "issue_key",
    "live_keys",
    "note_use",
    "purge_idempotency",
    "revoke_key",
]
