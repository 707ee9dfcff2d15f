"""patform audit: all tokens of a user, the gravest risk first."""

import json

from configuration import configuration, token
from harness import case, check, equal


def ranked(report):
    return [(t["display_name"].split(" ~pf:")[0], t["level"],
             [r["id"] for r in t["risks"]]) for t in report["tokens"]]


def three_by_hand(service):
    service.mint("reads", scope="vso.code", days=30)
    service.mint("everything", scope="app_token", days=200)
    service.mint("everywhere", scope="vso.packaging", days=30,
                 everywhere=True)


WANT = [
    ("everywhere", "critical", ["global_token", "undeclared"]),
    ("everything", "critical", ["full_access", "long_lived", "undeclared"]),
    ("reads", "low", ["undeclared", "replaceable"]),
    ("feed", "none", []),
]


@case
def audit_ranks(world):
    """audit ranks declared and other tokens, as text, JSON and SARIF"""
    service = world.start()
    three_by_hand(service)
    world.write(configuration(token("feed", scopes=("vso.packaging",))))
    world.apply()
    sent = len(service.requests("POST"))
    report = json.loads(world.run("audit", "--format", "json", expect=0).out)
    equal("ranked", ranked(report), WANT)
    equal("summary", report["summary"],
          {"critical": 2, "high": 0, "medium": 0, "low": 1, "none": 1})
    equal("the declared token", report["tokens"][3]["address"], "token.feed")
    text = world.run("audit", expect=0).out
    check("the date", "such tokens on 2026-12-01" in text, text)
    check("the counts", "Audit: 4 live tokens, 2 critical, 0 high, 0 medium, "
          "1 low, 1 without a risk." in text, text)
    sarif = json.loads(world.run("audit", "--format", "sarif", expect=0).out)
    equal("SARIF results",
          [r["ruleId"] for r in sarif["runs"][0]["results"]],
          [risk for _, _, risks in WANT for risk in risks])
    equal("the same bytes", world.run("audit", "--now", "2026-11-23T00:00:00Z",
                                      expect=0).out,
          world.run("audit", "--now", "2026-11-23T00:00:00Z", expect=0).out)
    world.run("audit", "--detailed-exitcode", expect=2)
    equal("requests that change", len(service.requests("POST")), sent)


@case
def audit_of_an_organization(world):
    """audit --organization reads no configuration; a policy file may judge"""
    service = world.start()
    three_by_hand(service)
    world.write("no TOML [")
    result = world.run("audit", "--organization", "contoso", "--format",
                       "json", expect=0)
    report = json.loads(result.out)
    equal("ranked", [(name, risks) for name, _, risks in ranked(report)],
          [("everywhere", ["global_token"]),
           ("everything", ["full_access", "long_lived"]),
           ("reads", ["replaceable"])])
    equal("without a workspace", report["workspace"], None)
    policy = world.write('[policy]\nfull_scope = "deny"\nexisting = "error"\n',
                         "policy.toml")
    result = world.run("audit", "--organization", "contoso", "--policy",
                       str(policy), expect=5)
    check("the rule", "Error full_scope: " in result.out
          and "policy.toml:2: everything" in result.out, result.out)
    policy.write_text('[policy]\nfull_scop = "deny"\n')
    world.run("audit", "--organization", "contoso", "--policy", str(policy),
              expect=3)


@case
def audit_of_a_snapshot(world):
    """audit --snapshot needs no network, with and without a configuration"""
    service = world.start()
    three_by_hand(service)
    world.write(configuration(token("feed", scopes=("vso.packaging",))))
    world.apply()
    saved = world.folder / "world.json"
    world.run("snapshot", "--out", str(saved), expect=0)
    live = json.loads(world.run("audit", "--format", "json", expect=0).out)
    sent = service.requests()
    nobody = {"PATFORM_ACCESS_TOKEN": None, "PATFORM_SERVICE_URL": None}
    result = world.run("audit", "--snapshot", str(saved), "--format", "json",
                       expect=0, **nobody)
    report = json.loads(result.out)
    equal("ranked", ranked(report), ranked(live))
    check("its age", report["snapshot_taken_at"] is not None, result.out)
    result = world.run("audit", "--snapshot", str(saved), "--organization",
                       "contoso", "--format", "json", expect=0, **nobody)
    equal("tokens", len(json.loads(result.out)["tokens"]), 4)
    world.run("audit", "--snapshot", str(saved), "--organization", "fabrikam",
              expect=8, **nobody)
    equal("requests", service.requests(), sent)
