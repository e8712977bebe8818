"""Programs as machine code, through LLVM (the extra `native`), with IEEE results.

`ir` writes the instructions as LLVM's language, `engine` makes machine code of it, `call` makes a
Python function of a kernel, `batch` runs one over columns, `rows` over the rows of a Jacobian that are
alike. `interpreter` holds a kernel that is built once and reads any program as the data that `runs`
makes of it, and `kernel` says which of the two a program gets.

Every kernel is a C function ``void (double const *x, double *out, double *registers, void *context)``.
"""
