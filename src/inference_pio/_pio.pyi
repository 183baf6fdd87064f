"""The Inference-PIO engine. Import its names from inference_pio."""

from collections.abc import Sequence
import os
from typing import Any


__version__: str

class Error(Exception):
    """Base of every error of the engine."""

class LoadError(Error):
    """A model that is not there, or cannot be used."""

class InvalidArgumentError(Error, ValueError):
    """A value that does not fit: a shape, a dtype, an option."""

class OutOfMemoryError(LoadError, MemoryError):
    """A model that needs more memory than there is."""

class Dim:
    """
    A dim whose size is known in each step only: what x.shape holds while a model is traced.

    Goes into reshape, slices and expand; * and // by a whole number give a Dim. Anything that needs its value raises InvalidArgumentError "[trace] ...".
    """

    def __mul__(self, other: int, /) -> Dim: ...

    def __rmul__(self, other: int, /) -> Dim: ...

    def __floordiv__(self, other: int, /) -> Dim: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __ne__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __int__(self) -> int: ...

    def __index__(self) -> int: ...

    def __float__(self) -> float: ...

    def __bool__(self) -> bool: ...

    def __repr__(self) -> str: ...

    def __lt__(*args) -> object: ...

    def __le__(*args) -> object: ...

    def __gt__(*args) -> object: ...

    def __ge__(*args) -> object: ...

    def __add__(*args) -> object: ...

    def __radd__(*args) -> object: ...

    def __sub__(*args) -> object: ...

    def __rsub__(*args) -> object: ...

    def __truediv__(*args) -> object: ...

    def __rtruediv__(*args) -> object: ...

    def __rfloordiv__(*args) -> object: ...

    def __mod__(*args) -> object: ...

    def __rmod__(*args) -> object: ...

    def __divmod__(*args) -> object: ...

    def __rdivmod__(*args) -> object: ...

    def __pow__(*args) -> object: ...

    def __rpow__(*args) -> object: ...

    def __matmul__(*args) -> object: ...

    def __rmatmul__(*args) -> object: ...

    def __and__(*args) -> object: ...

    def __rand__(*args) -> object: ...

    def __or__(*args) -> object: ...

    def __ror__(*args) -> object: ...

    def __xor__(*args) -> object: ...

    def __rxor__(*args) -> object: ...

    def __lshift__(*args) -> object: ...

    def __rlshift__(*args) -> object: ...

    def __rshift__(*args) -> object: ...

    def __rrshift__(*args) -> object: ...

    def __neg__(*args) -> object: ...

    def __pos__(*args) -> object: ...

    def __abs__(*args) -> object: ...

    def __invert__(*args) -> object: ...

    def __round__(*args) -> object: ...

    def __trunc__(*args) -> object: ...

    def __floor__(*args) -> object: ...

    def __ceil__(*args) -> object: ...

