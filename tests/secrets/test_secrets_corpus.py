"""A labelled corpus, made from tables at test time: every secret is found by its rule, and no decoy is."""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from nephoscope.secrets.loading import load_rules
from nephoscope.secrets.rules import ANYWHERE, Rule
from nephoscope.secrets.sampling import sample
from secret_world import found_in, joined, rules_in

RULES = load_rules()
LEAST_SECRETS, LEAST_DECOYS = 300, 1_000
DRAWS = 20
BEFORE = ("# settings of the payment service\nlisten: 8080\n", "import os\n\n\ndef main() -> None:\n", "")
AFTER = ("\nlog_level: info\n", "\n\nmain()\n", "\n")

DECOYS: dict[str, tuple[str, ...]] = {
    "hashes": (
        "commit <hex:40>",
        "sha256:<hex:64>  image.tar.gz",
        '"integrity": "sha512-<b64:86>=="',
        "ETag: <hex:32>",
        "md5sum: <hex:32>",
        "Subproject commit <hex:40>",
        "# sha1 <hex:40> of the archive",
        "image: registry.corp.net/app@sha256:<hex:64>",
        'checksum = "<hex:64>"',
        "pip install x==1.0 --hash=sha256:<hex:64>",
    ),
    "identities": (
        "id: <uuid>",
        "request_id=<uuid> took 12 ms",
        "trace <hex:32> span <hex:16>",
        "arn:aws:iam::<digits:12>:role/deployer",
        "ami-<hex:17> in us-east-1",
        "AppId <uuid> TenantId <uuid>",
        "vpc-<hex:17> subnet-<hex:17>",
        "ocid1.instance.oc1.iad.<lower:60>",
        '"client_id": "<uuid>"',
        "build <digits:12>-<hex:8>",
    ),
    "references": (
        "password: ${DB_PASSWORD}",
        "password = os.environ['DB_PASSWORD']",
        "  token: {{ vault_token }}",
        "api_key = process.env.API_KEY",
        "SECRET_KEY=$(cat /run/secrets/key)",
        "password: !vault |",
        "passwordFile: /run/secrets/db-password-1",
        "secretKeyRef: {name: db, key: password1}",
        "DB_PASSWORD=%DB_PASSWORD%",
        "connection = postgres://app:${PG_PASS}@db.corp.net/main",
        "url: https://user:<password>@git.corp.net/x.git",
        "token: op://vault/github/token",
        "password = data.aws_ssm_parameter.db.value",
        "api_token = var.cloudflare_api_token",
        "secret: arn:aws:secretsmanager:eu-west-1:<digits:12>:secret:db",
    ),
    "manuals": (
        "export GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "aws_access_key_id = YOUR_ACCESS_KEY_ID",
        "password: changeme",
        "password=password123",
        "mysql://user:password@localhost/db",
        "postgresql://user:pass@host:5432/dbname",
        "API_KEY=your-api-key-goes-here-0000",
        "curl -u user:password https://corp.net",
        "Authorization: Bearer <token>",
        "Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l...",
        "SLACK=xoxb-your-token-here",
        "api_key: 00000000-0000-0000-0000-000000000000",
        "token = abcdefghijklmnopqrstuvwxyz",
        "secret = xxxxxxxxxxxxxxxxxxxxxxxx",
        "stripe.api_key = 'sk_test_...'",
    ),
    "code": (
        "password = getpass.getpass('Password: ')",
        "def authenticate(password: str, token: str) -> bool:",
        "if (user.password == hash(input.password1)) {",
        "this.secretManager = new SecretManager(config1);",
        "const passwordStrength = zxcvbn(value2).score;",
        "token = tokens.pop(0)",
        "key_password=certs[0][2],",
        "clientSecret=args.provider_oauth2_client_secret,",
        "headers['x-metadata-token'] = imdsv2_session_token",
        "'private_key': self._private_key_pkcs8_pem,",
        "cred.token = ANOTHER_VALUE_BASE64",
        "'secret': 'V1SecretVolumeSource',",
        "private_key: ed25519.Ed25519PrivateKey, left: list",
        "--secret=projects/my-project/secrets/my-secret/versions/2",
        "self.api_key = api_key2",
        "PASSWORD_MIN_LENGTH = 12",
        "password_reset_url = '/accounts/password/reset1/'",
        'raise ValueError("password: must be at least 12 characters")',
        "tokenizer = AutoTokenizer.from_pretrained('bert-base-v2')",
        'class="form-password1 input-secret2" id="token3"',
        "SELECT password_hash FROM users WHERE id = 1",
        "secretName: registry-credentials",
        "passwordPolicy: {minimumLength: 14, requireNumbers: true}",
    ),
    "public": (
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ<b64:340> ops@host",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI<b64:43> ops@host",
        "-----BEGIN CERTIFICATE-----\n<b64:64>\n<b64:64>\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\n<b64:64>\n<b64:64>\n-----END PUBLIC KEY-----",
        "age1<lower:58>",
        "pk_live_<alnum:24>",
        "sb_publishable_<alnum:31>",
        "PublicKey = <b64:43>=",
        'NEXT_PUBLIC_SUPABASE_ANON: <jwt:fresh;"iss":"supabase","role":"anon">',
        "phc_<alnum:43>",
    ),
    "content": (
        "data:image/png;base64,iVBORw0KGgo<b64:200>",
        "background: url(data:font/woff2;base64,d09GMgAB<b64:160>)",
        "https://cdn.corp.net/assets/app.<hex:20>.js",
        "color: #<hex:6>; margin: 0 4px",
        "lorem ipsum dolor sit amet, consectetur adipiscing elit",
        "GET /v1/items?page=2&cursor=<b64:24> 200",
        "+49 30 <digits:8>",
        "10.<digits:2>.0.1:5432 -> 10.0.0.2:33012",
        "M10 20C<digits:3>.<digits:2> 30 40 50 60 70Z",
        "version: 4.17.<digits:2>-beta.<digits:2>",
        "https://db.corp.net:5432/main",
        "redis://cache.corp.net:6379/0",
    ),
}


