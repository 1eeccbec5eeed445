"""What lies on the disks of two machines of the estate: a notebook server with Amazon Linux, and a web server with
Debian. Both have packages that were not updated, software beside them, and credentials where people leave them."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO

from nephoscope.simulation.disks import made_up
from nephoscope.simulation.disks.ext4 import Tree
from nephoscope.simulation.disks.rpm import Rpm, database

_RPMS = (
    Rpm("amazon-linux-repo-s3", "2023.3.20231211", "0.amzn2023", source="system-release"),
    Rpm("bash", "5.2.15", "1.amzn2023.0.2"),
    Rpm("ca-certificates", "2023.2.60", "1.0.amzn2023.0.1"),
    Rpm("chrony", "4.3", "1.amzn2023.0.3"),
    Rpm("cloud-init", "22.2.2", "1.amzn2023.1.12"),
    Rpm("coreutils", "8.32", "30.amzn2023.0.3"),
    Rpm("dnf", "4.14.0", "1.amzn2023.0.4"),
    Rpm("expat", "2.5.0", "1.amzn2023.0.3"),
    Rpm("git-core", "2.40.1", "1.amzn2023.0.1", source="git"),
    Rpm("glibc", "2.34", "52.amzn2023.0.7"),
    Rpm("kernel", "6.1.66", "91.160.amzn2023"),
    Rpm("libcurl-minimal", "8.4.0", "1.amzn2023.0.2", source="curl"),
    Rpm("libxml2", "2.10.4", "1.amzn2023.0.5"),
    Rpm("openssh-clients", "8.7p1", "8.amzn2023.0.8", source="openssh"),
    Rpm("openssh-server", "8.7p1", "8.amzn2023.0.8", source="openssh"),
    Rpm("openssl-libs", "3.0.8", "1.amzn2023.0.10", 1, source="openssl"),
    Rpm("python3", "3.9.16", "1.amzn2023.0.6", source="python3.9"),
    Rpm("python3-requests", "2.25.1", "1.amzn2023.0.3", source="python-requests"),
    Rpm("python3-urllib3", "1.25.10", "3.amzn2023.0.2", source="python-urllib3"),
    Rpm("sudo", "1.9.14", "1.p3.amzn2023.0.1"),
    Rpm("systemd", "252.16", "1.amzn2023.0.1"),
    Rpm("vim-minimal", "9.0.2153", "1.amzn2023.0.1", 2, source="vim"),
    Rpm("xz-libs", "5.2.5", "9.amzn2023.0.1", source="xz"),
    Rpm("zlib", "1.2.11", "33.amzn2023.0.4"),
)
_DEBS = (
    ("apt", "2.6.1", ""),
    ("base-files", "12.4", ""),
    ("bash", "5.2.15-2+b2", "bash (5.2.15-2)"),
    ("ca-certificates", "20230311", ""),
    ("coreutils", "9.1-1", ""),
    ("curl", "7.88.1-10+deb12u1", ""),
    ("dpkg", "1.21.22", ""),
    ("libc6", "2.36-9+deb12u1", "glibc"),
    ("libcurl4", "7.88.1-10+deb12u1", "curl"),
    ("libexpat1", "2.5.0-1", "expat"),
    ("libnghttp2-14", "1.52.0-1", "nghttp2"),
    ("libssl3", "3.0.9-1", "openssl"),
    ("libwebp7", "1.2.4-0.2", "libwebp"),
    ("nginx", "1.22.1-9", ""),
    ("nodejs", "18.13.0+dfsg1-1", ""),
    ("openssh-server", "1:9.2p1-2", "openssh"),
    ("openssl", "3.0.9-1", ""),
    ("perl-base", "5.36.0-7", "perl"),
    ("sudo", "1.9.13p3-1+deb12u1", ""),
    ("systemd", "252.12-1~deb12u1", ""),
    ("tar", "1.34+dfsg-1.2", ""),
    ("zlib1g", "1:1.2.13.dfsg-1", "zlib"),
)
_WHEELS = {"Jinja2": "3.1.2", "numpy": "1.26.4", "pandas": "2.1.4", "requests": "2.28.1", "urllib3": "1.26.12"}
_JARS = {("org.apache.logging.log4j", "log4j-core"): "2.14.1", ("com.google.guava", "guava"): "32.1.3-jre"}
_MODULES = {"axios": "0.21.1", "express": "4.18.2", "lodash": "4.17.15", "minimist": "1.2.5", "winston": "3.11.0"}
_KERNEL = "6.1.66-91.160.amzn2023.x86_64"


def notebook(key_id: str) -> Tree:
    """`key_id`: an access key of the account, which somebody left there."""
    system = 'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n'
    return {
        **_release(f'{system}PRETTY_NAME="Amazon Linux 2023"\n', "data-notebook"),
        "var/lib/rpm/Packages.db": database(_RPMS),
        f"boot/vmlinuz-{_KERNEL}": b"a kernel\n",
        **_wheels("usr/local/lib/python3.9/site-packages", _WHEELS),
        **_jars("opt/spark/jars", _JARS),
        "home/ec2-user/.aws/credentials": _text(
            "[default]",
            f"aws_access_key_id = {key_id}",
            f"aws_secret_access_key = {made_up.aws_secret('notebook')}",
        ),
        "home/ec2-user/.ssh/id_ecdsa": made_up.private_key("notebook").encode(),
        "home/ec2-user/notebooks/churn.ipynb": _notebook(),
        "etc/cron.d/refresh": _text("15 4 * * * ec2-user /usr/local/bin/refresh --from s3://meridian-data-lake"),
    }


def web_server() -> Tree:
    system = 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n'
    return {
        **_release(f'{system}PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n', "web-frontend-old"),
        **_dpkg(_DEBS),
        **_modules("srv/shop/node_modules", _MODULES),
        "srv/shop/package.json": json.dumps({"name": "shop", "version": "4.2.0", "private": True}).encode(),
        "srv/shop/.env": _text(
            "NODE_ENV=production",
            f"DATABASE_URL=postgres://shop:{made_up.drawn('shop database', 20)}@orders.meridian.internal:5432/orders",
            f"GITHUB_TOKEN={made_up.github_token('shop')}",
        ),
        "etc/ssl/private/shop.key": made_up.private_key("shop").encode(),
        "root/.git-credentials": _text(f"https://deploy:{made_up.drawn('deploy', 24)}@git.meridian.internal"),
        "etc/nginx/sites-enabled/shop": _text("server {", "  listen 443 ssl;", "  root /srv/shop/public;", "}"),
    }


def _text(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _release(text: str, host: str) -> Tree:
    return {
        "usr/lib/os-release": text.encode(),
        "etc/os-release": "../usr/lib/os-release",
        "etc/hostname": _text(host),
        "etc/fstab": _text("LABEL=root / ext4 defaults 0 1"),
    }


def _dpkg(rows: Iterable[tuple[str, str, str]]) -> Tree:
    status = "".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
        + (f"Source: {source}\n" if source else "")
        + f"Version: {version}\nMaintainer: Nobody <nobody@meridian.internal>\n\n"
        for name, version, source in rows
    )
    lists = {f"var/lib/dpkg/info/{name}.list": _text("/.", f"/usr/share/doc/{name}") for name, _, _ in rows}
    return {"var/lib/dpkg/status": status.encode(), **lists}


def _wheels(folder: str, wheels: Mapping[str, str]) -> Tree:
    return {
        f"{folder}/{name}-{version}.dist-info/METADATA": _text(
            "Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"
        )
        for name, version in wheels.items()
    }


def _modules(folder: str, modules: Mapping[str, str]) -> Tree:
    return {
        f"{folder}/{name}/package.json": json.dumps({"name": name, "version": version}).encode()
        for name, version in modules.items()
    }


def _jars(folder: str, jars: Mapping[tuple[str, str], str]) -> Tree:
    return {f"{folder}/{name}-{version}.jar": _jar(group, name, version) for (group, name), version in jars.items()}


def _jar(group: str, name: str, version: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        properties = f"groupId={group}\nartifactId={name}\nversion={version}\n"
        archive.writestr(zipfile.ZipInfo(f"META-INF/maven/{group}/{name}/pom.properties"), properties)
    return made.getvalue()


def _notebook() -> bytes:
    url = f"mysql://analyst:{made_up.drawn('analyst', 18)}@warehouse.meridian.internal/churn"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": [f'engine = create_engine("{url}")']}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()
