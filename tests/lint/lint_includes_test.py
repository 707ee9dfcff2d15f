#!/usr/bin/env python3
"""Seeds one breach a case and checks that lint_includes.py names it, whole
line for whole line, and that sound files are left in peace."""

import sys

sys.dont_write_bytecode = True

import lint_includes as lint

LAYERS = lint.Layers(lint.HERE / "layers.txt")
RULES = lint.read_confinement(lint.HERE / "confinement.txt")

# name, file, text, breaches
CASES = [
    ("downward is fine", "engine/diff/a.cc",
     '#include "engine/model/token.h"\n#include "engine/base/clock.h"\n', []),
    ("own layer is fine", "engine/diff/a.cc",
     '#include "engine/diff/change.h"\n', []),
    ("upward", "engine/base/a.cc", '\n#include "engine/model/token.h"\n',
     ['engine/base/a.cc:2: base must not include model '
      '("engine/model/token.h")']),
    ("sideways", "engine/observed/a.cc", '#include "engine/desired/a.h"\n',
     ['engine/observed/a.cc:1: observed must not include desired '
      '("engine/desired/a.h")']),
    ("the engine sees no provider", "engine/cli/plan.cc",
     '#include "providers/http/url.h"\n',
     ['engine/cli/plan.cc:1: cli must not include http '
      '("providers/http/url.h")']),
    ("main sees the wiring and the command line", "engine/main.cc",
     '#include "providers/wiring.h"\n#include "engine/cli/cli.h"\n', []),
    ("main sees no adapter", "engine/main.cc",
     '#include "providers/http/url.h"\n',
     ['engine/main.cc:1: main must not include http '
      '("providers/http/url.h")']),
    ("the wiring sees adapters", "providers/wiring.cc",
     '#include "providers/http/url.h"\n', []),
    ("the wiring sees no stage", "providers/wiring.cc",
     '#include "engine/plan/plan.h"\n',
     ['providers/wiring.cc:1: wiring must not include plan '
      '("engine/plan/plan.h")']),
    ("a provider sees its port", "providers/sinks/a.cc",
     '#include "engine/ports/secret_sink.h"\n', []),
    ("a provider sees nothing behind the port", "providers/sinks/a.cc",
     '#include "engine/observed/read_records.h"\n',
     ['providers/sinks/a.cc:1: sinks must not include observed '
      '("engine/observed/read_records.h")']),
    ("transport knows no service", "providers/http/a.cc",
     '#include "providers/azure_devops/pat_api.h"\n',
     ['providers/http/a.cc:1: http must not include devops '
      '("providers/azure_devops/pat_api.h")']),
    ("the provider does not see its emulator", "providers/azure_devops/a.cc",
     '#include "providers/emulator/tokens/store.h"\n',
     ['providers/azure_devops/a.cc:1: devops must not include emulator '
      '("providers/emulator/tokens/store.h")']),
    ("Beast outside of http", "engine/apply/a.cc",
     "#include <boost/beast/core.hpp>\n",
     ["engine/apply/a.cc:1: <boost/beast/core.hpp> is confined to "
      "providers/http/ providers/emulator/http/ (^boost/(asio|beast))"]),
    ("toml++ in another file of desired", "engine/desired/a.cc",
     "#include <toml++/toml.h>\n",
     ["engine/desired/a.cc:1: <toml++/toml.h> is confined to "
      "engine/desired/toml_reader.cc (^toml\\+\\+/)"]),
    ("files past the port", "engine/cli/a.cc", "#  include <fstream>\n",
     ["engine/cli/a.cc:1: <fstream> is confined to providers/ "
      "(^(fstream|filesystem)$)"]),
    ("relative include", "engine/cli/a.cc", '#include "cli.h"\n',
     ['engine/cli/a.cc:1: "cli.h": write the path from the repository\'s '
      "root"]),
    ("a folder without a layer", "engine/misc/a.cc", "\n",
     ["engine/misc/a.cc:1: no line of layers.txt names this file"]),
    ("an include from nowhere", "engine/cli/a.cc",
     '#include "engine/misc/a.h"\n',
     ['engine/cli/a.cc:1: "engine/misc/a.h": no line of layers.txt names '
      "it"]),
    ("no guard", "engine/base/a.h", "int a;\n",
     ["engine/base/a.h:1: a header without #pragma once"]),
    ("a guard", "engine/base/a.h", "#pragma once\n", []),
    ("81 columns", "engine/base/a.cc", "//" + "x" * 79 + "\n",
     ["engine/base/a.cc:1: 81 columns; at most 80"]),
    ("80 columns in characters, not bytes", "engine/base/a.cc",
     "//" + "é" * 78 + "\n", []),
    ("a raw string is as it is printed", "engine/base/a.cc",
     'auto a = R"x(' + "y" * 90 + '\n' + "z" * 90 + ')x";\n', []),
    ("behind a raw string", "engine/base/a.cc",
     'auto a = R"(y\nz)";\n//' + "x" * 79 + "\n",
     ["engine/base/a.cc:3: 81 columns; at most 80"]),
    ("blanks at the end", "engine/base/a.cc", "int a; \n",
     ["engine/base/a.cc:1: blanks at the line's end"]),
    ("1001 lines", "engine/base/a.cc", "\n" * 1001,
     ["engine/base/a.cc:1: 1001 lines; at most 1000"]),
]


def main():
    failed = 0
    for name, file, text, want in CASES:
        got = lint.check_file(file, text, LAYERS, RULES)
        if got != want:
            failed += 1
            print(f"{name}:\n  got  {got}\n  want {want}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