class Tensor:
    """
    A lazy value: computed when it is asked for, or never, where a model is traced.

    Tensor(data, dtype=None) copies a number, nested lists, or anything with the buffer protocol or DLPack; whole numbers give i32, others f32; dtype= says otherwise, and converts a tensor. Numbers that the dtype does not hold are refused. Tensor.zeros(shape) and its like make tensors of a shape.
    """

    def __init__(self, data: Any, dtype: str | None = None) -> None: ...

    @staticmethod
    def zeros(shape: Sequence) -> Tensor:
        """Zeros, f32."""

    @staticmethod
    def ones(shape: Sequence) -> Tensor:
        """Ones, f32."""

    @staticmethod
    def full(shape: Sequence, value: float) -> Tensor:
        """One value everywhere, f32."""

    @staticmethod
    def arange(start: Dim | float, stop: Dim | float | None = None, step: float = 1) -> Tensor:
        """
        Values start, start + step ... below stop; arange(stop) begins at 0. Whole start and step give i32, others f32. Errors: InvalidArgumentError for values outside of it.
        """

    @property
    def shape(self) -> tuple:
        """The dims: ints, or Dims while a model is traced."""

    @property
    def ndim(self) -> int:
        """How many dims it has."""

    @property
    def dtype(self) -> str:
        """f32 or i32."""

    def reshape(self, *shape) -> Tensor:
        """
        Same values in another shape: reshape(2, 3) or reshape([2, 3]); -1 once.
        """

    def to_list(self) -> Any:
        """The values as nested lists."""

    def item(self) -> object:
        """The one value of a tensor of one element."""

    def __len__(self) -> int: ...

    def __float__(self) -> float: ...

    def __int__(self) -> int: ...

    def __bool__(self) -> bool: ...

    def __repr__(self) -> str: ...

    def __dlpack__(self, **kwargs) -> object: ...

    def __dlpack_device__(self) -> tuple: ...

    def __getitem__(self, index: Any, /) -> Tensor: ...

    def __iter__(self) -> object: ...

    def neg(self) -> Tensor:
        """
        -x.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def exp(self) -> Tensor:
        """
        e^x.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def log(self) -> Tensor:
        """
        Natural logarithm of x; NaN below 0.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def sqrt(self) -> Tensor:
        """
        Square root of x; NaN below 0.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def rsqrt(self) -> Tensor:
        """
        1 / sqrt(x), both rounded.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def abs(self) -> Tensor:
        """
        x without its sign.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def sin(self) -> Tensor:
        """
        Sine of x in radians; NaN from 2^31 on.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def cos(self) -> Tensor:
        """
        Cosine of x in radians; NaN from 2^31 on.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def tanh(self) -> Tensor:
        """
        Hyperbolic tangent of x.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def sigmoid(self) -> Tensor:
        """
        1 / (1 + e^-x).

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def relu(self) -> Tensor:
        """
        max(x, 0).

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def silu(self) -> Tensor:
        """
        x / (1 + e^-x), within 3 ulp.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: Elfwing et al. 2017, arXiv:1702.03118.
        """

    def softplus(self) -> Tensor:
        """
        log(1 + e^x), a smooth relu.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Dtypes: f32, and the result too.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

    def __neg__(self) -> Tensor: ...

    def __abs__(self) -> Tensor: ...

    def __pow__(self, exponent: float) -> Tensor: ...

    def sum(self, axis: int, keepdim: bool = False) -> Tensor:
        """
        Sum along `axis`, in f32. x: f32. NaN if any value is.

        Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
        keepdim is set.

        Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
        "[trace] ..." for a named axis, or one whose move would not leave rows in front.

        Source: numpy's function of that name.
        """

    def mean(self, axis: int, keepdim: bool = False) -> Tensor:
        """
        Mean along `axis`, summed in f32. x: f32. NaN if any value is.

        Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
        keepdim is set.

        Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
        "[trace] ..." for a named axis, or one whose move would not leave rows in front.

        Source: numpy's function of that name.
        """

    def max(self, axis: int, keepdim: bool = False) -> Tensor:
        """
        Largest value along `axis`; NaN if any is. x: f32.

        Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
        keepdim is set.

        Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
        "[trace] ..." for a named axis, or one whose move would not leave rows in front; for an axis of
        no elements.

        Source: numpy's function of that name.
        """

    def min(self, axis: int, keepdim: bool = False) -> Tensor:
        """
        Smallest value along `axis`; NaN if any is. x: f32.

        Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
        keepdim is set.

        Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
        "[trace] ..." for a named axis, or one whose move would not leave rows in front; for an axis of
        no elements.

        Source: numpy's function of that name.
        """

    def argmax(self, axis: int, keepdim: bool = False) -> Tensor:
        """
        Index of the first largest value, or of the first NaN. x: f32 or i32. Returns i32.

        Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
        keepdim is set.

        Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
        "[trace] ..." for a named axis, or one whose move would not leave rows in front; for an axis of
        no elements.

        Source: numpy's function of that name.
        """

    def __add__(self, other: Tensor | float) -> Tensor: ...

    def __radd__(self, other: Tensor | float) -> Tensor: ...

    def __sub__(self, other: Tensor | float) -> Tensor: ...

    def __rsub__(self, other: Tensor | float) -> Tensor: ...

    def __mul__(self, other: Tensor | float) -> Tensor: ...

    def __rmul__(self, other: Tensor | float) -> Tensor: ...

    def __truediv__(self, other: Tensor | float) -> Tensor: ...

    def __rtruediv__(self, other: Tensor | float) -> Tensor: ...

    def __matmul__(self, other: Tensor | float) -> Tensor: ...

    def __rmatmul__(self, other: Tensor | float) -> Tensor: ...

    def __eq__(self, other: Tensor | float) -> Tensor: ...

    def __ne__(self, other: Tensor | float) -> Tensor: ...

    def __lt__(self, other: Tensor | float) -> Tensor: ...

    def __le__(self, other: Tensor | float) -> Tensor: ...

    def __gt__(self, other: Tensor | float) -> Tensor: ...

    def __ge__(self, other: Tensor | float) -> Tensor: ...

    __array_ufunc__: None = None

    def __hash__(self, /):
        """Return hash(self)."""

    def permute(self, axes: Sequence[int]) -> Tensor:
        """
        Axis i of the result is axis axes[i] of x, and so are the dims of its shape.

        Dtypes: f32 or i32; the result has the dtype of x.

        Errors: InvalidArgumentError "[op] ..." for an axis outside the rank or a rank above 8; "[trace]
        ..." for what needs the value of a named dim or moves it back; unless axes names every axis
        once.

        Source: numpy's slices, transpose, broadcast_to and concatenate.
        """

    def transpose(self, a: int, b: int) -> Tensor:
        """
        permute with two axes exchanged, and their dims in the shape.

        Dtypes: f32 or i32; the result has the dtype of x.

        Errors: InvalidArgumentError "[op] ..." for an axis outside the rank or a rank above 8; "[trace]
        ..." for what needs the value of a named dim or moves it back.

        Source: numpy's slices, transpose, broadcast_to and concatenate.
        """

    def expand(self, shape: Sequence) -> Tensor:
        """
        x broadcast to `shape` as in numpy: dims of 1 and missing leading dims repeat. Dims of `shape`
        may be named.

        Dtypes: f32 or i32; the result has the dtype of x.

        Errors: InvalidArgumentError "[op] ..." for an axis outside the rank or a rank above 8; "[trace]
        ..." for what needs the value of a named dim or moves it back; if x does not broadcast to shape.

        Source: numpy's slices, transpose, broadcast_to and concatenate.
        """

    def to(self, dtype: str) -> Tensor:
        """
        x in another dtype, f32 or i32; itself if it has it. To i32: towards zero, INT32_MIN for what
        does not fit.

        Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
        or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
        broadcast shape.

        Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

        Source: numpy, or torch.nn.functional where numpy has no such function.
        """

