"""Who hears: from the words of a ladder to living people and their channels, as pieces of set-based SQL.

The sweep, `notify` and the escalation drill read the same pieces, so what the drill proves is what the sweep does.
A desk where nobody sits falls through to the next one up; only when nobody is left at all is a rung unheard.
"""

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Which desks a word tries, nearest first. "staff" still is the unit itself; everything after a bar is a fall.
CHAINS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "handler": (("handler", "staff"), ("leader", "district", "city", "top")),
    "unit_leader": (("leader",), ("district", "city", "top")),
    "dispatcher": (("asker",), ("office", "district", "city", "top")),
    "asker": (("asker",), ("office", "district", "city", "top")),
    "owner": (("owner", "leader"), ("district", "city", "top")),
    "register_office": (("office",), ("district", "city", "top")),
    "district_office": (("district",), ("city", "top")),
    "city_supervision": (("city",), ("top",)),
}

WORD_LABELS: dict[str, Promise] = {
    "handler": _("Handler"),
    "unit_leader": _("Unit leader"),
    "dispatcher": _("Dispatcher"),
    "asker": _("Who waits for it"),
    "owner": _("Head of the organ that owes it"),
    "register_office": _("Registering office"),
    "district_office": _("District petition office"),
    "city_supervision": _("City supervision"),
}
DESK_LABELS: dict[str, Promise] = {
    "handler": _("Handler"),
    "staff": _("The unit's staff"),
    "leader": _("Unit leader"),
    "asker": _("Who waits for it"),
    "owner": _("Head of the organ that owes it"),
    "office": _("Registering office"),
    "district": _("District petition office"),
    "city": _("City supervision"),
    "top": _("Any city officer or dispatcher"),
    "named": _("Persons named for it"),
}


def _chain_values() -> str:
    rows = []
    for word, (own, above) in CHAINS.items():
        desks = [(desk, "false") for desk in own] + [(desk, "true") for desk in above]
        # Class A reaches named persons only, so their chain ends with all who are named (domain-facts §1.17).
        desks.append(("named", "true"))
        rows += [f"('{word}', {depth}, '{desk}', {is_fall})" for depth, (desk, is_fall) in enumerate(desks)]
    return ", ".join(rows)


def not_complained_of(petition: str, unit: str) -> str:
    """SQL that a unit is not in the line a petition complains of: as `visible_to` sees it (domain-facts §1.17)."""
    return f"""NOT EXISTS (
        SELECT 1 FROM petitions_petition rp JOIN accounts_unit r ON r.id = rp.respondent_unit_id
        JOIN accounts_unit mine ON mine.id = {unit}
        WHERE rp.id = {petition} AND (
            starts_with(mine.path, r.path) AND (r.parent_id IS NOT NULL OR r.id = mine.id)
            OR starts_with(r.path, mine.path) AND mine.parent_id IS NOT NULL))"""  # noqa: S608 - of constants


def not_kept_out(petition: str, user: str) -> str:
    """SQL that a person is not recused in a petition (Regulation on Petition Work, art. 28)."""
    return f"""NOT EXISTS (
        SELECT 1 FROM petitions_recusal kept
        WHERE kept.petition_id = {petition} AND kept.person_id = {user} AND kept.state = 'granted')"""  # noqa: S608 - of constants


