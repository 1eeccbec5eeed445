"""People, programs and what they may: users of every hygiene, groups, roles, policies, certificates, the root user."""

import json

from nephoscope.simulation.aws.estate.world import PARTNER_ACCOUNT, World, label, policy, statement, team
from nephoscope.simulation.aws.facts import ACCOUNT_ID, CertificateAge, KeyAge, RootFacts, UserAge

_AWS = "arn:aws:iam::aws:policy"
_FIRST_NAMES = (
    "amara", "bruno", "chiara", "dmitri", "elif", "farid", "greta", "hana", "ines", "jonas", "kaito", "lena",
    "mateo", "nadia", "oskar", "priya", "quentin", "rosa", "samir", "tilda", "umut", "vera", "wanda", "yusuf",
)  # fmt: skip
USERS = len(_FIRST_NAMES)
_GROUPS = {
    "administrators": "AdministratorAccess",
    "developers": "PowerUserAccess",
    "auditors": "SecurityAudit",
    "shell-users": "AWSCloudShellFullAccess",
}
_SERVICES = ("ec2", "lambda", "ecs-tasks", "eks")


def fill(world: World) -> None:
    _account(world)
    _groups(world)
    _policies(world)
    _roles(world)
    for index in range(USERS * world.scale):
        _user(world, index)
    _certificates(world)


def _account(world: World) -> None:
    iam = world.client("iam")
    iam.create_account_alias(AccountAlias="meridian-production")
    iam.update_account_password_policy(
        MinimumPasswordLength=12,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
        AllowUsersToChangePassword=True,
    )
    world.tell(RootFacts(mfa="virtual", used_days_ago=3))


def _groups(world: World) -> None:
    iam = world.client("iam")
    for name, managed in _GROUPS.items():
        iam.create_group(GroupName=name)
        iam.attach_group_policy(GroupName=name, PolicyArn=f"{_AWS}/{managed}")


def _policies(world: World) -> None:
    iam = world.client("iam")
    for index in range(12 * world.scale):
        is_too_wide = index % 12 in (5, 11)
        actions = "*" if is_too_wide else ["s3:GetObject", "s3:PutObject", "dynamodb:Query"]
        resource = "*" if is_too_wide else f"arn:aws:s3:::meridian-{team(index)}-*"
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}],
        }
        name = f"{team(index)}-{'migration-full' if is_too_wide else 'storage'}-{index:03d}"
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))


def _roles(world: World) -> None:
    iam = world.client("iam")
    for name, service in (("cloudtrail-to-logs", "cloudtrail"), ("flow-logs", "vpc-flow-logs"), ("config", "config")):
        _role(world, name, {"Service": f"{service}.amazonaws.com"})
    _role(world, "incident-support", {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"})
    iam.attach_role_policy(RoleName="incident-support", PolicyArn=f"{_AWS}/AWSSupportAccess")
    _role(world, "partner-import", {"AWS": f"arn:aws:iam::{PARTNER_ACCOUNT}:root"})
    _role(world, "legacy-open", {"AWS": "*"})
    for index in range(10 * world.scale):
        name = f"{team(index)}-service-{index:03d}"
        _role(world, name, {"Service": f"{_SERVICES[index % len(_SERVICES)]}.amazonaws.com"})
        managed = "AdministratorAccess" if index % 10 == 7 else "AmazonS3ReadOnlyAccess"  # noqa: PLR2004 - one in ten
        iam.attach_role_policy(RoleName=name, PolicyArn=f"{_AWS}/{managed}")
    iam.create_instance_profile(InstanceProfileName="application")
    iam.add_role_to_instance_profile(InstanceProfileName="application", RoleName="payments-service-000")


def _role(world: World, name: str, principal: object) -> None:
    trust = statement("Allow", principal, "sts:AssumeRole")
    del trust["Resource"]
    world.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust), Tags=label(len(name)))


def _user(world: World, index: int) -> None:
    """Eight habits of keeping credentials, the first two of them good."""
    iam = world.client("iam")
    first = _FIRST_NAMES[index % USERS]
    name = first if index < USERS else f"{first}.{index // USERS}"
    iam.create_user(UserName=name, Tags=label(index))
    _HABITS[index % len(_HABITS)](world, name)
    group = "administrators" if index % 11 == 0 else "shell-users" if index % 7 == 0 else "developers"
    iam.add_user_to_group(GroupName=group, UserName=name)


def _console(world: World, name: str, *, mfa: bool) -> None:
    iam = world.client("iam")
    iam.create_login_profile(UserName=name, Password=f"Simulated-{name}-2026!")
    if mfa:
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )


def _keys(world: World, name: str, count: int) -> list[str]:
    iam = world.client("iam")
    return [iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"] for _ in range(count)]


def _careful_person(world: World, name: str) -> None:
    _console(world, name, mfa=True)
    world.tell(UserAge(name, 420, password_used_days_ago=1, password_changed_days_ago=40))


def _careful_program(world: World, name: str) -> None:
    _keys(world, name, 1)
    world.tell(UserAge(name, 300, keys=(KeyAge(20, 0),)))


def _without_mfa(world: World, name: str) -> None:
    _console(world, name, mfa=False)
    world.tell(UserAge(name, 210, password_used_days_ago=2, password_changed_days_ago=150))


def _old_key(world: World, name: str) -> None:
    _keys(world, name, 1)
    world.tell(UserAge(name, 900, keys=(KeyAge(640, 3),)))


def _two_keys(world: World, name: str) -> None:
    _console(world, name, mfa=True)
    _keys(world, name, 2)
    age = UserAge(
        name, 500, password_used_days_ago=5, password_changed_days_ago=80, keys=(KeyAge(320, 1), KeyAge(30, 2))
    )
    world.tell(age)


def _long_gone(world: World, name: str) -> None:
    _console(world, name, mfa=True)
    world.tell(UserAge(name, 1100, password_used_days_ago=260, password_changed_days_ago=800))


def _direct_rights(world: World, name: str) -> None:
    iam = world.client("iam")
    _console(world, name, mfa=True)
    iam.attach_user_policy(UserName=name, PolicyArn=f"{_AWS}/AmazonS3FullAccess")
    inline = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="pass-any-role", PolicyDocument=json.dumps(inline))
    world.tell(UserAge(name, 330, password_used_days_ago=8, password_changed_days_ago=60))


def _forgotten_key(world: World, name: str) -> None:
    keys = _keys(world, name, 2)
    world.client("iam").update_access_key(UserName=name, AccessKeyId=keys[0], Status="Inactive")
    world.tell(UserAge(name, 700, keys=(KeyAge(690, 400), KeyAge(200))))


_HABITS = (
    _careful_person, _careful_program, _without_mfa, _old_key, _two_keys, _long_gone, _direct_rights, _forgotten_key,
)  # fmt: skip


def _certificates(world: World) -> None:
    for name, days in (("tickets-meridian-example", 200), ("legacy-meridian-example", -45)):
        world.client("iam").upload_server_certificate(
            ServerCertificateName=name, CertificateBody=_CERTIFICATE, PrivateKey="simulated"
        )
        world.tell(CertificateAge(name, days))


_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVk\n-----END CERTIFICATE-----"