def embedding(ids: Tensor, weight: Tensor, scale: float = 1.0) -> Tensor:
    """
    Rows of a table: y[..., :] = weight[ids[...], :] * scale. ids: [...] i32; weight: [vocab, dim],
    a parameter. Returns [..., dim] f32.

    Errors: InvalidArgumentError for other shapes or dtypes.

    Source: torch.nn.functional.embedding; the scale is that of Gemma's embedding.
    """

def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """
    y = x * weight^T + bias. x: [..., in] f32; weight: [out, in], a parameter; bias: [out] f32.
    Returns [..., out] f32.

    Errors: InvalidArgumentError if the inner dims differ, or bias is not [out].

    Source: torch.nn.functional.linear.
    """

def rms_norm(x: Tensor, weight: Tensor | None = None, eps: float = 9.999999974752427e-07) -> Tensor:
    """
    Root-mean-square norm over the last axis: y = x / sqrt(mean(x^2) + eps) * weight. x: [..., dim]
    f32; weight: [dim], or none to skip scaling. Returns the shape of x; sums in f32.

    Errors: InvalidArgumentError if weight is not [dim].

    Source: Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4.
    """

def layer_norm(x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 9.999999747378752e-06) -> Tensor:
    """
    Layer norm over the last axis: y = (x - mean) / sqrt(variance + eps) * weight + bias, variance
    over dim, in f32. x: [..., dim] f32; weight, bias: [dim], or none to skip them; parameters or
    computed from such. Returns the shape of x.

    Errors: InvalidArgumentError if weight or bias is not [dim].

    Source: Ba et al. 2016, arXiv:1607.06450.
    """

def rope(x: Tensor, positions: Tensor | None = None, theta: float = 10000.0, dims: int | None = None, interleaved: bool = False, scaling: object | None = None, max_positions: int = 0) -> Tensor:
    """
    Rotary position embedding: rotates pairs of the head dims by the position's angles. x: [batch,
    seq, heads, head_dim] f32. Returns the same shape.

    positions: [batch * seq] i32; none: 0.. of each sequence, while tracing the step's.
    dims: rotated dims of a head, even; none: all.
    interleaved: pairs (2i, 2i + 1) instead of (i, i + dims / 2).
    scaling: of the frequencies, as config.json's rope_scaling says; none: unscaled.
    max_positions: stands in for original_max_position_embeddings where scaling has none.

    Errors: InvalidArgumentError for another rank or dtype, positions that are not one i32 per row,
    dims that are odd or above head_dim, a head_dim above 1024; "[trace]" for rows in more than one
    batch entry.

    Source: Su et al. 2021, arXiv:2104.09864.
    """