# Expects a CTE  asked(ref, word, handler_id, asker_id, unit_id, register_unit_id, district_id, petition_id,
# is_restricted)  and the parameter `at`. Yields  heard(ref, word, desk, is_fall, user_id, unit_id): the people of the
# nearest manned desk and their substitutes. People are looked up once for each desk of the batch, not for each clock.
HEARD = f"""
step AS MATERIALIZED (
    SELECT a.ref, a.word, s.depth, s.desk, s.is_fall, a.petition_id, a.is_restricted,
           CASE s.desk WHEN 'handler' THEN a.handler_id WHEN 'asker' THEN a.asker_id
                       WHEN 'staff' THEN a.unit_id WHEN 'leader' THEN a.unit_id
                       WHEN 'owner' THEN a.unit_id
                       WHEN 'office' THEN a.register_unit_id WHEN 'district' THEN a.district_id
                       WHEN 'named' THEN CASE WHEN a.is_restricted THEN a.petition_id END
                       ELSE 0 END AS seat
    FROM asked a JOIN (VALUES {_chain_values()}) AS s(word, depth, desk, is_fall) ON s.word = a.word
), desk AS MATERIALIZED (
    SELECT DISTINCT desk, seat FROM step WHERE seat IS NOT NULL
), sits AS MATERIALIZED (
    SELECT d.desk, d.seat, u.id AS user_id, u.unit_id FROM desk d JOIN accounts_user u ON u.id = d.seat
    WHERE d.desk IN ('handler', 'asker') AND u.is_active
    UNION ALL SELECT d.desk, d.seat, u.id, u.unit_id FROM desk d JOIN accounts_user u ON u.unit_id = d.seat
    WHERE d.desk = 'staff' AND u.is_active AND u.role IN ('unit_admin', 'unit_handler')
    UNION ALL SELECT d.desk, d.seat, u.id, u.unit_id FROM desk d JOIN accounts_user u ON u.unit_id = d.seat
    WHERE d.desk = 'leader' AND u.is_active AND u.role = 'unit_admin'
    UNION ALL SELECT d.desk, d.seat, u.id, u.unit_id FROM desk d JOIN accounts_user u ON u.unit_id = d.seat
    WHERE d.desk = 'owner' AND u.is_active
      AND u.role IN ('unit_admin', 'lead_official', 'reviewer', 'dispatcher', 'city_officer', 'district_officer')
    UNION ALL SELECT d.desk, d.seat, u.id, u.unit_id FROM desk d JOIN accounts_user u ON u.unit_id = d.seat
    WHERE d.desk = 'office' AND u.is_active AND u.role IN ('dispatcher', 'city_officer', 'district_officer')
    UNION ALL SELECT d.desk, d.seat, u.id, u.unit_id FROM desk d
    JOIN accounts_unit o ON o.area_id = d.seat AND o.kind = 'petition_office' JOIN accounts_user u ON u.unit_id = o.id
    WHERE d.desk = 'district' AND u.is_active AND u.role = 'district_officer'
    UNION ALL SELECT d.desk, d.seat, u.id, u.unit_id FROM desk d
    JOIN accounts_area a ON a.kind = 'city' JOIN accounts_unit o ON o.area_id = a.id AND o.kind = 'petition_office'
    JOIN accounts_user u ON u.unit_id = o.id
    WHERE d.desk = 'city' AND u.is_active AND u.role = 'city_officer'
    UNION ALL SELECT d.desk, d.seat, u.id, u.unit_id FROM desk d
    JOIN accounts_user u ON u.role IN ('city_officer', 'dispatcher') AND u.is_active WHERE d.desk = 'top'
    UNION ALL SELECT d.desk, d.seat, u.id, u.unit_id FROM desk d
    JOIN petitions_involvement i ON i.petition_id = d.seat AND i.unit_id IS NULL
    JOIN accounts_user u ON u.id = i.user_id AND u.is_active WHERE d.desk = 'named'
), reached AS (
    SELECT step.ref, step.word, step.desk, step.is_fall, sits.user_id, sits.unit_id, step.depth,
           min(step.depth) OVER (PARTITION BY step.ref, step.word) AS nearest
    FROM step JOIN sits ON sits.desk = step.desk AND sits.seat = step.seat
    WHERE (NOT step.is_restricted OR ((step.desk = 'named' OR EXISTS (
        SELECT 1 FROM petitions_involvement i
        WHERE i.petition_id = step.petition_id AND i.user_id = sits.user_id AND i.unit_id IS NULL))
        AND {not_complained_of("step.petition_id", "sits.unit_id")}))
      AND {not_kept_out("step.petition_id", "sits.user_id")}
), sitting AS MATERIALIZED (
    SELECT ref, word, desk, is_fall, user_id, unit_id FROM reached WHERE depth = nearest
), heard AS MATERIALIZED (
    SELECT * FROM sitting
    -- Whoever stands in hears too (the absent person still does); of class A only who is named for it.
    UNION SELECT s.ref, s.word, s.desk, s.is_fall, u.id, u.unit_id FROM sitting s
    JOIN accounts_absence b ON b.user_id = s.user_id AND b.cancelled_at IS NULL
        AND b.since <= %(at)s::timestamptz AND b.until > %(at)s::timestamptz
    JOIN accounts_user u ON u.id = b.substitute_id AND u.is_active
    JOIN asked a ON a.ref = s.ref AND a.word = s.word
    -- What a person was named for is not the substitute's (docs/adr/0017).
    WHERE (NOT a.is_restricted OR (EXISTS (
        SELECT 1 FROM petitions_involvement i
        WHERE i.petition_id = a.petition_id AND i.user_id = u.id AND i.unit_id IS NULL)
        AND {not_complained_of("a.petition_id", "u.unit_id")}))
      AND NOT EXISTS (SELECT 1 FROM petitions_involvement n
        WHERE n.petition_id = a.petition_id AND n.user_id = b.user_id AND n.unit_id IS NULL)
      AND {not_kept_out("a.petition_id", "u.id")}
)
"""  # noqa: S608 - of constants

