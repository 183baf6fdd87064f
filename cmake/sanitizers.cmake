# PIO_SANITIZE: "" or a list for -fsanitize= (address,undefined | thread).
set(PIO_SANITIZE "" CACHE STRING "Value for -fsanitize=")
if(PIO_SANITIZE)
  add_compile_options(-fsanitize=${PIO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PIO_SANITIZE})
endif()