def scaled_dot_product_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, is_causal: bool = False, scale: float | None = None, window: int | None = None, sinks: Tensor | None = None, softcap: float | None = None) -> Tensor:
    """
    softmax(q k^T scale) v. q: [batch, seq, heads, head_dim]; k: [batch, keys, kv_heads, head_dim];
    v: [batch, keys, kv_heads, value_dim], all f32; heads a multiple of kv_heads (grouped queries).
    Returns [batch, seq, heads, value_dim]. While tracing, causal attention is attention to the
    sequence's cache. Causal with more keys than queries: the queries are the last positions.

    mask: [seq, keys] f32 added to the scores; eager only.
    scale: none: 1 / sqrt(head_dim).
    window: causal only: each position sees itself and the window - 1 before it.
    sinks: [heads] logits that join the softmax's denominator.
    softcap: scores become softcap * tanh(score / softcap).

    Errors: InvalidArgumentError for shapes, dtypes and options that do not fit, or head dims above
    1024; "[trace]" for attention that is not causal on rows of a batch.

    Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1; grouped queries: Ainslie et al. 2023,
    arXiv:2305.13245.
    """

def conv1d(x: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1) -> Tensor:
    """
    Convolution over the last axis. x: [batch, channels, length] f32; weight: [out, channels /
    groups, kernel]; bias: [out]; parameters or computed from such. `padding` zeros stand before and
    after x. Returns [batch, out, (length + 2 padding - dilation (kernel - 1) - 1) / stride + 1].

    Errors: InvalidArgumentError for shapes and numbers that do not fit; "[trace]" for named
    channels or length.

    Source: torch.nn.functional.conv1d.
    """

def gather_rows(x: Tensor, index: Tensor) -> Tensor:
    """
    Rows of x picked by index. x: [1, rows, ...]; index: [wanted] i32. Returns [1, wanted, ...], in
    the dtype of x.

    Errors: InvalidArgumentError for other shapes, or an index that is not i32.

    Source: numpy.take along axis 1.
    """

def softmax(x: Tensor, axis: int = -1) -> Tensor:
    """
    e^x / sum of e^x along `axis`, exactly 0 for -inf. x: f32. Returns its shape.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
    "[trace] ..." for a named axis, or one whose move would not leave rows in front.

    Source: torch.softmax.
    """

def cumsum(x: Tensor, axis: int) -> Tensor:
    """
    Running sums along `axis`, added in order in f32. x: f32. Returns its shape.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
    "[trace] ..." for a named axis, or one whose move would not leave rows in front.

    Source: numpy's function of that name.
    """

def gelu(x: Tensor, approximate: str = 'none') -> Tensor:
    """
    Gaussian error linear unit. approximate "none": x / 2 * (1 + erf(x / sqrt 2)); "tanh": x / 2 *
    (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes;
    InvalidArgumentError for another word.

    Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.
    """

def pow(x: Tensor, exponent: float) -> Tensor:
    """
    x^exponent; 2 is x * x.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes;
    InvalidArgumentError unless exponent is finite.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def clamp(x: Tensor, low: float | None = None, high: float | None = None) -> Tensor:
    """
    min(max(x, low), high); an absent bound does nothing, NaN stays.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes;
    InvalidArgumentError without bounds, for a NaN bound, or if low > high.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def where(condition: Tensor, a: object, b: object) -> Tensor:
    """
    a where condition is not 0, else b. condition: f32 or i32; a, b: both f32 or both i32. Returns
    the broadcast shape of all three, in the dtype of a.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def neg(x: Tensor) -> Tensor:
    """
    -x.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def exp(x: Tensor) -> Tensor:
    """
    e^x.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def log(x: Tensor) -> Tensor:
    """
    Natural logarithm of x; NaN below 0.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def sqrt(x: Tensor) -> Tensor:
    """
    Square root of x; NaN below 0.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def rsqrt(x: Tensor) -> Tensor:
    """
    1 / sqrt(x), both rounded.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def abs(x: Tensor) -> Tensor:
    """
    x without its sign.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def sin(x: Tensor) -> Tensor:
    """
    Sine of x in radians; NaN from 2^31 on.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def cos(x: Tensor) -> Tensor:
    """
    Cosine of x in radians; NaN from 2^31 on.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def tanh(x: Tensor) -> Tensor:
    """
    Hyperbolic tangent of x.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def sigmoid(x: Tensor) -> Tensor:
    """
    1 / (1 + e^-x).

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def relu(x: Tensor) -> Tensor:
    """
    max(x, 0).

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def silu(x: Tensor) -> Tensor:
    """
    x / (1 + e^-x), within 3 ulp.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: Elfwing et al. 2017, arXiv:1702.03118.
    """