def _spoiled(token: str) -> str:
    """A token whose checksum no longer fits."""
    return token[:-1] + ("A" if token[-1] != "A" else "B")


MADE: dict[str, Callable[[int], str]] = {
    "spoiled GitHub token": lambda seed: _spoiled(sample("<github:ghp_>", seed).decode()),
    "spoiled npm token": lambda seed: _spoiled(sample("<github:npm_>", seed).decode()),
    "spoiled GitLab token": lambda seed: _spoiled(sample("<gitlab:glpat->", seed).decode()),
    "spoiled Grafana token": lambda seed: _spoiled(sample("<grafana:glsa_>", seed).decode()),
    "AWS's own example": lambda _: joined("aws_access_key_id = AKIA", "IOSFODNN7", "EXAMPLE"),
    "AWS's own secret": lambda _: joined(
        "aws_secret_", "access_key = wJalrXUtnFEMI", "/K7MDENG/", "bPxRfiCYEXAMPLEKEY"
    ),
    "key id too long": lambda seed: sample("AKIA<b32:20>", seed).decode(),
    "key id too short": lambda seed: sample("AKIA<b32:12>", seed).decode(),
    "words in base64": lambda seed: sample(
        "note: <base64:The quick brown fox number (digits.4) jumps.>", seed
    ).decode(),
    "hash in base64": lambda seed: sample("note: <base64:commit (hex.40) of the main branch>", seed).decode(),
}


def _decoys() -> Iterator[str]:
    for templates in DECOYS.values():
        for template in templates:
            for seed in range(DRAWS):
                yield sample(template, seed).decode("latin-1")
    for make in MADE.values():
        for seed in range(DRAWS * 2):
            yield make(seed)


def _files() -> Iterator[tuple[Rule, str, bytes, int]]:
    """(rule, path, content, line): each hit of each rule, in a file of its kind."""
    for number, rule in enumerate(RULES):
        for template in rule.row.hits:
            is_whole = template.startswith("<bin:") or "^(?P" in rule.row.confirm
            before, after = ("", "") if is_whole else (BEFORE[number % 3], AFTER[number % 3])
            content = before.encode() + sample(template, number) + after.encode()
            yield rule, rule.row.at, content, before.count("\n") + 1


def test_the_corpus_is_as_large_as_promised() -> None:
    secrets = {content for _, _, content, _ in _files()}
    assert len(secrets) >= LEAST_SECRETS
    assert len(set(_decoys())) >= LEAST_DECOYS


def test_every_secret_is_found_by_its_rule() -> None:
    missed = [
        (rule.row.id, content[:80], rules_in(content, path))
        for rule, path, content, line in _files()
        if not any(
            one.rule == rule.row.id and one.line in (0, *range(line, line + 40)) for one in found_in(content, path)
        )
    ]
    assert not missed


def test_no_decoy_is_found() -> None:
    """One at a time, so that a failure names it."""
    taken = [(text[:100], rules) for text in _decoys() if (rules := rules_in(text.encode("latin-1")))]
    assert not taken


def test_decoys_are_no_secrets_together_either() -> None:
    """In one file, in an order of its own: nothing grows out of neighbours."""
    lines = sorted(_decoys())
    Random(7).shuffle(lines)  # noqa: S311 - the same order every time
    assert not found_in("\n".join(lines).encode("latin-1"))


@pytest.mark.parametrize("suffix", ["", "\n", "\r\n", "'", '"', ",", ";", ")", "<", " # note"])
def test_what_follows_a_token_does_not_hide_it(suffix: str) -> None:
    for token in ("<github:ghp_>", "sk_live_<alnum:32>", "SG.<url:21>x.<url:42>x", "dop_v1_<hex:64>"):
        assert len(found_in(sample(token) + suffix.encode(), ANYWHERE)) == 1, token
