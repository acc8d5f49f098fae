"""Every copy of personal words this software keeps, so that the law's anonymisation reaches each (PIPL 19, 47).

A room tells from its `ready()` which copies it keeps. Rows that hang on a petition by a foreign key need no telling one
by one: `cover_room` finds them in the models and empties every column of words, present and future ones, unless the
room names the column as one that holds none. What hangs on nothing (drafts, stored answers, files, logs) is registered
by hand with `register_copy`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

Anonymise = Callable[[Sequence[int], datetime], int]
Find = Callable[[Sequence[int]], int]


@dataclass(frozen=True)
class Copy:
    """One place where words of a case stand. Both callables take keys of petitions.

    `anonymise(petition_ids, at)` removes the words and returns how many rows or files it changed; it runs inside the
    transaction of the erasure, must be safe to run twice, and may read the rows of the petitions as they were before
    (`order` says who goes first). `find(petition_ids)` counts the rows or files that still hold words.
    """

    name: str
    anonymise: Anonymise
    find: Find
    # Lower goes first: copies that are found by the words themselves go before the words.
    order: int = 50
    # Bytes in the storage, which go once the transaction stands: until then `find` counts them still.
    is_stored: bool = False


_COPIES: dict[str, Copy] = {}


def register_copy(name: str, *, anonymise: Anonymise, find: Find, order: int = 50, is_stored: bool = False) -> None:
    """Make a copy of personal words known. A name registered twice is replaced."""
    _COPIES[name] = Copy(name, anonymise, find, order, is_stored)


def copies() -> list[Copy]:
    """Every registered copy, in the order in which they are emptied."""
    return sorted(_COPIES.values(), key=lambda copy: (copy.order, copy.name))


def find_words(petition_ids: Sequence[int], *, is_committed: bool = True) -> dict[str, int]:
    """How many rows or files of each copy still hold words of these petitions; copies without any are left out.

    Inside the transaction that removes them (`is_committed` False) stored bytes are not asked for: they go after it.
    """
    asked = [copy for copy in copies() if is_committed or not copy.is_stored]
    found = {copy.name: copy.find(petition_ids) for copy in asked}
    return {name: count for name, count in found.items() if count}
