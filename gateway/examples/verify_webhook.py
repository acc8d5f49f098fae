"""Check the signature of a webhook. Needs standardwebhooks."""

from standardwebhooks import Webhook


def read(secret, headers, body):
    """The payload as a dict. `body` is the bytes as received. Raises WebhookVerificationError for a forged one."""
    return Webhook(secret).verify(body, dict(headers))
