"""Which language a text is in: always one that a configuration can name."""

from __future__ import annotations

import pytest

from crawler.extract.language import detect, known_languages


@pytest.mark.parametrize("headline", ["阿里巴巴宣布裁员", "亚马逊公司", "網絡安全法通過", "香港立法會通過條例"])
def test_a_chinese_headline_is_chinese_wherever_it_comes_from(headline: str) -> None:
    assert detect(headline) == "zh"


def test_only_languages_are_told_that_a_configuration_can_name() -> None:
    assert {len(code) for code in known_languages()} == {2}
    assert {"zh", "en", "de", "ar", "he", "ja", "ko", "tr"} <= known_languages()


def test_where_nothing_is_written_nothing_is_told() -> None:
    assert detect("12 345 !") is None
    assert detect("12 345 !", declared="de-CH") == "de"


def test_norwegian_is_one_language_whatever_it_is_called() -> None:
    assert detect("Stortinget vedtar ny lov om datalagring", declared="nb-NO") == "no"
    assert detect("Stortinget vedtar ny lov om datalagring", languages=["no", "en"]) == "no"


def test_what_the_page_declares_counts_where_the_text_is_short() -> None:
    assert detect("Ny lov", declared="da-DK", languages=["sv", "da"]) == "da"
    assert detect("Ny lov", declared="zz") in known_languages()
