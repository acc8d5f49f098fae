"""SQL that migrations install: the trigger that fills the webhook outbox."""

# One statement per statement on petitions_event, set-based writers included, so that no writer can forget it. It runs
# in the event's transaction: what is rolled back is never told.
WEBHOOK_OUTBOX = """
CREATE FUNCTION gateway_fill_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gateway_webhookendpoint WHERE is_active) THEN
        INSERT INTO gateway_webhookmessage (endpoint_id, msg_id, kind, petition_key, happened_at, deliver_after)
        SELECT e.id, 'msg_' || replace(gen_random_uuid()::text, '-', ''), f.kind, f.petition_id, f.at, f.at
        FROM fresh f JOIN gateway_webhookendpoint e ON e.is_active AND f.kind = ANY (e.kinds)
        ORDER BY f.id, e.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_fills_webhooks AFTER INSERT ON petitions_event
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION gateway_fill_webhooks();
"""
WEBHOOK_OUTBOX_BACK = """
DROP TRIGGER event_fills_webhooks ON petitions_event;
DROP FUNCTION gateway_fill_webhooks();
"""
