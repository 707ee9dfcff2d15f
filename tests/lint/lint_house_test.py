#!/usr/bin/env python3
"""Checks that lint_house.py counts what it says it counts."""

import sys

sys.dont_write_bytecode = True

import lint_house as house

# name, text, [(line, lines, parameters, name)]
FUNCTIONS = [
    ("a function", "int F(int a, int b) {\n  return a;\n}\n",
     [(1, 3, 2, "F")]),
    ("no parameters", "void F() {\n}\n", [(1, 2, 0, "F")]),
    ("in a namespace", "namespace a::b {\nnamespace {\nint F() { return 1; }\n"
     "}\n}\n", [(3, 1, 0, "F")]),
    ("a member, and what is not a function",
     "struct S : T {\n  int a = 1;\n  std::vector<int> b{1, 2};\n"
     "  int F(std::map<int, int> m) const {\n    return 1;\n  }\n};\n",
     [(4, 3, 1, "F")]),
    ("a list of initializers",
     "S::S(int a)\n    : a_{a},\n      b_(a) {\n  Go();\n}\n",
     [(1, 5, 1, "S::S")]),
    ("a lambda counts with its function",
     "int F() {\n  const auto g = [](int a) {\n    return a;\n  };\n}\n",
     [(1, 5, 0, "F")]),
    ("a table is not a function",
     "constexpr Row kRows[] = {{1, 2},\n  {3, F(4)}};\nint G() { return 1; }\n",
     [(3, 1, 0, "G")]),
    ("braces in strings and comments",
     'int F() {\n  // {\n  return "{" + \'{\' + R"(\n{\n)";\n}\n',
     [(1, 5, 0, "F")]),
    ("comments of its own do not count",
     "// a\nint F() {\n  // b\n  // c\n  return 1;  // d\n}\n",
     [(2, 3, 0, "F")]),
    ("a default argument with a comma",
     "int F(int a, std::map<int, int> b = {}, int c = G(1, 2)) {\n}\n",
     [(1, 2, 3, "F")]),
    ("a directive", "#define A(x) {\nint F() {\n}\n", [(2, 2, 0, "F")]),
]

RUN = "".join(f"  Step{i}(now);\n" for i in range(house.SAME_LINES))

# name, files, pairs
DUPLICATES = [
    ("a run in two files", {"a.cc": RUN, "b.cc": "int x;\n" + RUN},
     [("a.cc:1", "b.cc:2")]),
    ("a line less", {"a.cc": RUN, "b.cc": RUN.split("\n", 1)[1]}, []),
    ("a longer run is one pair",
     {"a.cc": RUN + "  More();\n", "b.cc": RUN + "  More();\n"},
     [("a.cc:1", "b.cc:1")]),
    ("overrides do not count",
     {n: "".join(f"  std::pair<A, B> Step{i}(\n      int a) override;\n"
                 for i in range(9)) for n in ("a.h", "b.h")}, []),
    ("includes and comments do not count",
     {n: "".join(f"#include <a{i}>\n// b\n" for i in range(20))
      for n in ("a.cc", "b.cc")}, []),
]


def main():
    bad = 0

    def expect(name, got, wanted):
        nonlocal bad
        if got != wanted:
            bad += 1
            print(f"{name}:\n  {got}\nwanted\n  {wanted}")

    for name, text, wanted in FUNCTIONS:
        expect(name, house.functions(text), wanted)
    for name, files, wanted in DUPLICATES:
        expect(name, house.duplicates(files), wanted)
    expect("comments", house.comment_lines("// a\n\nint b;  // c\n"), (1, 2))
    figures, behind = house.measure(
        {"a.cc": "int F() {\n" + "  G();\n" * 60 + "}\n"})
    expect("a long function", behind["functions_over_60"],
           ["a.cc:1: F, 62 lines"])
    expect("limits that are crossed",
           [b.split("=")[0] for b in house.crossed(
               {**figures, "functions_over_60": 5, "p90": 1000,
                "duplicates": 0})],
           ["p90", "functions_over_60", "comment_share_cc"])
    total = len(FUNCTIONS) + len(DUPLICATES) + 3
    print(f"{total - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
