#pragma once
namespace pio::bindings { inline const char* op_doc(const char*) { return ""; } }
