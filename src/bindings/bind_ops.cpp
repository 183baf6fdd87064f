// SPDX-License-Identifier: Apache-2.0
// The ops, under their C++ names with their defaults; operators and methods of Tensor.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <deque>
#include <variant>

#include "bindings.h"
#include "op_docs.h"
#include "pio/base/error.h"
#include "pio/ops/ops.h"
#include "py_number.h"
#include "rope_argument.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

using OptionalTensor = std::optional<Tensor>;

Tensor rope(const Tensor& x, const OptionalTensor& positions, double theta, std::optional<int64_t> dims,
            bool interleaved, nb::object scaling, int64_t max_positions) {
  return ops::rope(x, {.positions = positions,
                       .theta = theta,
                       .dims = dims,
                       .interleaved = interleaved,
                       .scaling = rope_scaling_argument(scaling, "[rope] scaling"),
                       .max_positions = max_positions});
}

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const OptionalTensor& mask, bool is_causal,
                 std::optional<float> scale, std::optional<int64_t> window, const OptionalTensor& sinks,
                 std::optional<float> softcap) {
  return ops::scaled_dot_product_attention(q, k, v,
                                           {.mask = mask,
                                            .is_causal = is_causal,
                                            .scale = scale,
                                            .window = window,
                                            .sinks = sinks,
                                            .softcap = softcap});
}

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);
using Reduction = Tensor (*)(const Tensor&, int, bool);

struct NamedBinary {
  const char* name;
  Binary op;
  const char* method;   // of a Tensor, for the operator
  const char* swapped;  // the operator with the tensor on the right, or null
};

constexpr NamedBinary kBinary[] = {
    {"add", &ops::add, "__add__", "__radd__"},
    {"sub", &ops::sub, "__sub__", "__rsub__"},
    {"mul", &ops::mul, "__mul__", "__rmul__"},
    {"div", &ops::div, "__truediv__", "__rtruediv__"},
    {"matmul", &ops::matmul, "__matmul__", "__rmatmul__"},
    {"minimum", &ops::minimum, nullptr, nullptr},
    {"maximum", &ops::maximum, nullptr, nullptr},
    {"eq", &ops::eq, "__eq__", nullptr},
    {"ne", &ops::ne, "__ne__", nullptr},
    {"lt", &ops::lt, "__lt__", nullptr},
    {"le", &ops::le, "__le__", nullptr},
    {"gt", &ops::gt, "__gt__", nullptr},
    {"ge", &ops::ge, "__ge__", nullptr},
};

struct NamedUnary {
  const char* name;
  Unary op;
};

constexpr NamedUnary kUnary[] = {
    {"neg", &ops::neg},         {"exp", &ops::exp},   {"log", &ops::log},
    {"sqrt", &ops::sqrt},       {"rsqrt", &ops::rsqrt}, {"abs", &ops::abs},
    {"sin", &ops::sin},         {"cos", &ops::cos},   {"tanh", &ops::tanh},
    {"sigmoid", &ops::sigmoid}, {"relu", &ops::relu}, {"silu", &ops::silu},
    {"softplus", &ops::softplus},
};

struct NamedReduction {
  const char* name;
  Reduction op;
};

constexpr NamedReduction kReductions[] = {{"sum", &ops::sum},
                                          {"mean", &ops::mean},
                                          {"max", &ops::max},
                                          {"min", &ops::min},
                                          {"argmax", &ops::argmax}};

// The other operand: a tensor, or a number in the dtype of the first. None for anything else.
std::optional<Tensor> operand(const Tensor& beside, nb::handle value) {
  if (nb::isinstance<Tensor>(value)) {
    return nb::cast<Tensor>(value);
  }
  const std::optional<Number> number = to_number(value);
  if (!number) {
    return std::nullopt;
  }
  if (beside.dtype() == DType::kF32) {
    static_cast<void>(to_f32(number->value, "scalar"));
  }
  return ops::scalar(number->value, beside.dtype());
}

// Signatures of operators as type checkers should read them; they live as long as the module.
const char* operator_signature(const char* name) {
  static std::deque<std::string> kept;
  return kept.emplace_back(concat("def ", name, "(self, other: Tensor | float) -> Tensor")).c_str();
}

void add_method(const char* name, const auto& function, const auto&... extra) {
  nb::type<Tensor>().attr(name) =
      nb::cpp_function(function, nb::scope(nb::type<Tensor>()), nb::name(name), nb::is_method(), extra...);
}

