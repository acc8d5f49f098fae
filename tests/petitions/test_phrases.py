"""Reading the search box and marking what was found: pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.phrases import LONGEST, MOST_PIECES, MOST_TERMS, Phrases, fold, marked, pieces, snippet, spans, tsquery


@pytest.mark.parametrize(
    ("typed", "wanted", "banned"),
    [
        ("电梯", ("电梯",), ()),
        ("  电梯　停运 ", ("电梯", "停运"), ()),
        ('"电梯 停运" 老人', ("电梯停运", "老人"), ()),
        ("“电梯停运”", ("电梯停运",), ()),
        ('"没有合上', ("没有合上",), ()),
        ("电梯 -物业", ("电梯",), ("物业",)),
        ('电梯 -"物业 公司"', ("电梯",), ("物业公司",)),
        ("3-2室", ("3-2室",), ()),
        ("电梯 - 停运", ("电梯", "停运"), ()),
        ("ＡＢＣ１２３", ("abc123",), ()),
        ("𠮷野家 😀", ("𠮷野家", "😀"), ()),
        ("电梯 电梯", ("电梯",), ()),
        ("-物业", (), ("物业",)),
        ("\x00\x1f", (), ()),
        ('""', (), ()),
    ],
)
def test_it_reads_words_quotes_and_minus(typed: str, wanted: tuple[str, ...], banned: tuple[str, ...]) -> None:
    phrases = Phrases.read(typed)
    assert (phrases.wanted, phrases.banned) == (wanted, banned)


@given(st.text(max_size=400))
def test_whatever_is_typed_is_a_bounded_question(typed: str) -> None:
    phrases = Phrases.read(typed)
    assert len(phrases.typed) <= LONGEST
    assert len(phrases.wanted) <= MOST_TERMS
    for phrase in phrases.wanted:
        assert not any(character.isspace() for character in phrase)
        assert 1 <= len(pieces(phrase)) <= MOST_PIECES
        assert all(piece in phrase for piece in pieces(phrase))


def test_a_sentence_is_asked_by_pieces_from_end_to_end() -> None:
    sentence = "".join(chr(0x4E00 + i) for i in range(200))
    asked = pieces(sentence)
    assert len(asked) == MOST_PIECES
    assert (asked[0], asked[-1]) == (sentence[:2], sentence[-2:])


def test_a_query_survives_quotes_and_backslashes() -> None:
    assert tsquery("a'b") == "'a''' & '''b'"
    assert tsquery("\\") == "'\\\\':*"
    assert tsquery("电梯", [24323, 24322]) == "'电梯' & ('M24323' | 'M24322')"


@pytest.mark.parametrize(
    ("text", "phrases", "found"),
    [
        ("三号楼电梯停运", ["电梯"], ["电梯"]),
        ("电 梯\n停运", ["电梯停"], ["电 梯\n停"]),
        ("ＡＢＣ公司", ["abc"], ["ＡＢＣ"]),
        ("电梯停运", ["电梯", "梯停"], ["电梯停"]),
        ("电梯电梯", ["电梯"], ["电梯电梯"]),
        ("𠮷野家关门", ["野家"], ["野家"]),
        ("①号楼", ["1号"], ["①号"]),
        ("<b>电梯</b>", ["电梯"], ["电梯"]),
        ("无关", ["电梯"], []),
        ("", ["电梯"], []),
    ],
)
def test_it_marks_the_characters_as_they_were_written(text: str, phrases: list[str], found: list[str]) -> None:
    assert [text[begin:end] for begin, end in spans(text, phrases)] == found
    assert "".join(piece.text for piece in marked(text, phrases)) == text
    assert [piece.text for piece in marked(text, phrases) if piece.is_marked] == found


@given(st.text(max_size=300), st.text(min_size=1, max_size=5))
def test_a_snippet_is_a_stretch_of_the_text(text: str, phrase: str) -> None:
    runs = snippet(text, [fold(phrase)], before=10, length=40)
    shown = "".join(run.text for run in runs if run.text != "…" or run.is_marked)
    assert shown in text or "…" in text
    assert len(shown) <= 40


def test_a_snippet_shows_the_first_hit_with_what_stands_before_it() -> None:
    runs = snippet("前" * 100 + "电梯" + "后" * 200, ["电梯"])
    assert runs[0].text == "…" and runs[-1].text == "…"
    assert [run.text for run in runs if run.is_marked] == ["电梯"]
    assert runs[1].text == "前" * 24