# Local time of day in quiet hours? Then the moment they end, else `at` itself. Over midnight or not.
_LOCAL = "(%(at)s::timestamptz AT TIME ZONE %(zone)s)"


def _quiet_until(starts: str, ends: str) -> str:
    return f"""
    CASE WHEN {starts} IS NULL THEN %(at)s::timestamptz
         WHEN CASE WHEN {starts} <= {ends} THEN {_LOCAL}::time >= {starts} AND {_LOCAL}::time < {ends}
                   ELSE {_LOCAL}::time >= {starts} OR {_LOCAL}::time < {ends} END
         THEN ({_LOCAL}::date + {ends} + CASE WHEN {_LOCAL}::time >= {ends} THEN interval '1 day'
                                              ELSE interval '0' END) AT TIME ZONE %(zone)s
         ELSE %(at)s::timestamptz END"""


_OFFICE_STARTS = "CASE WHEN oq.id IS NULL THEN %(quiet_from)s::time ELSE oq.starts END"
_OFFICE_ENDS = "CASE WHEN oq.id IS NULL THEN %(quiet_until)s::time ELSE oq.ends END"
_UNIT_STARTS = f"CASE WHEN uq.id IS NULL THEN {_OFFICE_STARTS} ELSE uq.starts END"
_UNIT_ENDS = f"CASE WHEN uq.id IS NULL THEN {_OFFICE_ENDS} ELSE uq.ends END"

# Expects  told(ref, user_id, unit_id, is_urgent).  Yields  way(ref, user_id, channel, deliver_after).
# In-app at once; mail when quiet hours end, or at the hour of the day's one mail. What is urgent waits for nothing.
WAYS = f"""
quiet AS (
    SELECT t.ref, t.user_id, t.is_urgent, u.email, pref.no_mail, pref.no_inapp, pref.digest_at,
           CASE WHEN pref.has_own_quiet THEN pref.quiet_from ELSE {_UNIT_STARTS} END AS starts,
           CASE WHEN pref.has_own_quiet THEN pref.quiet_until ELSE {_UNIT_ENDS} END AS ends
    FROM told t JOIN accounts_user u ON u.id = t.user_id
    LEFT JOIN dispatch_noticepreference pref ON pref.user_id = t.user_id
    LEFT JOIN dispatch_quiethours uq ON uq.unit_id = u.unit_id
    LEFT JOIN dispatch_quiethours oq ON oq.unit_id IS NULL
), way AS (
    SELECT ref, user_id, 'inapp' AS channel, %(at)s::timestamptz AS deliver_after FROM quiet
    WHERE no_inapp IS NULL OR NOT %(kind)s = ANY (no_inapp)
    UNION ALL
    SELECT ref, user_id, 'email', CASE WHEN is_urgent THEN %(at)s::timestamptz
        WHEN digest_at IS NOT NULL THEN ({_LOCAL}::date + digest_at + CASE WHEN {_LOCAL}::time >= digest_at
            THEN interval '1 day' ELSE interval '0' END) AT TIME ZONE %(zone)s
        ELSE {_quiet_until("starts", "ends")} END
    FROM quiet WHERE email <> '' AND (no_mail IS NULL OR NOT %(kind)s = ANY (no_mail))
)
"""  # noqa: S608 - of constants

# Expects  posts(ref, unit_id, is_urgent, rung)  ('' for what is no deadline): the units whose people are told.
# Yields  aim(ref, target_id, deliver_after): their channels that take it.
AIMS = f"""
aim AS (
    SELECT p.ref, ch.id AS target_id, CASE WHEN p.is_urgent THEN %(at)s::timestamptz
        ELSE {_quiet_until(_UNIT_STARTS, _UNIT_ENDS)} END AS deliver_after
    FROM posts p JOIN dispatch_notificationchannel ch ON ch.unit_id = p.unit_id AND ch.is_active
    LEFT JOIN dispatch_quiethours uq ON uq.unit_id = p.unit_id
    LEFT JOIN dispatch_quiethours oq ON oq.unit_id IS NULL
    WHERE (ch.kinds = '{{}}' OR %(kind)s = ANY (ch.kinds))
      AND (p.rung = '' OR ch.rungs = '{{}}' OR p.rung = ANY (ch.rungs))
)
"""  # noqa: S608 - of constants


def quiet_params() -> dict[str, str]:
    """Parameters WAYS and AIMS need besides `at` and `kind`: the city's time zone and the default quiet hours."""
    starts, ends = settings.QUIET_HOURS
    return {"zone": settings.TIME_ZONE, "quiet_from": starts, "quiet_until": ends}
