# SPDX-License-Identifier: Apache-2.0
"""What Tensor takes: arrays of ctypes and others, scalars of other libraries; what it refuses, and how."""

import array
import ctypes
import fractions
import importlib.util
import unittest

from inference_pio import Error, InvalidArgumentError, Tensor

HAS_NUMPY = importlib.util.find_spec("numpy") is not None


class Whole:
    """A number of another library: __index__ alone."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


class Array:
    """An array of another library that would take over any operation."""

    __array_priority__ = 1000

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return 1.0

    def __float__(self):
        return 1.0


class Arrays(unittest.TestCase):
    def test_ctypes(self):
        self.assertEqual(Tensor((ctypes.c_float * 3)(1, 2, 3)).to_list(), [1.0, 2.0, 3.0])
        whole = Tensor((ctypes.c_int * 2)())
        self.assertEqual((whole.dtype, whole.to_list()), ("i32", [0, 0]))
        rows = ((ctypes.c_double * 3) * 2)((1, 2, 3), (4, 5, 6))
        self.assertEqual(Tensor(rows).to_list(), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        self.assertEqual((Tensor(ctypes.c_float(7)).shape, Tensor(ctypes.c_float(7)).item()), ((), 7.0))
        self.assertEqual(Tensor((ctypes.c_longlong * 1)(-5)).to_list(), [-5])
        self.assertEqual(Tensor((ctypes.c_float * 0)()).shape, (0,))

    def test_strides_of_a_view(self):
        grid = memoryview(array.array("f", range(6))).cast("B").cast("f", [2, 3])
        self.assertEqual(Tensor(memoryview(array.array("i", range(6)))[::-2]).to_list(), [5, 3, 1])
        self.assertEqual(Tensor(grid).to_list(), [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])

    def test_byte_order_and_types(self):
        for kind, text in (
            (ctypes.c_float.__ctype_be__, "big-endian"),
            (ctypes.c_wchar, "elements"),
            (ctypes.c_longdouble, "16 bytes|elements"),
        ):
            with self.subTest(kind), self.assertRaisesRegex(InvalidArgumentError, text):
                Tensor((kind * 2)())

    def test_a_bool_is_0_or_1(self):
        self.assertEqual(Tensor(memoryview(bytes([0, 1, 2])).cast("?")).to_list(), [0, 1, 1])

    def test_empty(self):
        self.assertEqual((Tensor([]).shape, Tensor([]).dtype, Tensor([]).to_list()), ((0,), "f32", []))
        self.assertEqual((Tensor([[], []]).shape, Tensor([[], []]).to_list()), ((2, 0), [[], []]))
        self.assertEqual(Tensor([], dtype="i32").dtype, "i32")
        self.assertEqual((Tensor(array.array("i")).shape, Tensor(array.array("i")).dtype), ((0,), "i32"))
        self.assertEqual(Tensor.arange(0).to_list(), [])

    def test_a_tensor_in_another_dtype(self):
        self.assertEqual(Tensor(Tensor([1, 2]), dtype="f32").to_list(), [1.0, 2.0])
        self.assertEqual(Tensor(Tensor([1, 2])).dtype, "i32")

    @unittest.skipUnless(HAS_NUMPY, "numpy is not installed")
    def test_numpy(self):
        import numpy as np

        x = Tensor([1.0, 2.0])
        for scalar in (np.float32(2), np.float64(2), np.int64(2)):
            for result in (x * scalar, scalar * x):
                self.assertIsInstance(result, Tensor)
                self.assertEqual(result.to_list(), [2.0, 4.0])
        with self.assertRaises(TypeError):
            x + np.ones(2, np.float32)
        self.assertEqual(Tensor([np.float32(1)]).dtype, "f32")
        self.assertEqual(Tensor([np.int64(1), np.int8(2)]).dtype, "i32")
        self.assertEqual(Tensor(np.asfortranarray([[1.0, 2.0], [3.0, 4.0]])).to_list(), [[1.0, 2.0], [3.0, 4.0]])
        self.assertEqual(Tensor(np.zeros((0, 3), np.float32)).shape, (0, 3))
        with self.assertRaisesRegex(InvalidArgumentError, "big-endian"):
            Tensor(np.ones(2, ">f4"))


class Scalars(unittest.TestCase):
    def test_numbers_of_other_libraries(self):
        x = Tensor([1.0, 2.0])
        self.assertIsNone(Tensor.__array_ufunc__)
        self.assertEqual((x * Whole(2)).to_list(), [2.0, 4.0])
        self.assertEqual((fractions.Fraction(1, 2) * x).to_list(), [0.5, 1.0])
        self.assertEqual((x ** Whole(2)).to_list(), [1.0, 4.0])
        self.assertEqual((Tensor([Whole(3)]).dtype, Tensor([fractions.Fraction(1, 2)]).item()), ("i32", 0.5))
        self.assertEqual(Tensor.zeros([Whole(2)]).shape, (2,))
        with self.assertRaises(TypeError):
            x + Array()

    def test_nothing_equals_none(self):
        x = Tensor([1.0])
        self.assertIs(x == None, False)  # noqa: E711
        self.assertIs(x != None, True)  # noqa: E711
        self.assertIs(x == "a", False)

    def test_numbers_that_the_dtype_does_not_hold(self):
        x = Tensor([1.0])
        for make in (
            lambda: Tensor([1e300]),
            lambda: Tensor(array.array("d", [-1e300])),
            lambda: Tensor.full([1], 1e39),
            lambda: x * 1e300,
            lambda: Tensor.arange(3000000000, 3000000003),
            lambda: Tensor.arange(3e9),
        ):
            with self.assertRaisesRegex(InvalidArgumentError, "expected"):
                make()
        self.assertEqual(Tensor([float("inf")]).item(), float("inf"))

    def test_whole_numbers_name_the_way_out(self):
        for make in (lambda: Tensor([1, 2]) + 1, lambda: Tensor([1]) == Tensor([1.0])):
            with self.assertRaisesRegex(InvalidArgumentError, r'to\("f32"\).*dtype="f32"'):
                make()

    def test_shapes(self):
        x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        for make in (
            lambda: Tensor.zeros([2.7]),
            lambda: Tensor.zeros("23"),
            lambda: Tensor.zeros([2**70]),
            lambda: x.reshape(2.0, 3),
            lambda: x.reshape("6"),
            lambda: x.expand([2.5]),
            lambda: x.reshape(2, None),
        ):
            with self.assertRaisesRegex(InvalidArgumentError, "expected (a )?whole number"):
                make()
        with self.assertRaises(IndexError):
            x[2**70]

    def test_errors_have_one_base(self):
        with self.assertRaises(Error):
            Tensor(None)


if __name__ == "__main__":
    unittest.main()
