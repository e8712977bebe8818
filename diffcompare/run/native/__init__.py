"""Programs as machine code, through LLVM (the extra `native`), with IEEE results.

`ir` writes the instructions as LLVM's language, `engine` makes machine code of it, `call` makes a
Python function of a kernel, `batch` runs one over columns, `interpreter` holds a kernel that is built
once and reads any program as data, and `kernel` puts them together.

Every kernel is a C function ``void (double const *x, double *out, double *registers, void *context)``.
"""
