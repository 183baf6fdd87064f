// SPDX-License-Identifier: Apache-2.0
#include "py_module.h"

#include <nanobind/stl/string.h>

#include <memory>
#include <utility>

#include "py_number.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

// Lists in lists: nobody writes more, and one that holds itself has no end.
constexpr Py_ssize_t kMostNested = 32;

// A Python object for code that may run, and end, without the GIL.
std::shared_ptr<nb::object> held(nb::object object) {
  return {new nb::object(std::move(object)), [](nb::object* last) {
            nb::gil_scoped_acquire gil;
            delete last;
          }};
}

// `container` with `value` at keys[at], keys[at + 1] ...: itself, or for a tuple a new one.
nb::object with_value(nb::object container, const nb::tuple& keys, size_t at, const nb::object& value) {
  if (at == keys.size()) {
    return value;
  }
  const nb::object key = keys[at];
  nb::object item = with_value(container[key], keys, at + 1, value);
  if (!nb::isinstance<nb::tuple>(container)) {
    container[key] = item;
    return container;
  }
  nb::list items(container);
  items[nb::cast<size_t>(key)] = item;
  return nb::hasattr(container, "_make") ? container.attr("_make")(items) : container.type()(items);
}

// Goes through what attributes hold; keys lead from the instance's __dict__ to where it is.
class Attributes {
 public:
  Attributes(nb::handle self, nn::Module::Members& out) : fields_(self.attr("__dict__")), out_(out) {}

  void add_all() {
    for (const auto& [key, value] : nb::cast<nb::dict>(fields_)) {
      add(nb::cast<std::string>(nb::str(key)), nb::make_tuple(key), value);
    }
  }

 private:
  void add(const std::string& name, const nb::tuple& keys, nb::handle value) {
    if (nb::isinstance<nn::Module>(value)) {
      out_.children.emplace_back(name, &module_of(value));
    } else if (nb::isinstance<Tensor>(value)) {
      add_tensor(name, keys, nb::cast<const Tensor&>(value));
    } else if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value)) {
      size_t i = 0;
      for (const nb::handle item : value) {
        add(concat(name, ".", i), below(keys, nb::int_(i)), item);
        ++i;
      }
    } else if (nb::isinstance<nb::dict>(value)) {
      for (const auto& [key, item] : nb::borrow<nb::dict>(value)) {
        add(concat(name, ".", nb::cast<std::string>(nb::str(key))), below(keys, key), item);
      }
    }
  }

  void add_tensor(const std::string& name, const nb::tuple& keys, const Tensor& tensor) {
    if (!tensor.node()->is(tensor::kParameter)) {
      return;
    }
    const auto place = held(nb::make_tuple(fields_, keys));
    out_.parameters.push_back({name, tensor, [place](const Tensor& value) {
                                 call_python([&] {
                                   const nb::object fields = (*place)[0];
                                   with_value(fields, nb::cast<nb::tuple>((*place)[1]), 0, nb::cast(value));
                                 });
                               }});
  }

  static nb::tuple below(const nb::tuple& keys, nb::handle key) {
    PIO_CHECK(static_cast<Py_ssize_t>(keys.size()) < kMostNested, "[module] attribute \"",
              escaped(nb::cast<std::string>(nb::str(keys[0]))), "\" holds lists or dicts in more than ", kMostNested,
              " others: does one hold itself? Its modules and parameters cannot be named");
    return nb::borrow<nb::tuple>(keys + nb::make_tuple(key));
  }

  nb::object fields_;
  nn::Module::Members& out_;
};

}  // namespace

nn::Module& module_of(nb::handle object) {
  PIO_CHECK(nb::inst_ready(object), "[module] ", python_type(object),
            " is not ready: its __init__ must call super().__init__() first");
  return nb::cast<nn::Module&>(object);
}

void add_attributes(nb::handle self, nn::Module::Members& own) {
  if (self.is_valid()) {  // otherwise it is being destroyed
    Attributes(self, own).add_all();
  }
}

Tensor call_module(nb::handle self, const Tensor& x) {
  const nb::object out = self(x);
  PIO_CHECK(nb::isinstance<Tensor>(out), "[trace] forward of ",
            python_type(self), " gave a ",
            python_type(out), ", expected a Tensor");
  return nb::cast<Tensor>(out);
}

}  // namespace pio::bindings
