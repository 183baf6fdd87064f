# pio_isa(TARGET): adds every <family>_<isa>.cpp of the current folder to TARGET, built with that
# instruction set's flags and never with LTO (an inline function compiled for AVX-512 must not leak out).
set(PIO_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi2)
set(PIO_ISA_FLAGS_avxvnni ${PIO_ISA_FLAGS_avx2} -mavxvnni)
set(PIO_ISA_FLAGS_avx512 ${PIO_ISA_FLAGS_avx2} -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni
    -mprefer-vector-width=512)
set(PIO_ISA_FLAGS_avx512_bf16 ${PIO_ISA_FLAGS_avx512} -mavx512bf16)

function(pio_isa target)
  foreach(isa avx2 avxvnni avx512 avx512_bf16)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS *_${isa}.cpp)
    if(NOT sources)
      continue()
    endif()
    add_library(${target}_${isa} OBJECT ${sources})
    target_include_directories(${target}_${isa} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    set(optimize -O3)
    if(PIO_SANITIZE)
      set(optimize -O1)  # -O3 compiles four times longer under the sanitizers
    endif()
    target_compile_options(${target}_${isa} PRIVATE ${PIO_ISA_FLAGS_${isa}} ${optimize} -fno-exceptions)
    target_link_libraries(${target}_${isa} PRIVATE pio_warnings)
    # GCC 12 takes the undefined pass-through inside its own intrinsics for a mistake (its bug 105593).
    target_compile_options(${target}_${isa} PRIVATE -Wno-uninitialized)
    set_target_properties(${target}_${isa} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${isa}>)
  endforeach()
endfunction()