void bind_binary(nb::module_& m) {
  for (const NamedBinary& b : kBinary) {
    const Binary op = b.op;
    m.def(b.name,
          [op, name = b.name](nb::object a, nb::object other) {
            const bool first = nb::isinstance<Tensor>(a);
            PIO_CHECK(first || nb::isinstance<Tensor>(other), "[", name, "] got no tensor, expected one");
            const Tensor& known = nb::cast<const Tensor&>(first ? a : other);
            const auto left = operand(known, a);
            const auto right = operand(known, other);
            PIO_CHECK(left && right, "[", name, "] got a ",
                      python_type(left ? other : a), ", expected a tensor or a number");
            return op(*left, *right);
          },
          nb::arg("a"), nb::arg("b"), op_doc(b.name));
    const auto operate = [op](const Tensor& self, nb::handle other, bool swap) -> nb::object {
      const auto second = operand(self, other);
      if (!second) {
        return nb::borrow(Py_NotImplemented);
      }
      return nb::cast(swap ? op(*second, self) : op(self, *second));
    };
    if (b.method != nullptr) {
      add_method(b.method, [operate](const Tensor& self, nb::object other) { return operate(self, other, false); },
                 nb::arg("other").none(), nb::sig(operator_signature(b.method)));
    }
    if (b.swapped != nullptr) {
      add_method(b.swapped, [operate](const Tensor& self, nb::object other) { return operate(self, other, true); },
                 nb::arg("other").none(), nb::sig(operator_signature(b.swapped)));
    }
  }
  nb::type<Tensor>().attr("__array_ufunc__") = nb::none();  // numpy leaves its operators to the tensor's
  nb::type<Tensor>().attr("__hash__") = nb::borrow(reinterpret_cast<PyObject*>(&PyBaseObject_Type)).attr("__hash__");
}

void bind_unary(nb::module_& m) {
  for (const NamedUnary& u : kUnary) {
    const Unary op = u.op;
    m.def(u.name, [op](const Tensor& x) { return op(x); }, nb::arg("x"), op_doc(u.name));
    add_method(u.name, [op](const Tensor& self) { return op(self); }, op_doc(u.name));
  }
  add_method("__neg__", [](const Tensor& self) { return ops::neg(self); });
  add_method("__abs__", [](const Tensor& self) { return ops::abs(self); });
  add_method("__pow__",
             [](const Tensor& self, nb::object exponent) -> nb::object {
               const auto number = to_number(exponent);
               return number ? nb::cast(ops::pow(self, to_f32(number->value, "pow"))) : nb::borrow(Py_NotImplemented);
             },
             nb::arg("exponent").none(), nb::sig("def __pow__(self, exponent: float) -> Tensor"));
  for (const NamedReduction& r : kReductions) {
    const Reduction op = r.op;
    m.def(r.name, [op](const Tensor& x, int axis, bool keepdim) { return op(x, axis, keepdim); }, nb::arg("x"),
          nb::arg("axis"), nb::arg("keepdim") = false, op_doc(r.name));
    add_method(r.name, [op](const Tensor& self, int axis, bool keepdim) { return op(self, axis, keepdim); },
               nb::arg("axis"), nb::arg("keepdim") = false, op_doc(r.name));
  }
}

// A Dim as the end takes the whole of an axis of that Dim.
Tensor slice(const Tensor& x, int axis, std::variant<Dim, int64_t> begin, std::variant<Dim, int64_t> end, int64_t step) {
  const auto value = [](const std::variant<Dim, int64_t>& dim) {
    return std::holds_alternative<Dim>(dim) ? std::get<Dim>(dim).to_int() : std::get<int64_t>(dim);
  };
  const bool whole = std::holds_alternative<Dim>(end) && std::get<Dim>(end) == x.dim(axis) && step == 1 &&
                     std::holds_alternative<int64_t>(begin) && std::get<int64_t>(begin) == 0;
  return whole ? x : ops::slice(x, axis, value(begin), value(end), step);
}

Tensor cast_to(const Tensor& x, const std::string& dtype) { return ops::to(x, dtype_from_name(dtype)); }

