"""A real moto on loopback: AWS Secrets Manager, IAM and STS, with the checks of
signatures and policies on.

What it lets pass and AWS does not is refused by the fake of the unit tests
(tests/providers/sinks/remote/aws_fake.cc).
"""

import json
import logging
import pathlib
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from stage import Store, free_port

REGION, ACCOUNT = "eu-west-1", "123456789012"
POLICIES = (pathlib.Path(__file__).resolve().parents[2] / "examples" / "sinks"
            / "aws-secrets-manager")
EVERYTHING = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}
logging.getLogger("botocore").setLevel(logging.CRITICAL)


class Moto(Store):
    """Users: `root` may do everything, `plan` and `apply` what the policies of
    the example allow."""

    def __init__(self, world):
        super().__init__(world, "moto")
        port = free_port()
        self.authority = f"127.0.0.1:{port}"
        self.url = f"http://{self.authority}"
        self.launch([sys.executable, "-m", "moto.server", "-H", "127.0.0.1",
                     "-p", str(port)], self._ready,
                    MOTO_ACCOUNT_ID=ACCOUNT)
        iam = self.client("iam", ("setup", "setup"))
        self.keys = {}
        for user, policy in [("root", json.dumps(EVERYTHING)),
                             ("plan", self.policy("plan")),
                             ("apply", self.policy("apply"))]:
            iam.create_user(UserName=user)
            iam.put_user_policy(UserName=user, PolicyName="p",
                                PolicyDocument=policy)
            key = iam.create_access_key(UserName=user)["AccessKey"]
            self.keys[user] = (key["AccessKeyId"], key["SecretAccessKey"])
            world.guarded[key["SecretAccessKey"]] = f"the key of {user}"
        self.strict()
        self.root = self.client("secretsmanager", self.keys["root"])

    def _ready(self):
        try:
            self._ask("moto-api/")
        except OSError:
            return False
        return True

    def _ask(self, path, body=None):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(
            f"{self.url}/{path}", data=body,
            headers={"Content-Type": "text/plain"})
        with opener.open(request, timeout=30) as answer:
            return answer.read()

    def strict(self, after=0):
        """It checks signatures and policies, after so many requests more."""
        self._ask("moto-api/reset-auth", str(after).encode())

    @staticmethod
    def policy(name):
        """Of the example. moto asks whether an action is allowed, and not on
        what: where it reads a resource, it only knows "*"."""
        policy = json.loads((POLICIES / f"{name}-policy.json").read_text())
        for statement in policy["Statement"]:
            statement["Resource"] = "*"
        return json.dumps(policy)

    def client(self, service, key):
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION,
            aws_access_key_id=key[0], aws_secret_access_key=key[1],
            config=Config(retries={"max_attempts": 0}, proxies={}))

    def sink(self, **more):
        lines = {"type": "aws-secrets-manager", "region": REGION,
                 "endpoint": self.url, **more}
        return "\n[sink.aws]\n" + "".join(
            f'{name} = "{value}"\n' for name, value in lines.items())

    def sign_in(self, user):
        """patform is that user from here on."""
        self.world.variables |= {
            "AWS_ACCESS_KEY_ID": self.keys[user][0],
            "AWS_SECRET_ACCESS_KEY": self.keys[user][1]}

    def value(self, name, label="AWSCURRENT"):
        """What a consumer gets; None: nothing."""
        try:
            return self.root.get_secret_value(
                SecretId=name, VersionStage=label)["SecretString"]
        except ClientError as error:
            if error.response["Error"]["Code"] in (
                    "ResourceNotFoundException", "InvalidRequestException"):
                return None
            raise

    def write(self, name, value):
        """Another client writes, as a function that rotates does."""
        before = self.current(name)
        version = self.root.put_secret_value(
            SecretId=name, SecretString=value,
            VersionStages=["AWSPENDING"])["VersionId"]
        self.root.update_secret_version_stage(
            SecretId=name, VersionStage="AWSCURRENT",
            MoveToVersionId=version, RemoveFromVersionId=before)

    def described(self, name):
        return self.root.describe_secret(SecretId=name)

    def current(self, name):
        return next(version for version, labels
                    in self.described(name)["VersionIdsToStages"].items()
                    if "AWSCURRENT" in labels)


def refused(call, **arguments):
    """The code of the error with which it is refused; "": it is not. "403":
    what moto's checks of keys and policies refuse, in XML where AWS has JSON."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""
