"""SQL that migrations install: the append-only guard, serial numbers, the text search."""

APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON petitions_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON petitions_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
APPEND_ONLY_BACK = """
DROP TRIGGER event_no_truncate ON petitions_event;
DROP TRIGGER event_append_only ON petitions_event;
DROP FUNCTION refuse_change();
"""

# One sequence a year, made on first use: no row to lock, so registrations never wait for each other.
SERIALS = """
CREATE FUNCTION petition_serials(year int, wanted int) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE name text := 'petition_serial_' || year;
BEGIN
    IF to_regclass(name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext(name));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', name);
    END IF;
    RETURN QUERY SELECT nextval(name::regclass) FROM generate_series(1, wanted);
END $$;
"""
SERIALS_BACK = "DROP FUNCTION petition_serials(int, int);"

# What a search compares: compatibility forms are one (full-width digits and letters), case and blanks make no
# difference. search_words gives the overlapping pairs of characters (the last character alone) and the month as M24323:
# upper case, which no folded text has. One character is asked for as the beginning of a pair. The two unnested arrays
# walk the text once; substr(s, i, 2) would walk it for each character. High COST: the planner must not call it per row
# on a guess (design/storage.md: a 45 s plan).
SEARCH = r"""
CREATE FUNCTION search_fold(raw text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
    SELECT lower(regexp_replace(normalize(left(raw, 50000), NFKC), '\s+', '', 'g'))
$$;
CREATE FUNCTION search_words(folded text, month int) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
    SELECT array_to_tsvector(array_agg(one || coalesce(two, '')) || ('M' || month))
    FROM unnest(string_to_array(folded, NULL), string_to_array(substr(folded, 2), NULL)) AS pair(one, two)
$$;
CREATE INDEX searchentry_words ON petitions_searchentry USING gin (search_words(text, month)) WITH (fastupdate = off);
-- Statistics would compute every sampled text anew, and the search does not let the planner choose.
ALTER INDEX searchentry_words ALTER COLUMN 1 SET STATISTICS 0;

CREATE FUNCTION search_pend() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row record := coalesce(NEW, OLD);
BEGIN
    IF TG_TABLE_NAME = 'petitions_petition' THEN
        INSERT INTO petitions_searchpending (petition_id) VALUES (row.id);
    ELSIF TG_TABLE_NAME = 'petitions_eventtext' THEN
        INSERT INTO petitions_searchpending (petition_id)
            SELECT e.petition_id FROM petitions_event e WHERE e.id = row.event_id;
    ELSE
        INSERT INTO petitions_searchpending (petition_id) VALUES (row.petition_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_new AFTER INSERT ON petitions_petition FOR EACH ROW EXECUTE FUNCTION search_pend();
CREATE TRIGGER search_changed AFTER UPDATE ON petitions_petition FOR EACH ROW
    WHEN (OLD.summary IS DISTINCT FROM NEW.summary OR OLD.content IS DISTINCT FROM NEW.content
        OR OLD.demand IS DISTINCT FROM NEW.demand OR OLD.address IS DISTINCT FROM NEW.address
        OR OLD.reply_text IS DISTINCT FROM NEW.reply_text)
    EXECUTE FUNCTION search_pend();
CREATE TRIGGER search_changed AFTER INSERT OR UPDATE OR DELETE ON petitions_eventtext FOR EACH ROW
    EXECUTE FUNCTION search_pend();
CREATE TRIGGER search_changed AFTER INSERT OR UPDATE OF name OR DELETE ON petitions_attachment FOR EACH ROW
    EXECUTE FUNCTION search_pend();
CREATE TRIGGER search_changed AFTER INSERT OR UPDATE OR DELETE ON petitions_recordentry FOR EACH ROW
    EXECUTE FUNCTION search_pend();
CREATE TRIGGER search_new AFTER INSERT OR DELETE ON petitions_document FOR EACH ROW EXECUTE FUNCTION search_pend();
CREATE TRIGGER search_changed AFTER UPDATE ON petitions_document FOR EACH ROW
    WHEN (OLD.title IS DISTINCT FROM NEW.title OR OLD.number IS DISTINCT FROM NEW.number)
    EXECUTE FUNCTION search_pend();
"""
SEARCH_BACK = """
DROP TRIGGER search_changed ON petitions_document;
DROP TRIGGER search_new ON petitions_document;
DROP TRIGGER search_changed ON petitions_recordentry;
DROP TRIGGER search_changed ON petitions_attachment;
DROP TRIGGER search_changed ON petitions_eventtext;
DROP TRIGGER search_changed ON petitions_petition;
DROP TRIGGER search_new ON petitions_petition;
DROP FUNCTION search_pend();
DROP INDEX searchentry_words;
DROP FUNCTION search_words(text, int);
DROP FUNCTION search_fold(text);
"""