void bind_shapes(nb::module_& m) {
  m.def("slice", &slice, nb::arg("x"), nb::arg("axis"), nb::arg("begin"), nb::arg("end"), nb::arg("step") = 1,
        op_doc("slice"));
  m.def("permute", &ops::permute, nb::arg("x"), nb::arg("axes"), op_doc("permute"));
  m.def("transpose", &ops::transpose, nb::arg("x"), nb::arg("a"), nb::arg("b"), op_doc("transpose"));
  m.def("expand", [](const Tensor& x, nb::sequence shape) { return ops::expand(x, to_shape(shape)); }, nb::arg("x"),
        nb::arg("shape"), op_doc("expand"));
  m.def("concat", &ops::concat, nb::arg("tensors"), nb::arg("axis"), op_doc("concat"));
  m.def("to", &cast_to, nb::arg("x"), nb::arg("dtype"), op_doc("to"));
  add_method("permute", [](const Tensor& self, const std::vector<int>& axes) { return ops::permute(self, axes); },
             nb::arg("axes"), op_doc("permute"));
  add_method("transpose", [](const Tensor& self, int a, int b) { return ops::transpose(self, a, b); }, nb::arg("a"),
             nb::arg("b"), op_doc("transpose"));
  add_method("expand", [](const Tensor& self, nb::sequence shape) { return ops::expand(self, to_shape(shape)); },
             nb::arg("shape"), op_doc("expand"));
  add_method("to", &cast_to, nb::arg("dtype"), op_doc("to"));
}

}  // namespace

void bind_ops(nb::module_& m) {
  m.def("embedding", &ops::embedding, nb::arg("ids"), nb::arg("weight"), nb::arg("scale") = 1.0f,
        op_doc("embedding"));
  m.def("linear", &ops::linear, nb::arg("x"), nb::arg("weight"), nb::arg("bias") = nb::none(), op_doc("linear"));
  m.def("rms_norm", &ops::rms_norm, nb::arg("x"), nb::arg("weight") = nb::none(), nb::arg("eps") = 1e-6f,
        op_doc("rms_norm"));
  m.def("layer_norm", &ops::layer_norm, nb::arg("x"), nb::arg("weight") = nb::none(), nb::arg("bias") = nb::none(),
        nb::arg("eps") = 1e-5f, op_doc("layer_norm"));
  m.def("rope", &rope, nb::arg("x"), nb::arg("positions") = nb::none(), nb::arg("theta") = 10000.0,
        nb::arg("dims") = nb::none(), nb::arg("interleaved") = false, nb::arg("scaling") = nb::none(),
        nb::arg("max_positions") = 0, op_doc("rope"));
  m.def("scaled_dot_product_attention", &attention, nb::arg("q"), nb::arg("k"), nb::arg("v"),
        nb::arg("mask") = nb::none(), nb::arg("is_causal") = false, nb::arg("scale") = nb::none(),
        nb::arg("window") = nb::none(), nb::arg("sinks") = nb::none(), nb::arg("softcap") = nb::none(),
        op_doc("scaled_dot_product_attention"));
  m.def("conv1d", &ops::conv1d, nb::arg("x"), nb::arg("weight"), nb::arg("bias") = nb::none(), nb::arg("stride") = 1,
        nb::arg("padding") = 0, nb::arg("dilation") = 1, nb::arg("groups") = 1, op_doc("conv1d"));
  m.def("gather_rows", &ops::gather_rows, nb::arg("x"), nb::arg("index"), op_doc("gather_rows"));
  m.def("softmax", &ops::softmax, nb::arg("x"), nb::arg("axis") = -1, op_doc("softmax"));
  m.def("cumsum", &ops::cumsum, nb::arg("x"), nb::arg("axis"), op_doc("cumsum"));
  m.def("gelu", &ops::gelu, nb::arg("x"), nb::arg("approximate") = "none", op_doc("gelu"));
  m.def("pow", &ops::pow, nb::arg("x"), nb::arg("exponent"), op_doc("pow"));
  m.def("clamp", &ops::clamp, nb::arg("x"), nb::arg("low") = nb::none(), nb::arg("high") = nb::none(),
        op_doc("clamp"));
  m.def("where",
        [](const Tensor& condition, nb::object a, nb::object b) {
          const Tensor beside = nb::isinstance<Tensor>(a)   ? nb::cast<Tensor>(a)
                                : nb::isinstance<Tensor>(b) ? nb::cast<Tensor>(b)
                                                            : ops::scalar(0.0);
          const auto left = operand(beside, a);
          const auto right = operand(beside, b);
          PIO_CHECK(left && right, "[where] got neither tensors nor numbers to choose from");
          return ops::where(condition, *left, *right);
        },
        nb::arg("condition"), nb::arg("a"), nb::arg("b"), op_doc("where"));
  bind_unary(m);
  bind_binary(m);
  bind_shapes(m);
}

}  // namespace pio::bindings
