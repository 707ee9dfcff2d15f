"""The sink "aws-secrets-manager" against moto."""

import time

from configuration import configuration, token
from harness import case, check, equal
from moto_server import POLICIES, Moto, refused
from stage import HEAD, free_port, served, stage, to


def begin(world, user="apply", *tokens, **more):
    """A store, patform signed in to it as `user`, a configuration."""
    aws = stage(world, Moto(world))
    aws.sign_in(user)
    declare(world, aws, *(tokens or (ci(),)), **more)
    return aws


def ci(**more):
    return token("ci", deliver=to("aws", "ado/ci", **more))


def declare(world, aws, *tokens, **more):
    world.write(configuration(*tokens, head=HEAD + aws.sink(**more)))


@case
def counterpart(world):
    """aws: moto refuses what AWS refuses"""
    aws = Moto(world)
    root = aws.root
    first, second = "1" * 32, "2" * 32
    root.create_secret(Name="x", SecretString="a", ClientRequestToken=first)
    equal("create again", refused(
        root.create_secret, Name="x", SecretString="b",
        ClientRequestToken=second), "ResourceExistsException")
    equal("a version's other value", refused(
        root.put_secret_value, SecretId="x", SecretString="b",
        ClientRequestToken=first), "ResourceExistsException")
    root.put_secret_value(SecretId="x", SecretString="b",
                          ClientRequestToken=second, VersionStages=["next"])
    equal("not served yet", aws.value("x"), "a")
    move = {"SecretId": "x", "VersionStage": "AWSCURRENT",
            "MoveToVersionId": second}
    equal("from elsewhere", refused(
        root.update_secret_version_stage, RemoveFromVersionId=second, **move),
        "InvalidParameterException")
    equal("from nowhere", refused(
        root.update_secret_version_stage, **move),
        "InvalidParameterException")
    equal("still", aws.value("x"), "a")
    equal("from where it is", refused(
        root.update_secret_version_stage, RemoveFromVersionId=first, **move),
        "")
    equal("served", aws.value("x"), "b")
    wrong = aws.client("secretsmanager", (aws.keys["root"][0], "wrong"))
    equal("a wrong key", refused(wrong.describe_secret, SecretId="x"),
          "403")


@case
def story(world):
    """aws: created, rotated, revoked, declared again; each plan after is empty"""
    aws = begin(world)
    world.apply()
    first = served(world, aws.value("ado/ci"))
    world.settled()
    tags = {tag["Key"]: tag["Value"]
            for tag in aws.described("ado/ci")["Tags"]}
    check("the record", tags["patform-a-1"].startswith(
        "address:aws:ado/ci format:1 generation:1 id:"), str(tags))
    world.apply("--rotate", "token.ci")
    second = served(world, aws.value("ado/ci"))
    check("another one", second != first)
    equal("the old one", aws.value("ado/ci", "AWSPREVIOUS"), first)
    world.settled()
    declare(world, aws, token("ci", deliver=to("aws", "ado/ci"),
                              ensure="absent"))
    world.apply()
    equal("nothing is served", aws.value("ado/ci"), None)
    check("it can be had back", "DeletedDate" in aws.described("ado/ci"))
    world.settled()
    declare(world, aws, ci())
    world.apply()
    third = served(world, aws.value("ado/ci"))
    check("a new one", third not in (first, second))
    world.settled()


@case
def old_versions(world):
    """aws: what was superseded for longer than keep_versions loses its label"""
    aws = begin(world, keep_versions="1h")
    world.apply()
    first = served(world, aws.value("ado/ci"))
    world.apply("--rotate", "token.ci")
    second = served(world, aws.value("ado/ci"))
    world.apply()
    equal("an hour is not over", aws.value("ado/ci", "AWSPREVIOUS"), first)
    declare(world, aws, ci(adopt=True), keep_versions="0s")
    # The server's Date has whole seconds.
    time.sleep(1.1)
    # A role that may not move labels fails no apply.
    aws.sign_in("plan")
    world.apply()
    equal("refused", aws.value("ado/ci", "AWSPREVIOUS"), first)
    aws.sign_in("apply")
    world.apply()
    equal("gone", aws.value("ado/ci", "AWSPREVIOUS"), None)
    equal("what is served", served(world, aws.value("ado/ci")), second)
    labels = aws.described("ado/ci")["VersionIdsToStages"].values()
    equal("labels", sorted(label for each in labels for label in each),
          ["AWSCURRENT", "patform-next"])
    world.settled()
    aws.write("ado/ci", "by hand")
    world.apply()
    time.sleep(1.1)
    world.apply()
    equal("somebody's", aws.value("ado/ci", "AWSPREVIOUS"), "by hand")
    served(world, aws.value("ado/ci"))
    world.settled()


