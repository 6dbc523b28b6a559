"""Which forms of a word are one word, in each language that Snowball knows."""

from __future__ import annotations

import pytest
import Stemmer

from monitors.text.folding import fold
from monitors.text.stems import _ALGORITHMS, primary, stemmed, stems

OLDER_VERSIONS = {"porter", "dutch_porter"}

INFLECTED = {
    "ar": ("كتابان", "كتاب"),
    "ar with tatweel and harakat": ("كـتابان", "كِتَاب"),
    "cs": ("vládami", "vládou"),
    "da": ("bestemmelserne", "bestemmelse"),
    "de": ("Häuser", "Hauses"),
    "de ß": ("STRASSEN", "Straße"),
    "de ß in the middle": ("größere", "GRÖSSEREN"),
    "el": ("νόμους", "νόμοι"),
    "el in capitals": ("ΝΟΜΟΥΣ", "νόμος"),
    "el final sigma": ("ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"),
    "en": ("laws", "law"),
    "eo": ("domoj", "domo"),
    "es": ("regulaciones", "regulación"),
    "es in capitals": ("REGULACIONES", "regulación"),
    "et": ("majad", "majade"),
    "eu": ("etxeak", "etxe"),
    "fa": ("کتابها", "کتاب"),
    "fa with a zero-width non-joiner": ("کتاب\u200cها", "کتاب"),
    "fi": ("taloissa", "talossa"),
    "fr": ("régulations", "régulation"),
    "fr without accents": ("REGULATIONS", "régulation"),
    "hi": ("लड़कियों", "लड़की"),
    "hu": ("házakban", "házak"),
    "hy": ("օրենքներ", "օրենք"),
    "id": ("peraturan", "aturan"),
    "it": ("leggi", "legge"),
    "lt": ("įstatymai", "įstatymas"),
    "no": ("lovene", "lover"),
    "ne": ("किताबहरू", "किताब"),
    "nl": ("wetten", "wet"),
    "pl": ("ustawami", "ustawach"),
    "pt": ("regulações", "regulação"),
    "ro": ("legile", "legi"),
    "ru": ("законами", "законов"),
    "sr": ("zakonima", "zakona"),
    "sr in both scripts": ("законима", "zakona"),
    "sv": ("lagarna", "lagar"),
    "ta": ("புத்தகங்கள்", "புத்தகம்"),
    "tr": ("evler", "evlerin"),
    "tr dotless": ("ışıklar", "ışık"),
    "tr dotless in capitals": ("IŞIKLARINDA", "ışık"),
    "tr dotted in capitals": ("FİYATLARI", "fiyat"),
    "tr both in the endings of capitals": ("BAŞKANLIĞINDAKİ", "başkanlık"),
    "tr both in capitals": ("İSTANBULLULARIN", "İstanbullu"),
}


@pytest.mark.parametrize(
    ("language", "one", "other"), [(key[:2], *pair) for key, pair in INFLECTED.items()], ids=INFLECTED
)
def test_inflections_share_a_stem(language: str, one: str, other: str) -> None:
    assert stems(fold(one).text, language) & stems(fold(other).text, language)


def test_different_words_share_none() -> None:
    assert not stems("law", "en") & stems("lawn", "en")
    assert not stems("isimler", "tr") & stems("ışık", "tr")


def test_no_language_that_snowball_has_is_missing() -> None:
    assert set(_ALGORITHMS.values()) == set(Stemmer.algorithms()) - OLDER_VERSIONS


@pytest.mark.parametrize("language", [None, "", "zh", "xx", "english"])
def test_a_language_without_a_stemmer_has_no_stems(language: str | None) -> None:
    assert stems("laws", language) == frozenset()
    assert stemmed(language) is None


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de-CH", "de"),
        ("PT_br", "pt"),
        (" en ", "en"),
        ("nb-NO", "no"),
        ("und", None),
        ("zxx", None),
        ("", None),
        (None, None),
    ],
)
def test_a_tag_is_cut_to_its_language(tag: str | None, language: str | None) -> None:
    assert primary(tag) == language
