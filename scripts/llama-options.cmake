# Read by CMake when it configures llama-cpp-python. The Python package uses libllama and libggml only; the library
# "common" (command lines, downloads, templates in C++) is two fifths of all files to compile. llama-cpp-python switches
# it on by force in CMake's cache; an ordinary variable of the same name wins over the cache.
set(LLAMA_BUILD_COMMON OFF)
