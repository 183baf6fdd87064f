# Warnings for the project's own targets; errors in every preset.
add_library(pio_warnings INTERFACE)
target_compile_options(pio_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  -Wno-missing-field-initializers  # designated initializers leave fields out on purpose
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>  # GCC 12 reports moved std::variant members
  # GCC 12 at -O3 doubts libstdc++'s own strings (its bugs 105329, 105651); the sanitizers check these for real.
  "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>"
  # What g++ leaves out of -Wconversion and -Wall in C++, so that both compilers ask the same.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion> $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-braces>
  -ffp-contract=off  # each multiply-add is written out: the same bits from every compiler setting
)
