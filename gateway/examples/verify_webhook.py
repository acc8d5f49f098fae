"""Take in a webhook: forged ones are refused, repeated ones change nothing. Needs standardwebhooks."""

from standardwebhooks import Webhook


def receive(secret, headers, body, database, handle):
    """`body` is the bytes as received; `database` any DB-API connection, here SQLite.

    Raises WebhookVerificationError for a forged one: answer 400. Otherwise answer 204, repeated or not.
    """
    event = Webhook(secret).verify(body, dict(headers))
    with database:  # one transaction: the id and what you do about the event, or neither
        seen = "INSERT INTO webhooks_seen (id) VALUES (?) ON CONFLICT DO NOTHING"
        if database.execute(seen, [headers["webhook-id"]]).rowcount:
            handle(event)