def softplus(x: Tensor) -> Tensor:
    """
    log(1 + e^x), a smooth relu.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def sum(x: Tensor, axis: int, keepdim: bool = False) -> Tensor:
    """
    Sum along `axis`, in f32. x: f32. NaN if any value is.

    Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
    keepdim is set.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
    "[trace] ..." for a named axis, or one whose move would not leave rows in front.

    Source: numpy's function of that name.
    """

def mean(x: Tensor, axis: int, keepdim: bool = False) -> Tensor:
    """
    Mean along `axis`, summed in f32. x: f32. NaN if any value is.

    Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
    keepdim is set.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
    "[trace] ..." for a named axis, or one whose move would not leave rows in front.

    Source: numpy's function of that name.
    """

def max(x: Tensor, axis: int, keepdim: bool = False) -> Tensor:
    """
    Largest value along `axis`; NaN if any is. x: f32.

    Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
    keepdim is set.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
    "[trace] ..." for a named axis, or one whose move would not leave rows in front; for an axis of
    no elements.

    Source: numpy's function of that name.
    """

def min(x: Tensor, axis: int, keepdim: bool = False) -> Tensor:
    """
    Smallest value along `axis`; NaN if any is. x: f32.

    Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
    keepdim is set.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
    "[trace] ..." for a named axis, or one whose move would not leave rows in front; for an axis of
    no elements.

    Source: numpy's function of that name.
    """

def argmax(x: Tensor, axis: int, keepdim: bool = False) -> Tensor:
    """
    Index of the first largest value, or of the first NaN. x: f32 or i32. Returns i32.

    Shapes: x has any shape but []. A reduction gives it without `axis`, or with 1 there where
    keepdim is set.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank and for other dtypes;
    "[trace] ..." for a named axis, or one whose move would not leave rows in front; for an axis of
    no elements.

    Source: numpy's function of that name.
    """

def add(a: object, b: object) -> Tensor:
    """
    a + b.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def sub(a: object, b: object) -> Tensor:
    """
    a - b.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def mul(a: object, b: object) -> Tensor:
    """
    a * b.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def div(a: object, b: object) -> Tensor:
    """
    a / b: infinity or NaN where b is 0.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def matmul(a: object, b: object) -> Tensor:
    """
    Matrix products of a batch. a: [..., m, k] f32; b: [..., k, n] f32; leading dims broadcast.
    Returns [..., m, n]; each value sums k in order. A weight of shape [out, in] goes to linear
    instead.

    Errors: InvalidArgumentError for ranks below 2, inner dims that differ or batches that do not
    broadcast; "[trace]" if k or n is a named dim, or rows would not stand in front.

    Source: numpy.matmul, for ranks of at least 2.
    """

def minimum(a: object, b: object) -> Tensor:
    """
    The smaller of two values; NaN if either is.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def maximum(a: object, b: object) -> Tensor:
    """
    The larger of two values; NaN if either is.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Dtypes: f32, and the result too.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def eq(a: object, b: object) -> Tensor:
    """
    1.0 where a == b, else 0.0. a, b: both f32 or both i32. Returns f32.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def ne(a: object, b: object) -> Tensor:
    """
    1.0 where a != b, else 0.0. a, b: both f32 or both i32. Returns f32.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def lt(a: object, b: object) -> Tensor:
    """
    1.0 where a < b, else 0.0. a, b: both f32 or both i32. Returns f32.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def le(a: object, b: object) -> Tensor:
    """
    1.0 where a <= b, else 0.0. a, b: both f32 or both i32. Returns f32.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def gt(a: object, b: object) -> Tensor:
    """
    1.0 where a > b, else 0.0. a, b: both f32 or both i32. Returns f32.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def ge(a: object, b: object) -> Tensor:
    """
    1.0 where a >= b, else 0.0. a, b: both f32 or both i32. Returns f32.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

def slice(x: Tensor, axis: int, begin: Dim | int, end: Dim | int, step: int = 1) -> Tensor:
    """
    Elements begin, begin + step ... below end of `axis`. Negative axes count from the end; begin
    and end do not. Returns the shape of x with ceil((end - begin) / step) at `axis`.

    Dtypes: f32 or i32; the result has the dtype of x.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank or a rank above 8; "[trace]
    ..." for what needs the value of a named dim or moves it back; unless 0 <= begin <= end <= dim
    and step >= 1; "[trace]" for a named axis.

    Source: numpy's slices, transpose, broadcast_to and concatenate.
    """

def permute(x: Tensor, axes: Sequence[int]) -> Tensor:
    """
    Axis i of the result is axis axes[i] of x, and so are the dims of its shape.

    Dtypes: f32 or i32; the result has the dtype of x.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank or a rank above 8; "[trace]
    ..." for what needs the value of a named dim or moves it back; unless axes names every axis
    once.

    Source: numpy's slices, transpose, broadcast_to and concatenate.
    """

def transpose(x: Tensor, a: int, b: int) -> Tensor:
    """
    permute with two axes exchanged, and their dims in the shape.

    Dtypes: f32 or i32; the result has the dtype of x.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank or a rank above 8; "[trace]
    ..." for what needs the value of a named dim or moves it back.

    Source: numpy's slices, transpose, broadcast_to and concatenate.
    """

def expand(x: Tensor, shape: Sequence) -> Tensor:
    """
    x broadcast to `shape` as in numpy: dims of 1 and missing leading dims repeat. Dims of `shape`
    may be named.

    Dtypes: f32 or i32; the result has the dtype of x.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank or a rank above 8; "[trace]
    ..." for what needs the value of a named dim or moves it back; if x does not broadcast to shape.

    Source: numpy's slices, transpose, broadcast_to and concatenate.
    """

def concat(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """
    The tensors one after another along `axis`. Returns their shape with the sum of their dims
    there.

    Dtypes: f32 or i32; the result has the dtype of x.

    Errors: InvalidArgumentError "[op] ..." for an axis outside the rank or a rank above 8; "[trace]
    ..." for what needs the value of a named dim or moves it back; for an empty list, ranks, dtypes
    or other dims that differ.

    Source: numpy's slices, transpose, broadcast_to and concatenate.
    """

def to(x: Tensor, dtype: str) -> Tensor:
    """
    x in another dtype, f32 or i32; itself if it has it. To i32: towards zero, INT32_MIN for what
    does not fit.

    Shapes: operands broadcast as in numpy: shapes are compared from the last axis, and a dim of 1
    or a missing one repeats. A named dim broadcasts with itself and with 1 only. Returns the
    broadcast shape.

    Errors: InvalidArgumentError "[op] ..." for shapes that do not broadcast and for other dtypes.

    Source: numpy, or torch.nn.functional where numpy has no such function.
    """

class Module:
    """
    Base of layers and models.

    Attributes that are modules, lists of modules or Parameters are its members; their names are the checkpoint's. forward is traced when a model is loaded, never run per token.
    """

    def __init__(self) -> None:
        """An empty module; subclasses call it first."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """
        The computation, written by subclasses, or that of a module written in C++, of one tensor. Errors: InvalidArgumentError where there is none.
        """

    def parameters(self) -> list[Tensor]:
        """The parameters of the tree."""

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """The parameters with their names under this module."""

    def named_modules(self) -> list[tuple[str, Module]]:
        """The modules of the tree with their names, this one ("") first."""

    def state_dict(self) -> dict[str, Tensor]:
        """The parameters by name."""

    def load_state_dict(self, state_dict: object, strict: bool = True) -> None:
        """
        Takes values by name; tensors computed before keep the old ones. Errors: InvalidArgumentError listing all that are missing, unexpected or of another shape.
        """

    def __repr__(self) -> str: ...

def Parameter(shape: Sequence, init: str = 'uniform') -> Tensor:
    """
    A parameter of a module, named after the attribute it is put in; init: uniform, ones or zeros.
    """

class Linear(Module):
    """
    y = x weight^T + bias. weight: [out_features, in_features]; bias: [out_features].
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None: ...

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to one tensor."""

    @property
    def weight(self) -> Tensor:
        """
        The weight. A parameter put here is shared, as for a head tied to its embedding.
        """

    @weight.setter
    def weight(self, value: object, /) -> None: ...

    @property
    def bias(self) -> Tensor | None:
        """The bias, or None for a layer without."""

    @bias.setter
    def bias(self, value: object, /) -> None: ...

class Embedding(Module):
    """Rows of a table. weight: [num, dim]."""

    def __init__(self, num: int, dim: int) -> None: ...

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to one tensor."""

    @property
    def weight(self) -> Tensor:
        """
        The weight. A parameter put here is shared, as for a head tied to its embedding.
        """

    @weight.setter
    def weight(self, value: object, /) -> None: ...

