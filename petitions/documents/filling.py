"""Filling in: `{{ name }}` becomes plain text. No language, no code: a name of the list or a refusal."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from petitions.documents.kinds import DocumentKind

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
# What a template leaves behind when nobody fills it in: 【姓名】, ____, ××, {{ name }}.
UNFILLED = re.compile(r"【[^】]*】|_{3,}|×{2,}|X{3,}|\{\{.*?\}\}")
# A heading of the first level, set in the sans face as official letters have it: 一、基本情况.
HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、.{1,40}")
_NUMERALS = "一二三四五六七八九十"


def names_in(text: str) -> list[str]:
    """The placeholders of a text, in order, each once."""
    return list(dict.fromkeys(PLACE.findall(text)))


def unknown_places(kind: DocumentKind, text: str) -> list[str]:
    """Placeholders the kind does not know, misspelt ones among them."""
    return [name for name in names_in(text) if name not in kind.names]


def fill(
    text: str, values: Mapping[str, Any], labels: Mapping[str, Any], optional: Container[str] = frozenset()
) -> str:
    """The text with its placeholders replaced; an empty one stands as 【label】, so that nobody overlooks it, unless
    it is among the `optional`.

    Values are never looked at for placeholders again.
    """

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        value = words_of(values.get(name, ""))
        if value.strip():
            return value
        return "" if name in optional else f"【{labels.get(name, name)}】"

    return PLACE.sub(put, text)


def words_of(value: Any) -> str:
    """A value as text; a list of matters is written out one by one."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return matters_text(value)
    return str(value or "").replace("\r\n", "\n").replace("\r", "\n")


def matters_text(matters: Iterable[Mapping[str, str]]) -> str:
    """Matter by matter: facts found, evidence, legal basis, opinion, who carries it out (domain-facts §7.5)."""
    parts = []
    for place, matter in enumerate(matters):
        opinion = OPINIONS.get(matter.get("opinion", ""), "【处理意见】")
        lines = [
            f"（{_numeral(place)}）关于“{matter.get('request') or '【信访请求】'}”的请求",
            _ended(f"经查，{matter.get('facts') or '【查明的事实】'}"),
        ]
        if matter.get("evidence"):
            lines.append(_ended(f"以上事实有以下材料证明：{matter['evidence']}"))
        lines.append(_ended(f"依据：{matter.get('basis') or '【法律法规政策依据】'}"))
        lines.append(_ended(f"处理意见：{opinion}{matter.get('reason') or '【理由】'}"))
        if matter.get("unit"):
            until = f"，于{matter['until']}前完成" if matter.get("until") else ""
            lines.append(f"该项由{matter['unit']}负责落实{until}。")
        parts.append("\n".join(lines))
    return "\n".join(parts)


# Outcomes of a matter (Regulation on Petition Work, art. 32); "partly" is the office's own value (domain-facts §1.8).
OPINIONS = {
    "support": "对该请求予以支持。",
    "partly": "对该请求予以部分支持。",
    "explain": "该请求合理但缺乏法律依据，现作解释说明。",
    "reject": "对该请求不予支持。",
}


def _numeral(place: int) -> str:
    return _NUMERALS[place] if place < len(_NUMERALS) else str(place + 1)


def _ended(sentence: str) -> str:
    """With a full stop, if the writer left it out."""
    sentence = sentence.rstrip()
    return sentence if sentence.endswith(("。", "！", "？", "】", "；", "：")) else f"{sentence}。"
