# SPDX-License-Identifier: Apache-2.0
"""Tensor in Python: data in and out, indexing, operators, errors."""

import array
import io
import math
import unittest

import inference_pio as pio
from inference_pio import InvalidArgumentError, Tensor

ROWS = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


class Data(unittest.TestCase):
    def test_nested_lists(self):
        t = Tensor(ROWS)
        self.assertEqual((t.shape, t.dtype, t.ndim, len(t)), ((2, 3), "f32", 2, 2))
        self.assertEqual(t.to_list(), ROWS)
        self.assertEqual(Tensor([[1, 2]]).dtype, "i32")
        self.assertEqual(Tensor([1, 2], dtype="float32").to_list(), [1.0, 2.0])
        self.assertEqual(Tensor(7).item(), 7)
        self.assertEqual(Tensor([True, False]).to_list(), [1, 0])

    def test_buffers(self):
        for code, dtype in (("f", "f32"), ("d", "f32"), ("b", "i32"), ("q", "i32"), ("H", "i32")):
            with self.subTest(code):
                t = Tensor(array.array(code, [1, 2, 3]))
                self.assertEqual((t.dtype, [int(v) for v in t.to_list()]), (dtype, [1, 2, 3]))
        strided = memoryview(array.array("f", range(6))).cast("B").cast("f", [2, 3])
        self.assertEqual(Tensor(strided).to_list(), [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])

    def test_out_by_buffer_and_dlpack(self):
        view = memoryview(Tensor(ROWS))
        self.assertEqual((view.tolist(), view.readonly, view.format), (ROWS, True, "f"))
        self.assertEqual(memoryview(Tensor([[1, 2]])).tolist(), [[1, 2]])
        self.assertEqual(Tensor(ROWS).__dlpack_device__(), (1, 0))
        self.assertEqual(Tensor(_Dlpack(Tensor(ROWS))).to_list(), ROWS)
        with self.assertRaises(TypeError):  # it is read-only
            io.BytesIO(b"x" * 24).readinto(Tensor(ROWS))

    def test_a_buffer_outlives_its_tensor(self):
        view = memoryview(Tensor(ROWS) + 1.0)
        self.assertEqual(view.tolist(), [[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]])

    def test_makers(self):
        self.assertEqual(Tensor.zeros([2]).to_list(), [0.0, 0.0])
        self.assertEqual(Tensor.ones((1, 2)).to_list(), [[1.0, 1.0]])
        self.assertEqual(Tensor.full([2], 0.5).to_list(), [0.5, 0.5])
        self.assertEqual(Tensor.arange(3).to_list(), [0, 1, 2])
        self.assertEqual(Tensor.arange(1, 2, 0.5).to_list(), [1.0, 1.5])

    def test_bad_data(self):
        for data, text in (
            ([[1], [1, 2]], "ragged"),
            ([1, [2]], "ragged"),
            ("abc", "got a str"),
            ([None], "got a NoneType"),
            ([2**40], "i32"),
        ):
            with self.subTest(data), self.assertRaisesRegex(InvalidArgumentError, text):
                Tensor(data)
        with self.assertRaisesRegex(InvalidArgumentError, "f64"):
            Tensor([1.0], dtype="f64")


class Use(unittest.TestCase):
    def test_indexing(self):
        t = Tensor(ROWS)
        self.assertEqual(t[0].to_list(), ROWS[0])
        self.assertEqual(t[-1, 1].item(), 5.0)
        self.assertEqual(t[:, 1:].to_list(), [[2.0, 3.0], [5.0, 6.0]])
        self.assertEqual(t[:, ::2].to_list(), [[1.0, 3.0], [4.0, 6.0]])
        self.assertEqual(t[..., None].shape, (2, 3, 1))
        self.assertEqual([row.to_list() for row in t], ROWS)
        with self.assertRaises(IndexError):
            t[2]
        with self.assertRaises(IndexError):
            t[0, 0, 0]
        with self.assertRaises(TypeError):
            t["a"]

    def test_operators(self):
        t = Tensor(ROWS)
        self.assertEqual((2 * t - 1).to_list(), [[1.0, 3.0, 5.0], [7.0, 9.0, 11.0]])
        self.assertEqual((1 / t)[0].to_list()[1], 0.5)
        self.assertEqual((-t)[0, 0].item(), -1.0)
        self.assertEqual((t**2)[1].to_list(), [16.0, 25.0, 36.0])
        self.assertEqual((t > 3).to_list(), [[0.0] * 3, [1.0] * 3])
        self.assertEqual((t @ t.transpose(0, 1)).to_list(), [[14.0, 32.0], [32.0, 77.0]])
        self.assertEqual(t.sum(0).to_list(), [5.0, 7.0, 9.0])
        self.assertTrue(bool(Tensor(1.0)) and not bool(Tensor(0)))
        with self.assertRaises(TypeError):
            t + "a"

    def test_values_of_ops(self):
        x = Tensor([[0.5, -1.0, 2.0]])
        for name, expected in (
            ("exp", math.exp),
            ("tanh", math.tanh),
            ("sigmoid", lambda v: 1 / (1 + math.exp(-v))),
            ("abs", abs),
            ("relu", lambda v: max(v, 0.0)),
        ):
            with self.subTest(name):
                got = getattr(pio, name)(x).to_list()[0]
                for value, source in zip(got, x.to_list()[0], strict=True):
                    self.assertAlmostEqual(value, expected(source), places=6)

    def test_reshape(self):
        t = Tensor(ROWS)
        self.assertEqual(t.reshape(3, -1).shape, (3, 2))
        self.assertEqual(t.reshape([6]).shape, (6,))
        with self.assertRaisesRegex(InvalidArgumentError, r"\[reshape\]"):
            t.reshape(4, -1)

    def test_repr_and_item(self):
        self.assertEqual(repr(Tensor([1.0])), "Tensor([1.0], f32)")
        self.assertEqual(repr(Tensor.zeros([100, 100])), "Tensor([100, 100], f32)")
        with self.assertRaisesRegex(InvalidArgumentError, r"\[item\]"):
            Tensor(ROWS).item()

    def test_rotary_scaling(self):
        x = Tensor([[[[1.0, 2.0, 3.0, 4.0]], [[1.0, 2.0, 3.0, 4.0]]]])
        yarn = {"rope_type": "yarn", "factor": 4.0}
        full = {**yarn, "original_max_position_embeddings": 64}
        self.assertEqual(
            pio.rope(x, scaling=yarn, max_positions=64).to_list(), pio.rope(x, scaling=full, max_positions=9).to_list()
        )
        for wrong, text in (
            ({"type": "foo"}, r'^\[rope\] scaling: type is "foo", expected default, linear, llama3 or yarn$'),
            ({"rope_type": "linear", "factor": 0}, r'^\[rope\] scaling: key "factor" is 0, expected a number'),
            (yarn, "original_max_position_embeddings or max_positions above 0, got 0"),
        ):
            with self.assertRaisesRegex(InvalidArgumentError, text):
                pio.rope(x, scaling=wrong)
        with self.assertRaisesRegex(InvalidArgumentError, r'^\[decoder\] rope_scaling: type is "foo"'):
            pio.DecoderSpec(rope_scaling={"type": "foo"})


class _Dlpack:
    """Only DLPack, no buffer protocol."""

    def __init__(self, tensor):
        self._tensor = tensor

    def __dlpack__(self, **options):
        return self._tensor.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._tensor.__dlpack_device__()


if __name__ == "__main__":
    unittest.main()
