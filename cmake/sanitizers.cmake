# PIO_SANITIZE: "" or a list for -fsanitize= (address,undefined | thread).
set(PIO_SANITIZE "" CACHE STRING "Value for -fsanitize=")
if(PIO_SANITIZE)
  add_compile_options(-fsanitize=${PIO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PIO_SANITIZE})
endif()
# Coverage of the libraries for the libFuzzer targets; their own main comes from fuzz/CMakeLists.txt.
if(PIO_BUILD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
