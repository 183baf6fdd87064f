// SPDX-License-Identifier: Apache-2.0
// GenerationResult, Session, and the service behind inference_pio.Model.
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <optional>

#include "answer.h"
#include "bindings.h"
#include "generation_request.h"
#include "pio/base/error.h"
#include "pio/plugin/model_plugin.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

using generation::GenerationResult;
using generation::Session;

std::shared_ptr<plugin::LoadedModel> loaded(plugin::CausalLMPlugin& model) {
  PIO_CHECK(model.loaded() != nullptr, "[plugin] load_model was not called");
  return model.loaded();
}

generation::FinishReason finish_reason_of(const std::string& text) {
  using enum generation::FinishReason;
  for (const auto reason : {kStop, kLength, kCancelled}) {
    if (text == name(reason)) {
      return reason;
    }
  }
  fail(ErrorCode::kInvalidArgument, concat("[finish_reason] got \"", escaped(text), "\", expected stop, length or cancelled"));
}

// A session beside the model's service: each use takes its turn.
class SharedSession {
 public:
  explicit SharedSession(plugin::CausalLMPlugin& model) : model_(loaded(model)), session_(*model_->runner) {}
  SharedSession(const SharedSession&) = delete;
  SharedSession& operator=(const SharedSession&) = delete;
  ~SharedSession() {
    nb::gil_scoped_release release;
    const std::scoped_lock turn(model_->runner->turn());
    session_.reset();  // gives its pages back
  }

  // Logits behind the last of `ids`, copied in the same turn.
  Tensor append(std::span<const int32_t> ids) {
    std::optional<Tensor> out;
    {
      nb::gil_scoped_release release;
      const std::scoped_lock turn(model_->runner->turn());
      const auto logits = session_->prefill(ids);
      out = Tensor(logits, {static_cast<int64_t>(logits.size())});
    }
    if (PyErr_CheckSignals() != 0) {
      throw nb::python_error();
    }
    return *out;
  }
  std::unique_ptr<SharedSession> fork() {
    nb::gil_scoped_release release;
    const std::scoped_lock turn(model_->runner->turn());
    return std::unique_ptr<SharedSession>(new SharedSession(model_, session_->fork()));
  }
  void truncate(int64_t positions) {
    nb::gil_scoped_release release;
    const std::scoped_lock turn(model_->runner->turn());
    session_->truncate(positions);
  }
  [[nodiscard]] int64_t size() const { return session_->size(); }

 private:
  SharedSession(std::shared_ptr<plugin::LoadedModel> model, Session session)
      : model_(std::move(model)), session_(std::move(session)) {}
  std::shared_ptr<plugin::LoadedModel> model_;
  std::optional<Session> session_;
};

// The requests of one inference_pio.Model.
class Engine {
 public:
  explicit Engine(plugin::CausalLMPlugin& model) : model_(loaded(model)) {}

  std::shared_ptr<Answer> submit(nb::handle input, nb::kwargs sampling) {
    const std::shared_ptr<plugin::LoadedModel> model = model_;  // close() may come while Python code runs below
    PIO_CHECK(model != nullptr, "[model] is closed");
    return std::make_shared<Answer>(model, to_request(input, sampling, &model->text));
  }
  [[nodiscard]] int64_t steps() const { return model_ == nullptr ? 0 : model_->service().steps(); }
  void close() {
    const std::shared_ptr<plugin::LoadedModel> model = std::move(model_);
    nb::gil_scoped_release release;
    if (model != nullptr) {
      model->service().cancel_all();
    }
  }

 private:
  std::shared_ptr<plugin::LoadedModel> model_;
};

}  // namespace

void bind_generation(nb::module_& m) {
  nb::class_<GenerationResult>(m, "GenerationResult", "An answer.")
      .def("__init__",
           [](GenerationResult* self, const std::string& text, const std::vector<int32_t>& ids,
              const std::string& finish_reason, int64_t prompt_tokens) {
             new (self) GenerationResult{.text = text, .ids = ids, .prompt_tokens = prompt_tokens};
             self->finish_reason = finish_reason_of(finish_reason);
           },
           nb::arg("text"), nb::arg("ids") = std::vector<int32_t>{}, nb::arg("finish_reason") = "stop",
           nb::arg("prompt_tokens") = 0)
      .def_ro("text", &GenerationResult::text, "Without special tokens and stop text.")
      .def_ro("ids", &GenerationResult::ids, "Generated ids, a final EOS included.")
      .def_prop_ro("finish_reason",
                   [](const GenerationResult& self) { return std::string(name(self.finish_reason)); },
                   "stop, length or cancelled.")
      .def_ro("prompt_tokens", &GenerationResult::prompt_tokens, "Ids of the prompt.")
      .def_prop_ro("completion_tokens", [](const GenerationResult& self) { return self.ids.size(); },
                   "Generated ids, a final EOS included.")
      .def_ro("prompt_ms", &GenerationResult::prompt_ms, "From the first step to the end of the prompt.")
      .def_ro("first_token_ms", &GenerationResult::first_token_ms, "From submission to the first token.")
      .def_ro("completion_ms", &GenerationResult::completion_ms, "From the first token to the last.")
      .def("__repr__", [](const GenerationResult& self) {
        return concat("GenerationResult(text=", nb::cast<std::string>(nb::repr(nb::cast(self.text))),
                      ", finish_reason='", name(self.finish_reason), "')");
      });
  nb::class_<SharedSession>(m, "Session",
                            "One sequence on a model, token by token, for generation loops by hand. Beside generate and "
                            "other sessions of the model it takes turns; one session is for one thread.")
      .def("__init__", [](SharedSession* self, plugin::CausalLMPlugin& model) { new (self) SharedSession(model); },
           nb::arg("model"))
      .def("prefill", [](SharedSession& self, const std::vector<int32_t>& ids) { return self.append(ids); },
           nb::arg("ids"), "Appends ids; returns the logits [vocab] behind the last.")
      .def("step", [](SharedSession& self, int32_t id) { return self.append({&id, 1}); }, nb::arg("id"),
           "Appends one id; returns the logits behind it.")
      .def("fork", &SharedSession::fork, "A session with the same past; whole pages are shared.")
      .def("truncate", &SharedSession::truncate, nb::arg("positions"), "Forgets all but the first positions.")
      .def("__len__", &SharedSession::size);
  nb::class_<Answer>(m, "_Answer")
      .def("result", &Answer::result)
      .def("cancel", &Answer::cancel)
      .def("__iter__", [](nb::object self) { return self; })
      .def("__next__", &Answer::next_piece);
  nb::class_<Engine>(m, "_Engine")
      .def(nb::init<plugin::CausalLMPlugin&>())
      .def("submit", &Engine::submit)
      .def("close", &Engine::close)
      .def_prop_ro("steps", &Engine::steps);
}

}  // namespace pio::bindings
