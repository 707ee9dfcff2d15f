"""Files of one megabyte each, as a hostile pull request may write them."""

SIZE = 1 << 20
HEAD = """\
format = 1
workspace = "w"
organization = "contoso"

[defaults]
lifetime = "90d"
rotate_before = "7d"

[sink.files]
type = "file"
path = "secrets"

"""
# What every token has, where a shape is not about it.
DEFAULTS = HEAD.replace("[sink", 'scopes = ["vso.code"]\n\n[sink', 1)
ID = "{:08x}-1a7c-4e0b-9d6e-0f4a3b2c1d00"


def filled(line, head=HEAD, tail="", size=SIZE):
    """`head`, as many `line`s as there is room for, each with its number, and
    `tail`."""
    parts, room, number = [], size - len(head) - len(tail), 0
    while True:
        part = line(number) if callable(line) else line
        room -= len(part)
        if room < 0:
            return head + "".join(parts) + tail
        parts.append(part)
        number += 1


def in_token(line, tail="", before=""):
    """A token with a list or the like that fills the file."""
    return filled(line, HEAD + '[token.a]\nscopes = ["vso.code"]\n' + before,
                  tail)


SHAPES = {
    # Depth.
    "a dotted key": lambda: filled("a.", tail="a = 1\n"),
    "dotted keys of a hundred parts": lambda: filled(
        lambda n: f"k{n}." + "a." * 99 + "a = 1\n"),
    "dotted keys of sixteen parts": lambda: filled(
        lambda n: f"k{n}." + "a." * 14 + "a = 1\n"),
    "a dotted header": lambda: filled("a.", HEAD + "[", "a]\n"),
    "quoted parts": lambda: filled('"a".', HEAD, '"a" = 1\n'),
    "blanks between the parts": lambda: filled("a . ", HEAD, "a = 1\n"),
    "nested lists": lambda: filled("[", HEAD + "a = "),
    "nested lists that are closed": lambda: HEAD + "a = " + "[" * 500_000
    + "]" * 500_000 + "\n",
    "nested lists over many lines": lambda: filled("[\n", HEAD + "a = "),
    "nested tables": lambda: filled("{a=", HEAD + "a = "),
    "nested tables and lists": lambda: filled("[{a=", HEAD + "a = "),
    "open headers": lambda: filled("[", HEAD),
    "open headers on lines of their own": lambda: filled("[[\n", HEAD),
    # Counts.
    "tables": lambda: filled(lambda n: f"[a.{n}]\n"),
    "tables in a list": lambda: filled("[[a]]\n"),
    "tables within tables in a list": lambda: filled("[[a]]\n[a.b]\n"),
    "sixteen parts a header": lambda: filled(
        lambda n: f"[k{n}" + ".a" * 15 + "]\n"),
    "unknown keys": lambda: filled(lambda n: f"k{n}=1\n"),
    "one key again and again": lambda: filled("a = 1\n"),
    "unknown keys of one token": lambda: in_token(lambda n: f"k{n} = 1\n"),
    "unknown keys alike": lambda: in_token(
        lambda n: f"deliverx{n % 7}{n} = 1\n"),
    "a list of numbers": lambda: filled("1,", HEAD + "a = [", "]\n"),
    "a list of numbers over many lines": lambda: filled("1,\n", HEAD + "a = [",
                                                        "]\n"),
    "a list of lists": lambda: filled("[],\n", HEAD + "a = [", "]\n"),
    "a list of tables": lambda: filled("{},\n", HEAD + "a = [", "]\n"),
    "empty tokens": lambda: filled(lambda n: f"[token.a{n}]\n"),
    "tokens from the defaults": lambda: filled(
        lambda n: f"[token.a{n}]\n", DEFAULTS),
    "watched tokens of long defaults": lambda: filled(
        lambda n: f"[token.a{n}]\n", DEFAULTS.replace(
            "[sink", 'purpose = "' + "p" * 4000 + '"\nowner = "' + "o" * 4000
            + '"\n\n[sink', 1)),
    "tokens delivered as the defaults say, at length": lambda: filled(
        lambda n: f"[token.a{n}]\n", DEFAULTS.replace(
            "[sink", "deliver = [" + ",\n".join(
                f'{{ to = "files", at = "{i}/{{name}}" }}'
                for i in range(1000)) + "]\n\n[sink", 1)),
    "names that grow in their places": lambda: filled(
        lambda n: f'[token."{n:0150}"]\ndeliver = [{{ to = "files", at = '
        f'"{"{name}" * 600}" }}]\n', DEFAULTS),
    "labels": lambda: in_token(lambda n: f'l{n} = "x"\n',
                               before="[token.a.labels]\n"),
    "sinks": lambda: filled(
        lambda n: f'[sink.s{n}]\ntype = "file"\npath = "p{n}"\n'),
    "sinks and their deliveries": lambda: filled(
        lambda n: f'[sink.s{n}]\ntype = "file"\npath = "p{n}"\n[token.a{n}]\n'
        f'deliver = [{{ to = "s{n}" }}]\n', DEFAULTS),
    "deliveries to sinks that are missing": lambda: filled(
        lambda n: f'{{ to = "missing-sink-number-{n}" }},\n',
        HEAD + '[token.a]\nscopes = ["vso.code"]\ndeliver = [\n', "]\n"),
    "missing sinks beside many": lambda: filled(
        lambda n: f'[sink."{n:0100}"]\ntype = "file"\npath = "p"\n[token.a{n}]'
        f'\ndeliver = [{{ to = "{n:099}x" }}]\n', DEFAULTS),
    "deliveries of one token": lambda: filled(
        lambda n: f'{{ to = "files", at = "{n}" }},\n',
        HEAD + '[token.a]\nscopes = ["vso.code"]\ndeliver = [\n', "]\n"),
    # Checks.
    "unknown scopes": lambda: filled(
        lambda n: f'"vso.cod{n}",\n', HEAD + "[token.a]\nscopes = [\n", "]\n"),
    "unknown scopes on one line": lambda: filled(
        lambda n: f'"vso.cod{n}",', HEAD + "[token.a]\nscopes = [", "]\n"),
    "unknown scopes on long lines": lambda: filled(
        lambda n: f'"vso.cod{n}",' + ("\n" if n % 1500 == 0 else ""),
        HEAD + "[token.a]\nscopes = [", "]\n"),
    "tokens with an unknown scope": lambda: filled(
        lambda n: f'[token.a{n}]\nscopes = ["vso.cod"]\n'),
    "tokens with unknown scopes of any length": lambda: filled(
        lambda n: f'[token.a{n}]\nscopes = ["vso.{"x" * (n % 60)}"]\n'),
    "known scopes again and again": lambda: filled(
        '"vso.code_full",\n"vso.code",\n', HEAD + "[token.a]\nscopes = [\n",
        "]\n"),
    "every scope there may be": lambda: filled(
        lambda n: f'"vso.x{n}",\n', HEAD + "[policy]\nallow_unknown_scopes = "
        "true\n[token.a]\nscopes = [\n", "]\n"),
    "replaced tokens": lambda: filled(
        lambda n: f'"{ID.format(n)}",\n', HEAD + '[token.a]\nscopes = '
        '["vso.code"]\ndeliver = [{ to = "files" }]\nreplaces = [\n', "]\n"),
    "one replaced token again and again": lambda: filled(
        f'"{ID.format(1)}",\n', HEAD + '[token.a]\nscopes = ["vso.code"]\n'
        'deliver = [{ to = "files" }]\nreplaces = [\n', "]\n"),
    "tokens that replace the same": lambda: filled(
        lambda n: f'[token.a{n}]\nreplaces = ["{ID.format(1)}"]\n',
        DEFAULTS.replace("[sink", 'deliver = [{ to = "files" }]\n\n[sink', 1)),
    "renames": lambda: filled(
        lambda n: f'[token.a{n}]\nrenamed_from = "b"\n', DEFAULTS),
    "names that differ by case": lambda: filled(
        lambda n: "[token." + "".join(
            c.upper() if n >> i & 1 else c for i, c in enumerate("a" * 20))
        + "]\n", DEFAULTS),
    "names of one hash": lambda: filled(
        lambda n: '[token."' + "".join(
            ("bó" if n >> i & 1 else "cb") for i in range(16)) + '"]\n',
        DEFAULTS),
    "globs that look back": lambda: filled(
        lambda n: f'[token."{"a" * 100}{n}"]\n', DEFAULTS + "[policy]\n"
        + "prevent_revoke = [\n" + ",\n".join(
            f'"{"*a" * 100}{n}b"' for n in range(1000)) + "]\n"),
    "globs over scopes": lambda: filled(
        lambda n: f'"{"*o" * 20}{n}x",\n',
        HEAD + "[policy]\nforbidden_scopes = [\n", "]\n"),
    "globs over scopes of many tokens": lambda: filled(
        lambda n: f'[token.a{n}]\nscopes = ["vso.code"]\n',
        HEAD + "[policy]\nforbidden_scopes = [\n" + ",\n".join(
            f'"{"*o" * 20}{n}x*"' for n in range(5000)) + "]\n"),
    "a pattern that looks back": lambda: filled(
        lambda n: f'[token."{"a" * 100}{n}"]\n', DEFAULTS + "[policy]\n"
        "name_pattern = '(a*)*(a|a)*(a?){100}b'\n"),
    "a pattern that multiplies": lambda: filled(
        "(a{1,9}){1,9}", HEAD + "[policy]\nname_pattern = '", "'\n"),
    "exceptions": lambda: filled(
        lambda n: f'{{ rule = "max_lifetime", token = "a{n}", until = '
        f'2027-01-01T00:00:00Z, reason = "r" }},\n',
        HEAD + '[policy]\nmax_lifetime = "1d"\nexceptions = [\n', "]\n"),
    "exceptions beside the tokens they are for": lambda: filled(
        lambda n: f'[token.a{n}]\n', DEFAULTS + '[policy]\n'
        'max_lifetime = "1d"\nexceptions = [\n' + ",\n".join(
            f'{{ rule = "max_lifetime", token = "*a*{n}*x*", until = '
            f'2027-01-01T00:00:00Z, reason = "r" }}' for n in range(4000))
        + "]\n"),
    "tokens that break every rule": lambda: filled(
        lambda n: f'[token.a{n}]\n', DEFAULTS + '[policy]\n'
        'max_lifetime = "1d"\nforbidden_scopes = ["vso.*"]\nname_pattern = '
        '"x"\nrequired_fields = ["owner", "purpose"]\nmax_tokens = 1\n'),
    "rules for the sinks of scopes": lambda: filled(
        lambda n: f'{{ scopes = ["vso.code"], sinks = ["s{n}"] }},\n',
        HEAD + "[policy]\nsinks_for_scopes = [\n", "]\n"),
    # As much as may be.
    "as many globs as may be, over as many scopes": lambda: filled(
        lambda n: f'[token.a{n}]\nscopes = ["vso.x{n % 99}"]\n',
        HEAD + "[policy]\nallow_unknown_scopes = true\nforbidden_scopes = [\n"
        + ",\n".join(f'"{"*x" * 120}{n}*y"' for n in range(100)) + "]\n"),
    "as many exceptions for patterns as may be": lambda: filled(
        lambda n: f'[token."{"a" * 140}{n}"]\n', DEFAULTS + '[policy]\n'
        'max_lifetime = "1d"\nexceptions = [\n' + ",\n".join(
            f'{{ rule = "max_lifetime", token = "{"*a" * 100}{n}b", until = '
            f'2027-01-01T00:00:00Z, reason = "r" }}' for n in range(50))
        + "]\n"),
    "one exception for all, at length": lambda: filled(
        lambda n: f'[token.a{n}]\n', DEFAULTS + '[policy]\n'
        'max_lifetime = "1d"\nexceptions = [{ rule = "max_lifetime", token = '
        f'"*", until = 2027-01-01T00:00:00Z, reason = "{"r" * 4000}" }}]\n'),
    "as many rules for sinks as may be": lambda: filled(
        lambda n: f'[token.a{n}]\ndeliver = [{{ to = "files", at = "{n}" }}]\n',
        DEFAULTS + "[policy]\nsinks_for_scopes = [\n" + ",\n".join(
            '{ scopes = ["*v*s*o*", "x*"], sinks = ['
            + ", ".join(f'"{"*i" * 60}{n}-{i}"' for i in range(50)) + "] }"
            for n in range(64)) + "]\n"),
    "as many places in the defaults as may be": lambda: filled(
        lambda n: f"[token.a{n}]\n", DEFAULTS.replace(
            "[sink", "deliver = [" + ",\n".join(
                f'{{ to = "files", at = "{i}/{{name}}" }}'
                for i in range(256)) + "]\n\n[sink", 1)),
    "as many scopes as may be": lambda: filled(
        lambda n: f"[token.a{n}]\nscopes = [" + ",\n".join(
            f'"vso.x{i % 99}"' for i in range(256)) + "]\n",
        HEAD + "[policy]\nallow_unknown_scopes = true\n"),
    "as many sinks as may be": lambda: filled(
        lambda n: (f'[sink.s{n}]\ntype = "file"\npath = "{"p" * 100}{n}"\n'
                   if n < 1000 else "")
        + f'[token.a{n}]\ndeliver = [{{ to = "s{n % 1000}" }}]\n', DEFAULTS),
    "a sink at the end of a long path": lambda: filled(
        lambda n: f'[token.a{n}]\ndeliver = [{{ to = "long" }}]\n',
        DEFAULTS + '[sink.long]\ntype = "file"\npath = "' + "p/" * 2000
        + 'p"\n'),
    "as many fields as may be": lambda: filled(
        lambda n: f"[token.a{n}]\n", DEFAULTS + "[policy]\nrequired_fields = ["
        + ",".join(f'"f{n}"' for n in range(32)) + "]\n"),
    "as much nesting as may be": lambda: filled(
        lambda n: f"k{n} = " + "[" * 16 + "]" * 16 + "\n"),
    "tables as deep as may be": lambda: filled(
        lambda n: f"[k{n}.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a]\n", size=SIZE // 2),
    "as many tables in a list as may be": lambda: filled(
        "[[a]]\n", size=700_000),
    "as many values in a list as may be": lambda: filled(
        "1,\n", HEAD + "a = [", "]\n", size=740_000),
    "as many lists in a list as may be": lambda: filled(
        "[],\n", HEAD + "a = [", "]\n", size=495_000),
    "as many tables in a table as may be": lambda: filled(
        "{},\n", HEAD + "a = [", "]\n", size=495_000),
    "strings as long as may be": lambda: filled(
        lambda n: f'k{n} = "' + "\\u00e9" * 5000 + '"\n'),
    "lines as long as may be": lambda: filled(
        lambda n: f"k{n} = [" + "1," * 3000 + "]" + " " * 26000 + "\n"),
    "long lines of many errors": lambda: filled(
        lambda n: f"[token.a{n}]\nscopes = [" + "1, " * 250 + "]\n"),
    # Lengths.
    "a string": lambda: filled("x", HEAD + 'a = "', '"\n'),
    "a string of many lines": lambda: filled("x\n", HEAD + 'a = """\n',
                                             '"""\n'),
    "escapes": lambda: filled("\\u00e9", HEAD + 'a = "', '"\n'),
    "an open string": lambda: filled("\\\"x\n", HEAD + 'a = """'),
    "quotes": lambda: filled('"', HEAD),
    "a word": lambda: filled("x", HEAD),
    "a number": lambda: filled("1", HEAD + "a = ", "\n"),
    "numbers and underscores": lambda: filled("1_", HEAD + "a = ", "1\n"),
    "a comment": lambda: filled("x", HEAD + "# "),
    "blank lines": lambda: filled("\n", HEAD),
    "blanks": lambda: filled(" ", HEAD),
    "returns": lambda: filled("\r", HEAD),
    "a token's name": lambda: filled("x", HEAD + '[token."', '"]\n'),
    "long names": lambda: filled(
        lambda n: f'[token."{"x" * 30000}{n}"]\n', DEFAULTS),
    "line feeds and a NUL": lambda: filled("\n", HEAD, "\0"),
    "what is not UTF-8": lambda: filled("\n", HEAD, "\udcff"),
    "a duration": lambda: filled("1", HEAD + '[token.a]\nlifetime = "', 'd"\n'),
    "braces": lambda: filled("{{", HEAD + '[token.a]\nowner = "', '"\n'),
    "places of braces": lambda: filled(
        lambda n: f'[token.a{n}]\nowner = "{"{{" * 1000}"\n', DEFAULTS),
    "what looks like secrets": lambda: filled(
        lambda n: f'[token.a{n}]\nowner = "{"eyJ" + "." * 3000}"\n', DEFAULTS),
    "unknown keys behind a long line": lambda: filled(
        lambda n: f"k{n} = [{'1,' * 15000}]\n"),
}
