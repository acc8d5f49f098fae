"""SQL that migrations install: the append-only guard, serial numbers, bigrams."""

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

# Overlapping pairs of characters and the single characters, without blanks. High COST: the planner must not call it per
# row on a guess (design/storage.md: a default cost gave a 45 s plan).
BIGRAMS = """
CREATE FUNCTION bigrams(raw text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT piece)), ''::tsvector)
    FROM (SELECT lower(regexp_replace(left(raw, 20000), '\\s+', '', 'g')) AS s) t,
         generate_series(1, char_length(t.s)) AS i,
         LATERAL (VALUES (substr(t.s, i, 2)), (substr(t.s, i, 1))) AS v(piece)
$$;
CREATE FUNCTION bigram_query(raw text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT coalesce(string_agg(quote_literal(piece), ' & ')::tsquery, ''::tsquery)
    FROM (
        SELECT DISTINCT CASE WHEN char_length(w) = 1 THEN w ELSE substr(w, i, 2) END AS piece
        FROM regexp_split_to_table(lower(raw), '\\s+') AS w,
             generate_series(1, greatest(char_length(w) - 1, 1)) AS i
        WHERE w <> ''
    ) p
$$;
ALTER TABLE petitions_searchentry ADD COLUMN words tsvector NOT NULL DEFAULT ''::tsvector;
CREATE INDEX searchentry_words ON petitions_searchentry USING gin (words);
"""
BIGRAMS_BACK = """
ALTER TABLE petitions_searchentry DROP COLUMN words;
DROP FUNCTION bigram_query(text);
DROP FUNCTION bigrams(text);
"""