class RMSNorm(Module):
    """x / sqrt(mean(x^2) + eps) * weight over the last axis. weight: [dim]."""

    def __init__(self, dim: int, eps: float = 1e-06) -> None: ...

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to one tensor."""

    @property
    def weight(self) -> Tensor:
        """
        The weight. A parameter put here is shared, as for a head tied to its embedding.
        """

    @weight.setter
    def weight(self, value: object, /) -> None: ...

class LayerNorm(Module):
    """
    (x - mean) / sqrt(variance + eps) * weight + bias over the last axis. weight, bias: [dim].
    """

    def __init__(self, dim: int, eps: float = 1e-05, bias: bool = True) -> None: ...

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to one tensor."""

    @property
    def weight(self) -> Tensor:
        """
        The weight. A parameter put here is shared, as for a head tied to its embedding.
        """

    @weight.setter
    def weight(self, value: object, /) -> None: ...

    @property
    def bias(self) -> Tensor | None:
        """The bias, or None for a layer without."""

    @bias.setter
    def bias(self, value: object, /) -> None: ...

class Conv1d(Module):
    """
    Convolution over the last axis of [batch, in_channels, length]. weight: [out_channels, in_channels / groups, kernel_size]; bias: [out_channels].
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1, bias: bool = True) -> None: ...

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to one tensor."""

    @property
    def weight(self) -> Tensor:
        """
        The weight. A parameter put here is shared, as for a head tied to its embedding.
        """

    @weight.setter
    def weight(self, value: object, /) -> None: ...

    @property
    def bias(self) -> Tensor | None:
        """The bias, or None for a layer without."""

    @bias.setter
    def bias(self, value: object, /) -> None: ...

