"""Microsoft's own client, MSAL for Python, against the shim: what passes here
is what patform is tested against."""

import base64
import threading
import urllib.parse
import warnings

import msal
import requests
from entra import (AZURE_DEVOPS, DESK, PIPELINE, READER, VAULT, claims_of)
from harness import case, check, equal
from stage import ADA, BOB, stage

# That the answer comes in the query, as it does to a loopback address.
warnings.filterwarnings("ignore", message="response_mode")
DEFAULT = [f"{AZURE_DEVOPS}/.default"]
REDIRECT = "http://localhost:18765"  # nobody listens: the address is read


def session(entra):
    """Requests that trust this server alone, whatever the machine says."""
    client = requests.Session()
    client.trust_env = False
    client.verify = str(entra.certificate)
    return client


def desk(entra, client=DESK, **more):
    return msal.PublicClientApplication(
        client, authority=entra.authority, instance_discovery=False,
        http_client=session(entra), **more)


def token(what, answer):
    check(what, "access_token" in answer, str(answer))
    return claims_of(answer["access_token"])


def by_browser(entra, app, user, scopes=None, **more):
    """An authorization code flow; its answer."""
    flow = app.initiate_auth_code_flow(scopes or DEFAULT,
                                       redirect_uri=REDIRECT, **more)
    ended = entra.sign_in(flow["auth_uri"], user)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(ended).query))
    return app.acquire_token_by_auth_code_flow(flow, query)


@case
def code_and_cache(world):
    """MSAL: code with PKCE, cache, another resource, a forced refresh"""
    entra = stage(world)
    app = desk(entra)
    claims = token("code", by_browser(entra, app, ADA))
    equal("claims", {name: claims[name] for name in
                     ("aud", "appid", "scp", "tid", "upn", "ver")},
          {"aud": AZURE_DEVOPS, "appid": DESK, "upn": ADA, "ver": "1.0",
           "scp": "vso.pats vso.pats_manage", "tid": entra.tenant})
    [account] = app.get_accounts()
    equal("account", account["username"], ADA)
    asked = len(entra.requests("token"))
    silent = app.acquire_token_silent(DEFAULT, account)
    equal("from the cache", silent["token_source"], "cache")
    equal("requests", len(entra.requests("token")), asked)
    vault = app.acquire_token_silent([f"{VAULT}/.default"], account)
    equal("another resource", token("vault", vault)["aud"], VAULT)
    forced = app.acquire_token_silent(DEFAULT, account, force_refresh=True)
    equal("forced", forced["token_source"], "identity_provider")
    check("the same token again",
          forced["access_token"] != silent["access_token"])
    for claims in (claims_of(forced["access_token"]), token("", silent)):
        equal("lifetime", claims["exp"] - claims["iat"], 4199 + 300)


@case
def code_refused(world):
    """MSAL: a code flow that is given up, and one that lacks consent"""
    entra = stage(world)
    answer = by_browser(entra, desk(entra), "")
    equal("given up", answer["error"], "access_denied")
    check("why", answer["error_description"].startswith("AADSTS65004: "),
          str(answer))
    for app, scopes, error in [
            (desk(entra, READER), [f"{AZURE_DEVOPS}/vso.pats_manage"],
             "AADSTS65001"),
            (desk(entra, READER), [f"{VAULT}/.default"], "AADSTS650057"),
            (desk(entra), ["https://nowhere.example/.default"],
             "AADSTS500011")]:
        flow = app.initiate_auth_code_flow(scopes, redirect_uri=REDIRECT)
        ended = entra.sign_in(flow["auth_uri"], ADA)
        check(error, error + "%3A" in ended, ended)


@case
def device_code(world):
    """MSAL: a device code, pending, entered, declined, expired"""
    entra = stage(world)
    app = desk(entra)
    flow = app.initiate_device_flow(DEFAULT)
    check("no message", flow["user_code"] in flow["message"], str(flow))
    equal("no address with the code", flow.get("verification_uri_complete"),
          None)
    entra.fault("device_code", aadsts=70016, error="slow_down")
    flow["interval"] = 0
    entra.rules(hasty=False)
    entering = threading.Thread(
        target=entra.enter_code, args=(flow["user_code"], BOB))
    entering.start()
    claims = token("device code", app.acquire_token_by_device_flow(flow))
    entering.join()
    equal("user", claims["upn"], BOB)

    flow = app.initiate_device_flow(DEFAULT)
    entra.enter_code(flow["user_code"], ADA, "cancel")
    once = {"exit_condition": lambda flow: True}
    answer = app.acquire_token_by_device_flow(flow, **once)
    equal("declined", answer["error"], "authorization_declined")

    flow = app.initiate_device_flow(DEFAULT)
    entra.later(901)
    answer = app.acquire_token_by_device_flow(flow, **once)
    equal("expired", answer["error"], "expired_token")


