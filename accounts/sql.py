"""SQL that migrations install: the guard of the access log."""

# Nothing is taken out of the log and nothing in it is changed; words may only be emptied, when the law has the words of
# a matter forgotten (domain-facts §1.18). That somebody looked, at what and when, stays.
ACCESS_LOG = """
CREATE FUNCTION guard_access_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.detail IN (OLD.detail, '') AND NEW.reason IN (OLD.reason, '')
        AND (NEW.id, NEW.at, NEW.client) = (OLD.id, OLD.at, OLD.client)
        AND (NEW.action, NEW.target) = (OLD.action, OLD.target) AND NEW.user_id IS NOT DISTINCT FROM OLD.user_id
        AND NEW.subject IS NOT DISTINCT FROM OLD.subject AND NEW.unit_id IS NOT DISTINCT FROM OLD.unit_id
        AND NEW.ip IS NOT DISTINCT FROM OLD.ip THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON accounts_accesslog
    FOR EACH ROW EXECUTE FUNCTION guard_access_log();
CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON accounts_accesslog
    FOR EACH STATEMENT EXECUTE FUNCTION guard_access_log();
"""
ACCESS_LOG_BACK = """
DROP TRIGGER access_log_no_truncate ON accounts_accesslog;
DROP TRIGGER access_log_append_only ON accounts_accesslog;
DROP FUNCTION guard_access_log();
"""

# How people sign in is part of the proof of who did what; its history is not rewritten.
SIGN_IN_EVENTS = """
CREATE FUNCTION guard_sign_in_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER sign_in_events_append_only BEFORE UPDATE OR DELETE ON accounts_signinevent
    FOR EACH ROW EXECUTE FUNCTION guard_sign_in_events();
"""
SIGN_IN_EVENTS_BACK = """
DROP TRIGGER sign_in_events_append_only ON accounts_signinevent;
DROP FUNCTION guard_sign_in_events();
"""
