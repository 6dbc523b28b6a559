"""Writes networks in ONNX's form, byte by byte: a table of vectors, one for each token. Nothing to train."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

FLOAT, INT32, INT64 = 1, 6, 7  # TensorProto.DataType
Shape = tuple[int | str, ...]


def write_network(
    file: Path,
    table: NDArray[np.float32],
    *,
    inputs: Sequence[str] = ("input_ids", "attention_mask"),
    kind: int = INT64,
    output: Shape | None = None,
) -> None:
    """Write a network whose output is the row of the table for each token of its first input."""
    node = _field(1, b"table") + _field(1, inputs[0].encode()) + _field(2, b"hidden") + _field(4, b"Gather")
    weights = b"".join(_number(1, size) for size in table.shape)
    weights += _number(2, FLOAT) + _field(8, b"table") + _field(9, table.tobytes())
    graph = _field(1, node) + _field(2, b"graph") + _field(5, weights)
    graph += b"".join(_field(11, _value(name, kind, ("batch", "sequence"))) for name in inputs)
    graph += _field(12, _value("hidden", FLOAT, output or ("batch", "sequence", table.shape[1])))
    opset = _field(1, b"") + _number(2, 13)
    file.write_bytes(_number(1, 8) + _field(7, graph) + _field(8, opset))


def _value(name: str, kind: int, shape: Shape) -> bytes:
    sizes = (_number(1, size) if isinstance(size, int) else _field(2, size.encode()) for size in shape)
    tensor = _number(1, kind) + _field(2, b"".join(_field(1, size) for size in sizes))
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    rest, low = value >> 7, value & 0x7F
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