@case
def confidential(world):
    """MSAL: a user's refresh token, redeemed with certificate or assertion"""
    entra = stage(world)
    keys = entra.keys
    good = {
        "certificate": {"private_key": keys.app.private,
                        "thumbprint": keys.app.thumbprint},
        "certificate, by SHA-256": {"private_key": keys.app.private,
                                    "public_certificate": keys.app.pem},
        "federated": {"client_assertion": entra.pipeline_token},
        "secret": "a-secret-of-the-pipeline",
    }
    bad = {
        "AADSTS700027": {"private_key": keys.stranger.private,
                         "thumbprint": keys.stranger.thumbprint},
        "AADSTS700213": {"client_assertion": lambda: entra.pipeline_token(
            sub="repo:stranger/tokens:ref:refs/heads/main")},
        "AADSTS700024": {"client_assertion": lambda: entra.pipeline_token(
            exp=1_700_000_000)},
        "AADSTS7000215": "another-secret",
    }

    def redeem(credential):
        app = msal.ConfidentialClientApplication(
            PIPELINE, credential, authority=entra.authority,
            instance_discovery=False, http_client=session(entra))
        return app.acquire_token_by_refresh_token(seed, DEFAULT)

    seed = entra.seed(ADA, PIPELINE)
    for what, credential in good.items():
        claims = token(what, redeem(credential))
        equal(what, (claims["upn"], claims["appidacr"]), (ADA, "2"))
    for error, credential in bad.items():
        answer = redeem(credential)
        check(error, answer.get("error_description", "").startswith(
            error + ": "), str(answer))
    status, answer = entra.refresh(seed, PIPELINE)
    equal("without proof", (status, answer["error_codes"]), (401, [7000218]))
    replayed = entra.proof(PIPELINE)
    equal("once", entra.refresh(seed, PIPELINE, **replayed)[0], 200)
    equal("twice", entra.refresh(seed, PIPELINE, **replayed)[0], 401)
    status, answer = entra.refresh(seed, DESK)
    equal("another client", answer["error"], "invalid_grant")
    status, answer = entra.refresh(entra.seed(ADA), DESK,
                                   client_secret="a-secret")
    equal("a public one", answer["error_codes"], [700025])


@case
def rotation(world):
    """the shim: refresh tokens as Entra has them, and strictly"""
    entra = stage(world)
    first = entra.seed(ADA)
    second = entra.refresh(first)[1]["refresh_token"]
    check("a new one each time", second != first)
    equal("the old one is still good", entra.refresh(first)[0], 200)
    equal("for another resource",
          claims_of(entra.refresh(second, scope=f"{VAULT}/.default")[1]
                    ["access_token"])["aud"], VAULT)
    entra.later(89 * 86400)
    third = entra.refresh(second)[1]["refresh_token"]
    entra.later(89 * 86400)
    status, answer = entra.refresh(second)
    equal("unused for 90 days", (status, answer["error_codes"]),
          (400, [700082]))
    fourth = entra.refresh(third)[1]["refresh_token"]
    entra.rules(strict=True)
    fifth = entra.refresh(fourth)[1]["refresh_token"]
    equal("used before", entra.refresh(fourth)[1]["error"], "invalid_grant")
    equal("and with it the chain", entra.refresh(fifth)[1]["error"],
          "invalid_grant")
    entra.rules(strict=False)
    again = entra.seed(ADA)
    equal("of Bob", entra.revoke(BOB), 0)
    equal("still Ada's", entra.refresh(again)[0], 200)
    check("of Ada", entra.revoke(ADA) > 0)
    equal("revoked", entra.refresh(again)[1]["error_codes"], [50173])


@case
def errors(world):
    """the shim: scripted answers, and MSAL's reading of them"""
    entra = stage(world)
    app = desk(entra)
    token("code", by_browser(entra, app, ADA))
    [account] = app.get_accounts()

    def forced():
        # MSAL does not repeat what was refused for a minute, but a new one
        # with the same cache does.
        return desk(entra, token_cache=app.token_cache
                    ).acquire_token_silent_with_error(
                        DEFAULT, account, force_refresh=True)

    entra.fault("refresh_token", aadsts=50076)
    answer = forced()
    equal("MFA", (answer["error"], answer["suberror"]),
          ("interaction_required", "basic_action"))
    check("claims", "capolids" in answer["claims"], str(answer))
    entra.fault("refresh_token", aadsts=700082)
    equal("idle", forced()["error_codes"], [700082])
    token("afterwards", forced())
    for number, answer in entra.errors().items():
        equal(number, answer["body"]["error_codes"], [int(number)])
        check(number, answer["status"] >= 400)


@case
def claims_challenge(world):
    """the emulator: only a sign-in with the claims it asked for goes on"""
    entra = stage(world)
    service = world.service
    app = desk(entra, client_capabilities=["cp1"])
    first = by_browser(entra, app, ADA)["access_token"]
    [account] = app.get_accounts()
    equal("at first", service.list(first)[0], [])
    service.fault("list", {"end_sessions": True})
    path = ("/contoso/_apis/tokens/pats?api-version=7.1-preview.1")
    status, headers, _ = service.call(
        "GET", path, None, {"Authorization": f"Bearer {first}"})
    equal("challenged", status, 401)
    challenge = headers["WWW-Authenticate"]
    check("which", 'error="insufficient_claims"' in challenge, challenge)
    claims = base64.b64decode(
        challenge.split('claims="')[1].split('"')[0]).decode()
    without = app.acquire_token_silent(DEFAULT, account, force_refresh=True)
    status, _, _ = service.call(
        "GET", path, None,
        {"Authorization": f"Bearer {without['access_token']}"})
    equal("a new token without them", status, 401)
    renewed = app.acquire_token_silent(DEFAULT, account,
                                       claims_challenge=claims)
    equal("with them", service.list(renewed["access_token"])[0], [])
