"""Random blocks of the K formats, which the gguf package can read but not write."""

import numpy as np

BLOCK = 256


def _f16_bytes(values: np.ndarray) -> np.ndarray:
    """Returns [blocks] as f16 in bytes, [blocks, 2]."""
    return values.astype("<f2").reshape(-1, 1).view(np.uint8)


def random_q4_k(rng: np.random.Generator, rows: int, cols: int, std: float) -> np.ndarray:
    """Makes a Q4_K matrix of about zero mean that uses every bit of scales and mins.

    Args:
        rng: the source of all bits.
        rows: rows of the matrix.
        cols: columns, a multiple of 256.
        std: about the standard deviation of the values.

    Returns:
        Bytes [rows, cols / 256 * 144]: d, dmin (f16), 12 bytes of 6-bit scales and mins, 4-bit
        values.
    """
    blocks = rows * cols // BLOCK
    scales = rng.integers(16, 64, size=(blocks, 8), dtype=np.uint8)
    jitter = rng.integers(-3, 4, size=(blocks, 8))
    mins = np.clip(scales + jitter, 0, 63).astype(np.uint8)
    # A 4-bit value has mean 7.5 and deviation 4.6; a scale has a root mean square of 42.
    d = std / (4.6 * 42) * rng.uniform(0.6, 1.4, size=blocks)
    low, high = scales[:, :4], scales[:, 4:]
    min_low, min_high = mins[:, :4], mins[:, 4:]
    packed = [
        low | ((high >> 4) << 6),
        min_low | ((min_high >> 4) << 6),
        (high & 15) | ((min_high & 15) << 4),
    ]
    values = rng.integers(0, 256, size=(blocks, BLOCK // 2), dtype=np.uint8)
    parts = [_f16_bytes(d), _f16_bytes(7.5 * d), *packed, values]
    return np.concatenate(parts, axis=1).reshape(rows, -1)


def random_q6_k(rng: np.random.Generator, rows: int, cols: int, std: float) -> np.ndarray:
    """Makes a Q6_K matrix of about zero mean, with scales of both signs.

    Args:
        rng: the source of all bits.
        rows: rows of the matrix.
        cols: columns, a multiple of 256.
        std: about the standard deviation of the values.

    Returns:
        Bytes [rows, cols / 256 * 210]: low 4 bits, high 2 bits, 16 scales (s8), d (f16).
    """
    blocks = rows * cols // BLOCK
    bits = rng.integers(0, 256, size=(blocks, BLOCK // 2 + BLOCK // 4), dtype=np.uint8)
    scales = rng.integers(8, 48, size=(blocks, 16)).astype(np.int8)
    scales *= rng.choice(np.array([-1, 1], dtype=np.int8), size=(blocks, 16))
    # A 6-bit value less 32 has a deviation of 18.5; a scale has a root mean square of 30.
    d = std / (18.5 * 30) * rng.uniform(0.6, 1.4, size=blocks)
    return np.concatenate([bits, scales.view(np.uint8), _f16_bytes(d)], axis=1).reshape(rows, -1)


MAKERS = {"Q4_K": random_q4_k, "Q6_K": random_q6_k}
