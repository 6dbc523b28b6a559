"""Tells the words of a folded text from what stands between them, and characters where a script has no spaces."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from monitors.text.characters import CharacterTable, decode, encode, without_flags

if TYPE_CHECKING:
    import numpy.typing as npt

    from monitors.text.characters import Codes

    Indices = npt.NDArray[np.intp]

# Scripts written without spaces: Thai and Lao, Burmese, Khmer, Hangul, Han, Kana, Bopomofo. Each character is a token.
_RUNNING_CHARACTER = re.compile(
    "[\u0e01-\u0e3a\u0e40-\u0e59\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
    "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3105-\u312f\u31a0-\u31bf]"
)
_SPACE = ord(" ")
_RUNNING, _MARK = 1 << 24, 1 << 25
_ASCII_INSIDE = np.array([chr(code).isalnum() for code in range(128)])
_ASCII_WORDS_ONLY = str.maketrans({code: " " for code in range(128) if not chr(code).isalnum()})


def is_running(word: str) -> bool:
    """Whether a word is one character of a script without spaces."""
    return _RUNNING_CHARACTER.match(word) is not None


def words_of_ascii(plain: str) -> list[str]:
    return plain.translate(_ASCII_WORDS_ONLY).split()


def ascii_codes(plain: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(plain.encode("ascii"), np.uint8)


def kinds(plain: str) -> Codes:
    """Return what each character of a folded text is: a letter, a running character (see is_running) or a space."""
    codes = _TABLE.look_up(encode(plain))
    return _without_stray_marks(codes) if plain and codes.max() >= _MARK else codes


def words(kinds: Codes) -> list[str]:
    running = kinds >= _RUNNING
    if not running.any():
        return decode(kinds).split()
    room = np.where(running, 3, 1)  # a space before and one after
    ends = np.cumsum(room)[running]
    spaced = np.repeat(without_flags(kinds), room)
    spaced[ends - 1] = spaced[ends - 3] = _SPACE
    return decode(spaced).split()


def bounds(kinds: Codes) -> tuple[Indices, Indices]:
    """Return where the words start and end."""
    inside, running = kinds != _SPACE, kinds >= _RUNNING
    if not running.any():
        return _runs(inside)
    joined = inside[:-1] & inside[1:] & ~running[:-1] & ~running[1:]  # each character with the next
    starts, ends = inside.copy(), inside.copy()
    starts[1:] &= ~joined
    ends[:-1] &= ~joined
    return np.flatnonzero(starts), np.flatnonzero(ends) + 1


def bounds_of_ascii(codes: npt.NDArray[np.uint8]) -> tuple[Indices, Indices]:
    return _runs(_ASCII_INSIDE[codes])


def _runs(inside: npt.NDArray[np.bool_]) -> tuple[Indices, Indices]:
    """Return where the runs of true values start and end."""
    padded = np.zeros(len(inside) + 2, np.bool_)
    padded[1:-1] = inside
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return edges[::2], edges[1::2]


def are_running(kinds: Codes) -> npt.NDArray[np.bool_]:
    return kinds >= _RUNNING


def _number_of(char: str) -> int:
    if is_running(char):
        return ord(char) | _RUNNING
    # Vowel signs and the like, which are no letters to Python: without them a Hindi word would fall to pieces.
    if unicodedata.category(char) in {"Mn", "Mc"}:
        return ord(char) | _MARK
    return ord(char) if char.isalnum() else _SPACE


_TABLE = CharacterTable(_number_of)


def _without_stray_marks(codes: Codes) -> Codes:
    """Make a mark part of the word it follows; one that follows no letter is nothing."""
    marks = codes >= _MARK
    base = codes[np.maximum.accumulate(np.where(marks, 0, np.arange(len(codes))))]
    in_word = (base != _SPACE) & (base < _RUNNING)
    return np.where(marks, np.where(in_word, without_flags(codes), np.uint32(_SPACE)), codes)