@case
def drift(world):
    """aws: what another client wrote is seen, and replaced if that is wanted"""
    aws = begin(world)
    world.apply()
    aws.write("ado/ci", "by hand")
    result = world.plan(expect=None)
    check("it is seen", "is of another program" in result.out + result.err,
          str(result))
    world.apply(expect=None)
    equal("it is left alone", aws.value("ado/ci"), "by hand")
    declare(world, aws, ci(adopt=True))
    world.apply()
    served(world, aws.value("ado/ci"))
    world.settled()


@case
def roles(world):
    """aws: the policies of the example suffice, and read no value"""
    aws = begin(world)
    world.apply()
    for user in ("plan", "apply"):
        equal(f"{user} reads no value", refused(
            aws.client("secretsmanager", aws.keys[user]).get_secret_value,
            SecretId="ado/ci"), "403")
    aws.sign_in("plan")
    world.settled()
    # Found out before anything is minted.
    result = world.apply("--rotate", "token.ci", expect=1)
    check("it may not write", "cannot be written, so nothing was minted: sink "
          '"aws": making the new value of ado/ci current: '
          f"{aws.authority} answered 403" in result.out, str(result))


@case
def refusals(world):
    """aws: no access, no connection, no keys: unknown, and nothing is minted"""
    aws = begin(world)
    world.apply()
    value = aws.value("ado/ci")
    world.variables["AWS_SECRET_ACCESS_KEY"] = "wrong"
    result = world.plan(expect=8)
    check("forbidden", "answered 403" in result.out, str(result))
    world.variables |= {"AWS_SECRET_ACCESS_KEY": None,
                        "AWS_ACCESS_KEY_ID": None}
    result = world.plan(expect=8)
    check("no keys", "there are no credentials for AWS: no AWS_ACCESS_KEY_ID"
          in " ".join((result.out + result.err).split()), str(result))
    aws.sign_in("apply")
    world.variables["PATFORM_ALLOW_HOSTS"] = None
    result = world.plan(expect=8)
    check("not allowed", f"--allow-host {aws.authority}"
          in result.out + result.err, str(result))
    nobody = f"127.0.0.1:{free_port()}"
    world.variables["PATFORM_ALLOW_HOSTS"] = nobody
    declare(world, aws, ci(), endpoint=f"http://{nobody}")
    world.hurry(20)
    world.plan(expect=8)
    equal("unchanged", aws.value("ado/ci"), value)


@case
def web_identity(world):
    """aws: a role by a token of OIDC, as on EKS"""
    aws = begin(world)
    iam = aws.client("iam", aws.keys["root"])
    role = iam.create_role(
        RoleName="patform", AssumeRolePolicyDocument='{"Version": "2012-10-17"'
        ', "Statement": [{"Effect": "Allow", "Action": '
        '"sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "*"}}]}')
    iam.put_role_policy(RoleName="patform", PolicyName="p",
                        PolicyDocument=aws.policy("apply"))
    proof = world.folder / "proof"
    proof.write_text("eyJhbGciOiJub25lIn0.eyJzdWIiOiJjaSJ9.c2ln\n")
    world.variables |= {
        "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(proof),
        "AWS_ROLE_ARN": role["Role"]["Arn"], "AWS_ENDPOINT_URL_STS": aws.url}
    # moto's checks refuse the one request that nobody signs. An apply signs in
    # twice: to plan, and to deliver.
    aws.strict(after=100)
    world.apply()
    served(world, aws.value("ado/ci"))
    aws.strict(after=1)
    world.settled()


@case
def many(world):
    """aws: a hundred and twenty places, and one that nobody names any more"""
    names = [f"t{i:03}" for i in range(120)]
    aws = begin(world, "apply", *(
        token(name, deliver=to("aws", "ado/" + name)) for name in names))
    world.apply()
    for name in names[:3]:
        served(world, aws.value("ado/" + name))
    world.settled()
    # The table goes without a word: the token and its place are ended.
    declare(world, aws, *(token(name, deliver=to("aws", "ado/" + name))
                          for name in names[1:]))
    world.apply()
    equal("the stray", aws.value("ado/t000"), None)
    world.settled()


@case
def example(world):
    """aws: the configuration of the examples"""
    aws = begin(world)
    text = (POLICIES / "patform.toml").read_text()
    world.write(text.replace('region = "eu-west-1"\n',
                             f'region = "eu-west-1"\nendpoint = "{aws.url}"\n'))
    world.apply()
    served(world, aws.value("ado/ci-packaging"))
    world.settled()
