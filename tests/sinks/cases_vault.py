"""The sink "vault" against a real OpenBao."""

from harness import case, equal
from openbao import OpenBao


@case
def counterpart(world):
    """vault: the server refuses what a KV v2 engine refuses"""
    bao = OpenBao(world)
    write = {"options": {"cas": 0}, "data": {"token": "a"}}
    equal("first", bao.call("POST", "secret/data/x", write)[0], 200)
    equal("second", bao.call("POST", "secret/data/x", write), (400, {
        "errors": ["check-and-set parameter did not match the current "
                   "version"]}))
    equal("value", bao.value("x"), "a")
    equal("nothing", bao.call("GET", "secret/metadata/y"), (404, {
        "errors": []}))