class DecoderSpec:
    """
    What a decoder is made of; the fields of C++'s nn::DecoderSpec by keyword, with rope_theta, rope_scaling (as in config.json) and max_positions (stands in for a missing original_max_position_embeddings) for its rope. Errors: TypeError for another field, InvalidArgumentError for another kind of value.
    """

    def __init__(self, *, vocab: int, hidden: int, intermediate: int, layers: int, heads: int, kv_heads: int, head_dim: int, norm_eps: float = 1e-06, attention_bias: bool = False, output_bias: bool = False, mlp_bias: bool = False, qk_norm: bool = False, tied_head: bool = False, window: int | None = None, rope_theta: float = 10000.0, rope_scaling: dict[str, Any] | None = None, max_positions: int = 0) -> None: ...

    @property
    def rope_theta(self) -> float: ...

    @property
    def max_positions(self) -> int: ...

    @property
    def vocab(self) -> int: ...

    @property
    def hidden(self) -> int: ...

    @property
    def intermediate(self) -> int: ...

    @property
    def layers(self) -> int: ...

    @property
    def heads(self) -> int: ...

    @property
    def kv_heads(self) -> int: ...

    @property
    def head_dim(self) -> int: ...

    @property
    def norm_eps(self) -> float: ...

    @property
    def attention_bias(self) -> bool: ...

    @property
    def output_bias(self) -> bool: ...

    @property
    def mlp_bias(self) -> bool: ...

    @property
    def qk_norm(self) -> bool: ...

    @property
    def tied_head(self) -> bool: ...

    @property
    def window(self) -> int | None: ...

class Decoder(Module):
    """
    A pre-norm decoder composed from a spec: embedding, layers, norm and head.
    """

    def __init__(self, spec: DecoderSpec) -> None: ...

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to one tensor."""

def _trace(module: Module, rows: int) -> int: ...

def _plan_bytes(module: Module) -> list[bytes]: ...

class Tokenizer:
    """
    Text to token ids and back, exactly as Hugging Face tokenizers does it.
    """

    @staticmethod
    def from_checkpoint(path: str | os.PathLike) -> Tokenizer:
        """The tokenizer of a checkpoint, a folder or a .gguf file."""

    def encode(self, text: str, add_special: bool = True, parse_special: bool = True) -> list[int]:
        """
        Token ids; add_special: BOS and EOS as the files say; parse_special: special tokens written in the text.
        """

    def decode(self, ids: Sequence[int], skip_special: bool = False) -> str:
        """The text of ids; skip_special leaves special tokens out."""

    def id_of(self, token: str) -> int | None:
        """The id of a token as files spell it, or None."""

    def __len__(self) -> int:
        """Largest id + 1, added tokens included."""

    @property
    def bos_id(self) -> int | None:
        """Where the files name it, else None."""

    @property
    def eos_id(self) -> int | None:
        """Where the files name it, else None."""

    @property
    def pad_id(self) -> int | None:
        """Where the files name it, else None."""

class GenerationResult:
    """An answer."""

    def __init__(self, text: str, ids: Sequence[int] = [], finish_reason: str = 'stop', prompt_tokens: int = 0) -> None: ...

    @property
    def text(self) -> str:
        """Without special tokens and stop text."""

    @property
    def ids(self) -> list[int]:
        """Generated ids, a final EOS included."""

    @property
    def finish_reason(self) -> str:
        """stop, length or cancelled."""

    @property
    def prompt_tokens(self) -> int:
        """Ids of the prompt."""

    @property
    def completion_tokens(self) -> int:
        """Generated ids, a final EOS included."""

    @property
    def prompt_ms(self) -> float:
        """From the first step to the end of the prompt."""

    @property
    def first_token_ms(self) -> float:
        """From submission to the first token."""

    @property
    def completion_ms(self) -> float:
        """From the first token to the last."""

    def __repr__(self) -> str: ...

class Session:
    """
    One sequence on a model, token by token, for generation loops by hand. Beside generate and other sessions of the model it takes turns; one session is for one thread.
    """

    def __init__(self, model: CausalLMPlugin) -> None: ...

    def prefill(self, ids: Sequence[int]) -> Tensor:
        """Appends ids; returns the logits [vocab] behind the last."""

    def step(self, id: int) -> Tensor:
        """Appends one id; returns the logits behind it."""

    def fork(self) -> Session:
        """A session with the same past; whole pages are shared."""

    def truncate(self, positions: int) -> None:
        """Forgets all but the first positions."""

    def __len__(self) -> int: ...

class _Answer:
    def result(self) -> GenerationResult: ...

    def cancel(self) -> None: ...

    def __iter__(self) -> object: ...

    def __next__(self) -> str: ...

class _Engine:
    def __init__(self, arg: CausalLMPlugin, /) -> None: ...

    def submit(self, arg0: object, /, **kwargs) -> _Answer: ...

    def close(self) -> None: ...

    @property
    def steps(self) -> int: ...

class CustomModelLoader:
    """An opened checkpoint, a Hugging Face folder or a .gguf file."""

    def __init__(self, path: object) -> None: ...

    @property
    def config(self) -> object:
        """config.json, or a GGUF's metadata under its names."""

    def names(self) -> list[str]:
        """Names of all tensors as the files have them."""

    def tensor(self, name: str) -> Tensor:
        """One tensor. Errors: LoadError if there is none of that name."""

    def load_into(self, module: Module, allow_extra: bool = False) -> list[str]:
        """
        Points every parameter of module at its tensor; returns the names that were not read. Errors: LoadError listing all that are missing, misshapen or unexpected.
        """

