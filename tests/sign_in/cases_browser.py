"""A desk with a browser: from `patform login` to a plan."""

import json
import urllib.error
import urllib.parse
import urllib.request

from browser import Browser
from configuration import token
from entra import AZURE_DEVOPS, DESK
from harness import case, check, equal
from stage import ADA, Login, auth, cache, declare, stage, start_login
from words import told


def desk(world, **more):
    entra = stage(world)
    declare(world, auth(world, "sign-in", **more), token("ci"))
    return entra


def knock(url):
    """What a program on this machine gets of the address that waits."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def parameters(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


@case
def browser_to_empty_plan(world):
    """browser: Chromium from `patform login` to an empty second plan"""
    entra = desk(world)
    browser = Browser(world.folder / "browser")
    world.opened.append(browser)
    login, url = start_login(world)
    browser.open(url)
    equal("page", browser.title(), "Pick an account")
    browser.click("Ada Lovelace")
    said = login.wait(expect=0)
    check("who", ADA in said.out + said.err, str(said))
    check("the last page", "close" in browser.text(), browser.text())
    asked = entra.requests("authorize")[0]
    equal("PKCE", asked["method"], "S256")
    check("a loopback address", asked["redirect"].startswith(
        "http://localhost:"), asked["redirect"])
    equal("the cache", [oct(path.stat().st_mode & 0o777) for path in
                        (cache(world), *sorted(cache(world).glob("*.json")))],
          ["0o700", "0o600"])
    world.plan("--detailed-exitcode", expect=2)
    world.apply()
    world.settled()
    who = json.loads(world.run("whoami", "--json", expect=0).out)
    equal("whoami", {name: who[name] for name in (
        "name", "tenant", "audience", "scopes", "may_apply")},
        {"name": ADA, "tenant": entra.tenant, "audience": "Azure DevOps",
         "scopes": ["vso.pats", "vso.pats_manage"], "may_apply": True})
    # An access token is asked for once and kept.
    equal("requests", [r["grant"] for r in entra.requests("token")],
          ["authorization_code"])
    world.run("logout", expect=0)
    equal("what is left", list(cache(world).glob("*.json")), [])
    world.plan(expect=4)


@case
def given_up(world):
    """browser: a person who gives up, and answers that are nobody's"""
    entra = desk(world)
    login, url = start_login(world)
    back = parameters(url)["redirect_uri"]
    equal("the address names the application", parameters(url)["client_id"],
          DESK)
    for query in ("", "/?code=stolen&state=another", "/favicon.ico",
                  "/?error=access_denied", "/callback?code=stolen&state="
                  + parameters(url)["state"]):
        status, page = knock(back.replace("localhost", "127.0.0.1") + query)
        check(f"{query} was taken", status >= 400, f"{status} {page}")
    equal("still waiting", login.running.process.poll(), None)
    _, page = knock(entra.sign_in(url, ""))
    check("the page", "<" in page, page)
    said = login.wait(expect=4)
    told("given up in the browser", said)


@case
def nobody_comes(world):
    """browser: an interrupt while the browser waits"""
    desk(world)
    login, _ = start_login(world)
    login.running.interrupt()
    login.wait(expect=130)
    equal("kept", list(cache(world).glob("*.json")), [])


@case
def admin_approval(world):
    """browser: "Need admin approval", with the link for an administrator"""
    entra = desk(world)
    entra.fault("authorize", redirect={
        "error": "access_denied", "error_description":
        "AADSTS90094: An administrator must grant consent."})
    login, url = start_login(world)
    knock(entra.sign_in(url, ""))
    said = login.wait(expect=4)
    told("admin approval in the browser", said)


@case
def no_browser(world):
    """browser: the address is shown where none can be started"""
    entra = desk(world)
    login = Login(world, "login", "--no-browser")
    url = login.until(r"(https://\S+)")[1]
    knock(entra.sign_in(url, ADA))
    login.wait(expect=0)
    world.plan("--detailed-exitcode", expect=2)
    equal("audience", entra.requests("token")[0]["scope"].split()[0],
          f"{AZURE_DEVOPS}/vso.pats")
