# Warnings for the project's own targets; errors in every preset.
add_library(pio_warnings INTERFACE)
target_compile_options(pio_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>  # GCC 12 reports moved std::variant members
  -ffp-contract=off  # each multiply-add is written out: the same bits from every compiler setting
)