class ModelPluginInterface:
    """
    The life of an architecture: created without arguments, initialize(**kwargs), load_model(), infer(input_data).
    """

    def __init__(self) -> None: ...

    def initialize(self, **kwargs) -> None:
        """
        Sets config from the keywords, and model where the class names one. Errors: TypeError for another field.
        """

    def load_model(self) -> None:
        """Makes the model ready; here there is nothing to load."""

    def infer(self, input_data: Any) -> Any:
        """
        Answers a request. Errors: LoadError for a plugin that is not generative, as this class itself.
        """

    @property
    def _has_own_loop(self) -> bool: ...

    def __getattr__(self, arg: str, /) -> object: ...

    infer_timeout: float = 300.0

class CausalLMPlugin(ModelPluginInterface):
    """
    An architecture that maps ids to logits: with a config_class and a model_class it has tokenization, the chat template and the generation loop. paired_qk_rows: a GGUF of it has the rows of q and k permuted, as llama's; ignored_parameters: endings of names that a file may have and the model does not use, each with its reason.
    """

    def __init__(self) -> None: ...

    def load_model(self, **kwargs) -> None:
        """
        Loads config.model_path, where there is one; options as inference_pio.load's.
        """

    def infer(self, input_data: Any) -> Any:
        """Answers a text, a list of ids, or a dict."""

    def session(self) -> object:
        """A sequence of its own, for loops by hand."""

class ModelFactory:
    """The architectures of this process, those of model folders included."""

    @staticmethod
    def create(name: str, model_path: object | None = None, **overrides) -> Any:
        """
        A plugin: made, initialised, and its load_model called; a CausalLMPlugin without a path stays as it is, with fresh parameters. Overrides are config fields, or options as inference_pio.load's. Errors: TypeError for another name.
        """

    @staticmethod
    def register(name: str, plugin_class: object) -> None:
        """
        Adds a class by hand. Errors: InvalidArgumentError if the name is taken, or is not a lower-case letter, then letters, digits and _.
        """

    @staticmethod
    def available() -> list:
        """Names of all architectures."""

def _register_folder(arg0: str, arg1: str, arg2: str, arg3: object, /) -> None: ...

def _register_broken(arg0: str, arg1: str, arg2: str, arg3: str, /) -> None: ...

def _is_built_in(arg: str, /) -> bool: ...

def _manifest(arg0: str, arg1: str, /) -> dict: ...

def _own_loop_fields(plugin: ModelPluginInterface, input: object, **sampling) -> dict: ...

def _load(arg0: object, arg1: str, arg2: dict, /) -> object: ...

def config_aliases() -> dict: ...

def main(argv: Sequence[str]) -> int:
    """
    Runs a command of inference-pio and returns its exit code. For __main__: takes over SIGINT.
    """

def _resolve_model(arg: str, /) -> str: ...
