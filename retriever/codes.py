"""Token vectors in 16 bytes each: the signs of 128 projections, kept for all passages in one mapped file.

tokens/starts.npy  int64 (n_rows + 1,)         where the codes of a passage begin
tokens/codes.bin   uint8 (n_codes, CODE_BYTES)  eight signs a byte, the first in the highest bit
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CODE_DIMENSION = 128
CODE_BYTES = CODE_DIMENSION // 8
Codes = NDArray[np.uint8]
_SIGNS = np.where(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1), 1, -1).astype(np.float32)


def random_projection(dimension: int) -> NDArray[np.float32]:
    """Orthonormal random directions, shape (dimension, CODE_DIMENSION), the same for every call.

    Source: Charikar 2002, doi:10.1145/509907.509965 (signs of random projections estimate the angle).
    """
    noise = np.random.default_rng(0).normal(size=(max(dimension, CODE_DIMENSION), CODE_DIMENSION))
    return np.asarray(np.linalg.qr(noise)[0][:dimension], np.float32)


def pack_signs(projected: NDArray[np.float32]) -> Codes:
    """The signs of token vectors of shape (n_tokens, CODE_DIMENSION) as codes, shape (n_tokens, CODE_BYTES)."""
    return np.packbits(projected >= 0, axis=1)


def write_codes(passages: Iterable[Codes], folder: Path) -> None:
    """Write the codes of passages, numbered from 0 in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = [0]
    with (folder / "codes.bin").open("wb") as stream:
        for codes in passages:
            stream.write(codes.tobytes())
            starts.append(starts[-1] + len(codes))
    np.save(folder / "starts.npy", np.array(starts, np.int64))


class TokenCodes:
    """The codes of all passages, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        """Open what `write_codes` wrote.

        Raises:
            OSError, ValueError: if a file is missing, cut, or does not fit the other.
        """
        self._starts = np.load(folder / "starts.npy", mmap_mode="r")
        total = int(self._starts[-1])
        size = (folder / "codes.bin").stat().st_size
        if size != total * CODE_BYTES:
            raise ValueError(f"the token codes in {folder} do not fit together")
        shape = (total, CODE_BYTES)
        self._codes = (
            np.memmap(folder / "codes.bin", np.uint8, "r", shape=shape) if total else np.zeros(shape, np.uint8)
        )

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._starts) - 1

    def of(self, row: int) -> Codes:
        """The codes of one row, shape (n_tokens, CODE_BYTES)."""
        return np.asarray(self._codes[int(self._starts[row]) : int(self._starts[row + 1])])

    def best_matches(self, tokens: NDArray[np.float32], rows: Sequence[int]) -> NDArray[np.float32]:
        """How well each row matches each token of a question: the largest of token · signs / √CODE_DIMENSION.

        Args:
            tokens: unit vectors, shape (n_tokens, CODE_DIMENSION).
            rows: the passages.

        Returns:
            Shape (n_rows, n_tokens), float32, in -1..1; -1 for a row without codes.
        """
        spans = [(int(self._starts[row]), int(self._starts[row + 1])) for row in rows]
        best = np.full((len(rows), len(tokens)), -1, np.float32)
        filled = [place for place, (start, end) in enumerate(spans) if end > start]
        if not filled or not len(tokens):
            return best
        codes = np.concatenate([self._codes[spans[place][0] : spans[place][1]] for place in filled])
        signs = _SIGNS[codes].reshape(len(codes), CODE_DIMENSION)
        products = signs @ tokens.T / np.float32(np.sqrt(CODE_DIMENSION))
        firsts = np.cumsum([0, *(spans[place][1] - spans[place][0] for place in filled)])[:-1]
        best[filled] = np.maximum.reduceat(products, firsts, axis=0)
        return best
