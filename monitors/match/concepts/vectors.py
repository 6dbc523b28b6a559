"""Static vectors of words: what a word means, whatever stands around it.

The weights are those of wordllama (MIT), which come with its package and are read by their path: the package itself,
and all that it would import, is not. Its vectors are trained so that the first dimensions can be used by themselves
(Kusupati et al. 2022, Matryoshka representation learning); half of them find as much in docs/concepts.md's figures.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from tokenizers import Tokenizer

    Vectors = npt.NDArray[np.float32]

DIMENSIONS = 128
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_PIECES = "tokenizers/l2_supercat_tokenizer_config.json"


class StaticVectors:
    """The vectors of the pieces that words are cut into."""

    def __init__(self, folder: Path) -> None:
        # they take half a second and 40 MB, which who has no concepts need not spend
        from safetensors import safe_open
        from tokenizers import Tokenizer

        with safe_open(folder / _WEIGHTS, framework="numpy") as weights:
            self._pieces: npt.NDArray[np.float16] = weights.get_slice("embedding.weight")[:, :DIMENSIONS]
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / _PIECES))
        # each word is cut once, and then known: no need for a memory of its own
        self._tokenizer.model._resize_cache(0)  # noqa: SLF001  # there is no public way

    def of(self, words: Sequence[str]) -> tuple[Vectors, npt.NDArray[np.float32]]:
        """Return for each word the sum of the vectors of its pieces, and how many pieces it has."""
        vectors, pieces = np.zeros((len(words), DIMENSIONS), np.float32), np.zeros(len(words), np.float32)
        for row, word in enumerate(words):  # one by one: what is told of a batch takes as much memory as all vectors
            if ids := self._tokenizer.encode(word, add_special_tokens=False).ids:
                self._pieces[ids].sum(axis=0, dtype=np.float32, out=vectors[row])
                pieces[row] = len(ids)
        return vectors, pieces


@cache
def static_vectors() -> StaticVectors | None:
    """Return the vectors, read once in a process; None where their package is not installed."""
    package = find_spec("wordllama")
    folders = [Path(one) for one in package.submodule_search_locations or ()] if package else []
    found = next((one for one in folders if (one / _WEIGHTS).is_file() and (one / _PIECES).is_file()), None)
    return StaticVectors(found) if found else None


def directions(vectors: Vectors) -> Vectors:
    """Return vectors of length 1; of one that is nothing, nothing."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    found: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return found
