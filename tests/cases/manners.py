"""The command line: JSON everywhere, hints, help, and what fits a terminal."""

import json

from configuration import configuration, many, token
from harness import case, check, equal
from inputs import each


@case
def json_of_everything(world):
    """--json of each command prints JSON and nothing else"""
    service = world.start()
    service.mint("by hand")
    world.write(many(2))
    saved = str(world.folder / "plan.json")
    world.plan("--out", saved)
    digest = json.loads(world.plan("--json").out)["digest"]
    for words in each((
            ["validate"], ["plan"], ["show", saved], ["status"], ["audit"],
            ["verify", digest], ["scopes"], ["scopes", "feeds"], ["schema"],
            ["schema", "plan"], ["version"], ["help"], ["help", "plan"],
            ["import"], ["comment", saved, "--dry-run"],
            ["snapshot", "--out", str(world.folder / "w.json")],
            ["init", str(world.folder / "new.toml")])):
        result = world.run(*words, "--json", expect=0)
        check(" ".join(words), isinstance(json.loads(result.out), dict),
              result.out)
    version = json.loads(world.run("version", "--json").out)
    check("the commit", version["commit"] and version["version"], version)
    equal("before the command",
          json.loads(world.run("--json", "version").out), version)
    lines = world.run("apply", "--json", "--auto-approve", expect=0).out
    for line in lines.splitlines():
        json.loads(line)
    world.write("format = 2\n")
    answer = json.loads(world.run("validate", "--json", expect=3).out)
    equal("valid", answer["valid"], False)
    check("errors", answer["errors"] > 1 and answer["diagnostics"][0]["line"],
          answer)


@case
def hints(world):
    """words of other tools lead to what does the job here"""
    for words, want in each((
            ("destroy", "patform apply"), ("state list", "patform status"),
            ("list", "patform status"), ("rotate ci", "--rotate NAME"),
            ("fmt", "patform validate"), ("signin", "patform login"),
            ("signout", "patform logout"), ("auth", "patform login"),
            ("mv a b", "renamed_from"), ("renew", "--rotate NAME"),
            ("completion bash", "help --json"), ("tokens", "patform status"),
            ("plan -o json", "--format json"), ("apply --yes", "-y"),
            ("apply --force", "--auto-approve"), ("plan -v", "--json"),
            ("plan --verbose", "--json"), ("plan --color", "--no-color"),
            ("plan --color=never", "--no-color"),
            ("plan --tenant x", "`tenant` and `client_id` in [auth]"),
            ("plan -json", "--json"), ("apply -auto-approve",
                                       "--auto-approve"))):
        result = world.run(*words.split(), expect=3)
        check(words, want in result.err, result.err)


@case
def help_of_each_command(world):
    """each help has the flags that every command takes"""
    commands = json.loads(world.run("help", "--json", expect=0).out)
    names = [c["command"] for c in commands["commands"]]
    check("names", "plan" in names and len(names) >= 15, names)
    for name in each(names):
        text = world.run(name, "--help", expect=0).out
        for flag in ("--json", "--config", "--no-color", "--quiet", "--chdir"):
            check(f"{name}: {flag}", flag in text, text)
        check(f"{name}: too wide",
              all(len(line) <= 80 for line in text.splitlines()
                  if not line.startswith("  patform")), text)


@case
def status_fits(world):
    """status has 80 columns, and what ends first comes first"""
    world.start()
    world.write(configuration(token("later", lifetime="30d"),
                              token("sooner", lifetime="9d"),
                              token("n" * 50, lifetime="20d")))
    result = world.run("status", expect=0)
    check("missing", "3 missing" in result.out, result.out)
    world.apply()
    lines = world.run("status", expect=0).out.splitlines()
    check("too wide", all(len(line) <= 80 for line in lines), lines)
    first = [line.split()[0] for line in lines
             if line.startswith("token.")]
    equal("order", first, ["token.sooner", "token." + "n" * 50, "token.later"])
    check("both dates", " in 8d" in "\n".join(lines)
          or " in 9d" in "\n".join(lines), lines)


@case
def secrets_are_somewhere(world):
    """after an apply a line says where each secret is"""
    world.start()
    world.write(many(2))
    result = world.apply()
    for name in ("t000", "t001"):
        check(name, f"Secret of token.{name}: files:{name} = file"
              in result.out, result.out)
    world.settled()


@case
def starter_is_no_risk(world):
    """audit has nothing against what the starter declares"""
    world.start()
    world.run("init", str(world.config), expect=0)
    world.apply()
    result = world.run("audit", expect=0)
    check("a risk", "0 critical, 0 high, 0 medium, 0 low" in result.out,
          result.out)


@case
def findings_are_grouped(world):
    """broken rules are headed, grouped, and sorted by line"""
    world.start()
    world.write(configuration(
        token("b"), token("a", owner="x"), token("c"),
        policy='[policy]\nmax_lifetime = "7d"\nrequired_fields = ["owner"]\n'
               'severity = { max_lifetime = "warning" }\n'))
    text = world.plan(expect=5).out
    check("numbers first", text.index("The policy has 2 errors and 3 warnings, "
                                      "listed below the changes.")
          < text.index("# token.b"), text)
    equal("heads", [line.split(":")[0] for line in text.splitlines()
                    if line.startswith(("Error ", "Warning "))],
          ["Error required_fields", "Warning max_lifetime"])
    lines = [int(line.split(":")[1]) for line in text.splitlines()
             if line.startswith("    ") and ".toml:" in line]
    equal("by line", lines[:2], sorted(lines[:2]))
    equal("by line, of the next rule", lines[2:], sorted(lines[2:]))


@case
def could_write(world):
    """a bearer that could write is worth a note in pull requests alone"""
    world.start()
    world.write(many(1))
    note = "could also create and revoke tokens"
    pull = {"TF_BUILD": "True", "BUILD_REPOSITORY_PROVIDER": "TfsGit",
            "BUILD_REPOSITORY_ID": "r", "SYSTEM_TEAMPROJECT": "p",
            "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "7"}
    check("alone", note not in world.plan().err)
    equal("in a pull request", world.plan(**pull).err.count(note), 1)
    check("quiet", note not in world.plan("-q", **pull).err)


@case
def starters(world):
    """init writes into a folder, and 1 is the code of one it cannot write"""
    folder = world.folder / "team"
    folder.mkdir()
    world.run("init", str(folder), expect=0)
    check("the file", (folder / "patform.toml").exists())
    result = world.run("init", str(folder) + "/", expect=3)
    check("there already", "exists already" in result.err, result.err)
    result = world.run("init", "/proc/self/x/patform.toml", expect=1)
    check("the reason", "No such file" in result.err, result.err)
    # Root may write nearly everywhere, and a bare machine has no /sys.
    below = folder / "patform.toml" / "patform.toml"
    result = world.run("init", str(below), expect=1)
    check("the reason", f"{below}: Not a directory" in result.err, result.err)
