"""What is not a formula: the text of each refusal, and the place it points to."""

from __future__ import annotations

import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.parse.formula import parse_formula

# fmt: off
MESSAGES = [
    ("", """\
a formula needs an expression, got empty text
  \n  ^"""),
    ("2x", """\
a formula needs an operator between two values, got 2x; write 2*x
  2x
  ^^"""),
    ("1 + sin x", """\
a formula needs an operator between two values, got sin x; write sin(x)
  1 + sin x
      ^^^^^"""),
    ("x +* y", """\
a formula needs an expression or lines name = …, got *
  x +* y
     ^"""),
    ("a*((x)", """\
( needs a bracket that closes it, got none
  a*((x)
    ^"""),
    ("a = (x\nb = 2", """\
( needs a bracket that closes it, got none
  a = (x
      ^"""),
    ("x]", """\
] needs a bracket that opened before, got none
  x]
   ^"""),
    ("x!", """\
a formula needs operators + - * / ** % and comparisons, got !; write gamma(x + 1) for a factorial
  x!
   ^"""),
    ("x×y", """\
a formula needs names and operators, got × (U+00D7 MULTIPLICATION SIGN); write *
  x×y
   ^"""),
    ("x ^ 2", """\
a formula needs operators + - * / ** % and comparisons, got ^; write ** for a power
  x ^ 2
    ^"""),
    ("x // y", """\
a formula needs operators + - * / ** % and comparisons, got //; write floor(a/b)
  x // y
    ^^"""),
    ("x > 0 and y > 0", """\
a formula needs names that are not words of Python, got and; write where(a, b, 0)
  x > 0 and y > 0
        ^^^"""),
    ("x if y else z", """\
a formula needs names that are not words of Python, got if; write where(condition, a, b)
  x if y else z
    ^^"""),
    ("1 + (x < y < z)", """\
a comparison needs two sides, got 3; write where(a < b, b < c, 0)
  1 + (x < y < z)
       ^^^^^^^^^"""),
    ("y + x[1]", """\
a formula needs names such as x1, got a subscript
  y + x[1]
      ^^^^"""),
    ("x + f'{y}'", """\
a formula needs numbers and names, got a string
  x + f'{y}'
      ^"""),
    ("x.real + 1", """\
a formula needs names without a dot, or in np, numpy, math, sp, sympy, got x.real
  x.real + 1
  ^^^^^^"""),
    ("max(*x)", """\
a formula needs values without a star before them, got one
  max(*x)
      ^^"""),
    ("sin(x=y)", """\
sin needs arguments by place, got x=…
  sin(x=y)
        ^"""),
    ("x + (y, z)*2", """\
a formula needs tuples only as the last value, or in sum, prod, max, min, Piecewise, got one elsewhere
  x + (y, z)*2
      ^^^^^^"""),
    ("[x, y]", """\
a formula needs lists only in sum, prod, max, min, got one elsewhere
  [x, y]
  ^^^^^^"""),
    ("sin(x)(y)", """\
a call needs the name of a function, got sin(x); write * for a product
  sin(x)(y)
  ^^^^^^"""),
    ("y + sine(x)", """\
a call needs a known function, got sine; did you mean sin?
  y + sine(x)
      ^^^^"""),
    ("x(y + 1)", """\
a call needs a known function, got x; if x is a variable, write x*(…)
  x(y + 1)
  ^"""),
    ("sinc(x)", """\
a call needs a known function, got sinc; write sin(x)/x, or NumPy's as sin(pi*x)/(pi*x)
  sinc(x)
  ^^^^"""),
    ("x + sin", """\
a variable needs a name that no function has, got sin; sin is a function: write sin(…)
  x + sin
      ^^^"""),
    ("2*x + X", """\
a formula needs names among x, y, z, got X; did you mean x?
  2*x + X
        ^"""),
    ("ſin(x)", """\
a name needs letters in their plain form, got ſin with U+017F LATIN SMALL LETTER LONG S; write sin
  ſin(x)
  ^^^"""),
    ("αβ + sin(x, y)", """\
sin needs 1 argument, got 2
  αβ + sin(x, y)
       ^^^^^^^^^"""),
    ("Piecewise((x, x > 0))", """\
Piecewise needs a last pair (value, True), got 1 without it; it is the value where no condition holds
  Piecewise((x, x > 0))
  ^^^^^^^^^^^^^^^^^^^^^"""),
    ("x*True", """\
a formula needs numbers, got True; True and False only stand in Piecewise
  x*True
    ^^^^"""),
    ("x*3j", """\
a number needs to be real, got 3j
  x*3j
    ^^"""),
    ("x + 1e999", """\
a number needs a magnitude below 1.8e308, got 1e999
  x + 1e999
      ^^^^^"""),
    ("x**(10**9)", """\
a constant exponent needs a magnitude of at most 1000000, got 1000000000
  x**(10**9)
      ^^^^^"""),
    ("x + log(1 - 2)", """\
a constant needs a finite real value, got log(-1)
  x + log(1 - 2)
      ^^^^^^^^^^"""),
    ("x + (-8)**(1/3)", """\
a constant needs a finite real value, got (-8)**(1/3)
  x + (-8)**(1/3)
      ^^^^^^^^^^^"""),
    ("x*exp(1000)", """\
a constant needs a magnitude below 1.8e308, got exp(1000)
  x*exp(1000)
    ^^^^^^^^^"""),
    ("x\u200b + y", """\
a formula needs characters that can be seen, and plain blanks, got U+200B ZERO WIDTH SPACE
  x\N{REPLACEMENT CHARACTER} + y
   ^"""),
    ("t = 2*y\n  t2 = t\nt2", """\
a program needs lines that begin in one column, got one that does not
    t2 = t
   ^"""),
    ("t = 2*x\nx = t\nx", """\
an assignment needs a new name, got x, an input; write x1 = …
  x = t
  ^"""),
    ("t = 2*x\nt + 1\nt", """\
a line before the last needs name = expression, got an expression alone; \
write a, b in the last line for several outputs
  t + 1
  ^^^^^"""),
    ("  t = 2*x\n  t*sine(t)", """\
a call needs a known function, got sine; did you mean sin?
    t*sine(t)
      ^^^^"""),
]
# fmt: on


@pytest.mark.parametrize(("text", "message"), MESSAGES, ids=[text for text, _ in MESSAGES])
def test_message(text: str, message: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        parse_formula(text, ["x", "y", "z"] if "X" in text else None)
    assert str(caught.value) == message
