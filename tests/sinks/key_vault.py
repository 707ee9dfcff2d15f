"""The emulator's vault as Microsoft's own client for Python sees it."""

import time

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.keyvault.secrets import SecretClient

AUDIENCE = "https://vault.azure.net"


class Credential:
    """A bearer as it is, and what the client asked for."""

    def __init__(self, bearer):
        self.bearer = bearer
        self.asked = []

    def get_token(self, *scopes, **more):
        self.asked.append((scopes, more.get("tenant_id")))
        return AccessToken(self.bearer, int(time.time()) + 3600)


class Vault:
    """The vault of the world's service; stage() starts that."""

    certificate = None

    def __init__(self, world):
        self.world = world

    @property
    def authority(self):
        return self.world.service.url.removeprefix("https://")

    def bearer(self, **more):
        """One for the vault, which must not be seen anywhere."""
        bearer = self.world.service.token(**{"audience": AUDIENCE, **more})
        self.world.guarded[bearer] = "a bearer for the vault"
        return bearer

    def sign_in(self):
        """Patform gets a fresh one from the environment."""
        self.world.variables["PATFORM_KEY_VAULT_TOKEN"] = self.bearer()

    def sink(self, more=""):
        return (f'[sink.vault]\ntype = "key-vault"\n'
                f'vault = "{self.world.service.url}"\n{more}\n')

    def role(self, name):
        self.world.service.switch(vault_role=name)

    def client(self, credential=None, **more):
        # 127.0.0.1 is part of no domain.
        more = {"verify_challenge_resource": False, **more}
        return SecretClient(
            self.world.service.url, credential or Credential(self.bearer()),
            connection_verify=str(self.world.service.certificate),
            retry_total=0, **more)

    def value(self, name):
        """What a consumer gets; None: nothing, or a disabled version."""
        try:
            return self.client().get_secret(name).value
        except ResourceNotFoundError:
            return None
        except HttpResponseError as error:
            if "disabled" in (error.message or ""):
                return None
            raise

    def versions(self, name):
        """By age: the generation of each, and whether it can be read."""
        found = sorted(self.client().list_properties_of_secret_versions(name),
                       key=lambda each: each.created_on)
        return [((each.tags or {}).get("patform-generation"), each.enabled)
                for each in found]

    def count(self, operation):
        return self.world.service.admin(
            "GET", "requests")["counts"].get(operation, 0)
