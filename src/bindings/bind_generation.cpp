// SPDX-License-Identifier: Apache-2.0
// GenerationResult, Session, and the service behind inference_pio.Model.
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <deque>
#include <optional>

#include "bindings.h"
#include "generation_request.h"
#include "pio/base/error.h"
#include "pio/generation/service.h"
#include "pio/plugin/model_plugin.h"
#include "tensor_data.h"

namespace pio::bindings {
namespace {

using generation::GenerationResult;
using generation::Session;

plugin::CausalLMPlugin& loaded(plugin::CausalLMPlugin& model) {
  PIO_CHECK(model.is_loaded(), "[plugin] load_model was not called");
  return model;
}

// A session beside the model's service: each use takes its turn.
class SharedSession {
 public:
  explicit SharedSession(plugin::CausalLMPlugin& model) : runner_(&loaded(model).runner()), session_(model.session()) {}
  SharedSession(const SharedSession&) = delete;
  SharedSession& operator=(const SharedSession&) = delete;
  ~SharedSession() {
    const std::scoped_lock turn(runner_->turn());
    session_.reset();  // gives its pages back
  }

  // Logits behind the last of `ids`, copied in the same turn.
  Tensor append(std::span<const int32_t> ids) {
    std::optional<Tensor> out;
    {
      nb::gil_scoped_release release;
      const std::scoped_lock turn(runner_->turn());
      const auto logits = session_->prefill(ids);
      out = Tensor(logits, {static_cast<int64_t>(logits.size())});
    }
    if (PyErr_CheckSignals() != 0) {
      throw nb::python_error();
    }
    return *out;
  }
  std::unique_ptr<SharedSession> fork() {
    const std::scoped_lock turn(runner_->turn());
    return std::unique_ptr<SharedSession>(new SharedSession(runner_, session_->fork()));
  }
  void truncate(int64_t positions) {
    const std::scoped_lock turn(runner_->turn());
    session_->truncate(positions);
  }
  [[nodiscard]] int64_t size() const { return session_->size(); }

 private:
  SharedSession(generation::Runner* runner, Session session) : runner_(runner), session_(std::move(session)) {}
  generation::Runner* runner_;
  std::optional<Session> session_;
};

constexpr std::chrono::milliseconds kSignalPeriod{50};  // how soon Ctrl-C is seen

// Pieces on their way from the loop's thread to an iterator.
class Pieces {
 public:
  void push(std::string_view piece) {
    {
      const std::scoped_lock lock(mutex_);
      pieces_.emplace_back(piece);
    }
    ready_.notify_one();
  }
  // The next piece, or nothing after `timeout`.
  std::optional<std::string> pop(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    if (!ready_.wait_for(lock, timeout, [this] { return !pieces_.empty(); })) {
      return std::nullopt;
    }
    std::string out = std::move(pieces_.front());
    pieces_.pop_front();
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::string> pieces_;
};

// A request under way: what Service::submit gave, with its pieces.
class Answer {
 public:
  Answer(std::shared_ptr<generation::Ticket> ticket, std::shared_ptr<Pieces> pieces)
      : ticket_(std::move(ticket)), pieces_(std::move(pieces)) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { ticket_->cancel(); }  // an iterator that is dropped ends its request

  // Waits without the GIL; Ctrl-C cancels and raises.
  GenerationResult result() {
    wait([&] { return ticket_->wait_for(kSignalPeriod); });
    GenerationResult out = ticket_->take();
    if (out.finish_reason == generation::FinishReason::kError) {
      fail(ErrorCode::kInternal, out.error);
    }
    return out;
  }
  std::string next_piece() {
    std::optional<std::string> piece;
    wait([&] {
      piece = pieces_->pop(std::chrono::milliseconds{5});
      return piece || ticket_->wait_for(std::chrono::milliseconds{0});
    });
    if (!piece) {
      piece = pieces_->pop(std::chrono::milliseconds{0});  // those that came last
    }
    if (!piece) {
      static_cast<void>(result());  // raises what went wrong
      throw nb::stop_iteration();
    }
    return *piece;
  }
  void cancel() { ticket_->cancel(); }

 private:
  template <class Done>
  void wait(const Done& done) {
    for (bool is_done = false; !is_done;) {
      {
        nb::gil_scoped_release release;
        is_done = done();
      }
      if (PyErr_CheckSignals() != 0) {
        ticket_->cancel();
        throw nb::python_error();
      }
    }
  }
  std::shared_ptr<generation::Ticket> ticket_;
  std::shared_ptr<Pieces> pieces_;
};

// A loaded model and the thread that runs its loop.
class Engine {
 public:
  explicit Engine(std::shared_ptr<plugin::CausalLMPlugin> model)
      : model_(std::move(model)), service_(std::make_unique<generation::Service>(loaded(*model_).generator())) {}

  std::shared_ptr<Answer> submit(nb::handle input, nb::kwargs sampling) {
    PIO_CHECK(service_ != nullptr, "[model] is closed");
    generation::Request request = to_request(input, sampling, &model_->text());
    auto pieces = std::make_shared<Pieces>();
    request.on_text = [pieces](std::string_view piece) {
      pieces->push(piece);
      return true;
    };
    return std::make_shared<Answer>(service_->submit(std::move(request)), pieces);
  }
  [[nodiscard]] int64_t steps() const { return service_ == nullptr ? 0 : service_->steps(); }
  void close() {
    nb::gil_scoped_release release;
    service_.reset();
    model_.reset();
  }

 private:
  std::shared_ptr<plugin::CausalLMPlugin> model_;
  std::unique_ptr<generation::Service> service_;
};

}  // namespace

void bind_generation(nb::module_& m) {
  nb::class_<GenerationResult>(m, "GenerationResult", "An answer.")
      .def("__init__",
           [](GenerationResult* self, const std::string& text, const std::vector<int32_t>& ids,
              const std::string& finish_reason, int64_t prompt_tokens) {
             new (self) GenerationResult{.text = text, .ids = ids, .prompt_tokens = prompt_tokens};
             self->finish_reason = finish_reason == "length" ? generation::FinishReason::kLength
                                                             : generation::FinishReason::kStop;
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
           nb::arg("model"), nb::keep_alive<1, 2>())
      .def("prefill", [](SharedSession& self, const std::vector<int32_t>& ids) { return self.append(ids); },
           nb::arg("ids"), "Appends ids; returns the logits [vocab] behind the last.")
      .def("step", [](SharedSession& self, int32_t id) { return self.append({&id, 1}); }, nb::arg("id"),
           "Appends one id; returns the logits behind it.")
      .def("fork", &SharedSession::fork, nb::keep_alive<0, 1>(), "A session with the same past; whole pages are shared.")
      .def("truncate", &SharedSession::truncate, nb::arg("positions"), "Forgets all but the first positions.")
      .def("__len__", &SharedSession::size);
  nb::class_<Answer>(m, "_Answer")
      .def("result", &Answer::result)
      .def("cancel", &Answer::cancel)
      .def("__iter__", [](nb::object self) { return self; })
      .def("__next__", &Answer::next_piece);
  nb::class_<Engine>(m, "_Engine")
      .def(nb::init<std::shared_ptr<plugin::CausalLMPlugin>>())
      .def("submit", &Engine::submit)
      .def("close", &Engine::close)
      .def_prop_ro("steps", &Engine::steps);
}

}  // namespace pio::bindings
